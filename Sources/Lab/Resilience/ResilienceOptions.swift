import Datagrams
import Load
import Logging
import Plans

/// The user's options of a battery.
package struct ResilienceOptions: Sendable {
    package static let soakNs: Int64 = 30_000_000_000
    package static let stormNs: Int64 = 5_000_000_000
    package static let readyTimeoutNs = 30_000_000_000

    package var profile = ResilienceProfile.basic
    /// The ids of trials to run, whatever the profile; empty for all of the profile.
    package var only: [String] = []
    package var seed = 1
    package var soakNs = Self.soakNs
    package var stormNs = Self.stormNs
    /// The time limit for the server's first answer after its start.
    package var readyTimeoutNs = Self.readyTimeoutNs
    /// The request with which the server is asked; nil for an echo server.
    package var request: RequestDefinition?
    package var version = "0"
    package var logger = Logger(label: "udplab")
    package var workerProgram = WorkerSpecification.thisProgram

    package init() {}
}

/// The server under test of a battery.
package struct ResilienceTarget: Sendable {
    /// The command that starts the server; nil if it runs already.
    package let command: [String]?
    package let address: SocketAddress
    /// The other host on which the command is started; nil for this one.
    let far: Far?

    /// Another host of a plan, as a battery needs it.
    struct Far: Sendable {
        /// The name in the plan.
        let name: String
        let place: any WorkerPlace
        /// This host's address on the way there, from which the questions come.
        let source: SocketAddress
    }

    package init(command: [String]?, address: SocketAddress) {
        self.init(command: command, address: address, far: nil)
    }

    init(command: [String]?, address: SocketAddress, far: Far?) {
        self.command = command
        self.address = address
        self.far = far
    }
}
