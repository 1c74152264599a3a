import Load
import Logging
import Plans

/// The options with which the lab runs a plan, from the command line.
package struct RunOptions: Sendable {
    /// The program that is spawned as a worker: this one.
    package var workerProgram = WorkerSpecification.thisProgram
    /// The log of every datagram event at the senders; `nil` for none.
    package var datagramLog: String?
    /// The settings of the command line that override the plan's.
    package var knobs = KnobOverrides()
    /// Diagnostics of the control plane, on standard error.
    package var logger = Logger(label: "udplab") { _ in SwiftLogNoOpLogHandler() }
    package var version = "0"

    package init() {}
}

/// The four settings of a stream that the command line may override.
package struct KnobOverrides: Sendable {
    package var sendmmsg: OffloadKnobs.Knob?
    package var gso: OffloadKnobs.Knob?
    package var recvmmsg: OffloadKnobs.Knob?
    package var gro: OffloadKnobs.Knob?

    package init() {}

    func over(_ knobs: OffloadKnobs) -> OffloadKnobs {
        var result = knobs
        if let sendmmsg { result.sendmmsg = sendmmsg }
        if let gso { result.gso = gso }
        if let recvmmsg { result.recvmmsg = recvmmsg }
        if let gro { result.gro = gro }
        return result
    }
}
