import Loops
import Plans

/// An event of the timeline with its actual time.
struct ConductedEvent: Sendable {
    let event: TimelineEvent
    /// The instance of the responder; nil for a network.
    let instance: Int?
    /// The monotonic time. Of `kill`, `pause` and `resume`: just before the signal was sent. Of
    /// `stop` and `start`: when the port was closed or open, as reported by the responder; of a
    /// command: when it answered.
    let atNs: Int64
    let detail: String
}

/// A responder that the timeline killed.
struct FormerResponder: Sendable {
    let member: RunOutcome.Member
    /// The counts; nil if they could not be read, or for a responder without counts.
    let counts: KilledCounts?
    /// The drops of its socket, just before it was killed.
    let drops: Int?
}
