import Datagrams
import Logging
import Plans

/// What the user may choose of a battery.
package struct ResilienceOptions: Sendable {
    package static let soakNs: Int64 = 30_000_000_000
    package static let stormNs: Int64 = 5_000_000_000
    package static let readyTimeoutNs = 30_000_000_000

    package var profile = ResilienceProfile.basic
    /// Trials to run, by id, whatever the profile has; empty for all of the profile.
    package var only: [String] = []
    package var seed = 1
    package var soakNs = Self.soakNs
    package var stormNs = Self.stormNs
    /// How long the server may take to answer after its start.
    package var readyTimeoutNs = Self.readyTimeoutNs
    package var version = "0"
    package var logger = Logger(label: "udplab")
    package var workerProgram = WorkerSpecification.thisProgram

    package init() {}
}

/// The server that a battery tries.
package struct ResilienceTarget: Sendable {
    /// To start it with; nil when it runs already.
    package let command: [String]?
    package let address: SocketAddress

    package init(command: [String]?, address: SocketAddress) {
        self.command = command
        self.address = address
    }
}
