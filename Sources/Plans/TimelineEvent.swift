/// What is done to a scenario's responder, or to its network, while the senders send.
package struct TimelineEvent: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        /// SIGKILL: the process is gone, with all that it had received and not answered.
        case kill
        /// The port is closed; the process lives on.
        case stop
        /// SIGSTOP: what arrives waits in the socket's buffer.
        case pause
        /// SIGCONT.
        case resume
        /// After `kill` a new process at the same address, after `stop` the port again.
        case start
        /// From now on the relay does what another emulated network of the plan says.
        case network
    }

    /// From the first measured slot.
    package let atNs: Int
    package let action: Action
    /// The responder, or the network that is switched to.
    package let subject: String
    /// How many of the responder's instances it happens to, from the first on; nil for all that
    /// it can happen to.
    package let instances: Int?
    /// What `subject` is the name of, where it is a network's.
    package let network: NetworkDefinition?
}

extension ScenarioDefinition {
    /// Whether the responder's process may be gone before it can say what it has counted: it is
    /// killed, or it may be paused when the run ends.
    package var mayEndResponder: Bool {
        timeline.contains { $0.action == .kill || $0.action == .pause }
    }

    /// `network` and those that the timeline switches to.
    package func networks(of network: NetworkDefinition) -> [NetworkDefinition] {
        [network] + timeline.compactMap(\.network)
    }
}
