import Plans
import Workers

/// An event of the timeline with the time at which it really was.
struct ConductedEvent: Sendable {
    let event: TimelineEvent
    /// Of the responder; nil for a network.
    let instance: Int?
    /// Monotonic. Of `kill`, `pause` and `resume`: just before the signal was sent. Of `stop` and
    /// `start`: when the port was closed or open, as the responder says; of a command: when it
    /// answered.
    let atNs: Int64
    let detail: String
}

/// A responder that the timeline killed.
struct FormerResponder: Sendable {
    let member: RunOutcome.Member
    /// Nil where they could not be read, or nobody counts.
    let counts: KilledCounts?
    /// Of its socket, just before it was killed.
    let drops: Int?
}
