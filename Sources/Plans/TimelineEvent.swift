/// An action on a scenario's responder, or on its network, while the senders send.
package struct TimelineEvent: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        /// SIGKILL: the process is killed, with all datagrams that it had received and not
        /// answered.
        case kill
        /// The port is closed; the process keeps running.
        case stop
        /// SIGSTOP: arriving datagrams wait in the socket's buffer.
        case pause
        /// SIGCONT: the process continues.
        case resume
        /// Starts a new process at the same address after `kill`, or opens the port again after
        /// `stop`.
        case start
        /// Has the relay switch to another emulated network of the plan.
        case network
    }

    /// The time relative to the first measured slot.
    package let atNs: Int
    package let action: Action
    /// The responder, or the network to switch to.
    package let subject: String
    /// The number of the responder's instances concerned, from the first on; nil for all for which
    /// the action is possible.
    package let instances: Int?
    /// The network named by `subject`, if it is one.
    package let network: NetworkDefinition?
}

extension ScenarioDefinition {
    /// Whether the responder's process may be unable to report its counts: it is killed, or it may
    /// be paused when the run ends.
    package var mayEndResponder: Bool {
        timeline.contains { $0.action == .kill || $0.action == .pause }
    }

    /// Returns `network` and those that the timeline switches to.
    package func networks(of network: NetworkDefinition) -> [NetworkDefinition] {
        [network] + timeline.compactMap(\.network)
    }
}
