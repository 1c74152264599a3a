import Logging
import Plans

/// How the lab runs a plan, as the command line says it.
package struct RunOptions: Sendable {
    /// What is spawned as a worker: this program.
    package var workerProgram = WorkerSpecification.thisProgram
    /// Where every datagram event at the senders is logged; `nil` for nowhere.
    package var datagramLog: String?
    /// What the command line says of the knobs, over what the plan says.
    package var knobs = KnobOverrides()
    /// Diagnostics, on standard error; the control plane's alone.
    package var logger = Logger(label: "udplab") { _ in SwiftLogNoOpLogHandler() }
    package var version = "0"

    package init() {}
}

/// The four knobs of a stream, where they are given on the command line.
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
