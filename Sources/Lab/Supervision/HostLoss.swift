/// The loss of a host in the middle of a plan: nothing more is known of its workers.
package struct HostLoss: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the host in the plan.
    package let host: String
    /// The sign of the loss, the end of a sentence: `said nothing for 5 seconds`.
    package let reason: String
    /// The time at which the host was heard last, of this host's monotonic clock.
    package let heardNs: Int64
    /// The last lines of the launcher's standard error.
    package let lastWords: [String]

    package init(host: String, reason: String, heardNs: Int64, lastWords: [String]) {
        self.host = host
        self.reason = reason
        self.heardNs = heardNs
        self.lastWords = lastWords
    }

    package var sentence: String {
        let last = lastWords.last { !$0.isEmpty }
        return "host \"\(host)\" \(reason)"
            + (last.map { "; its launcher's last words: \($0)" } ?? "")
    }

    package var description: String { sentence }
}
