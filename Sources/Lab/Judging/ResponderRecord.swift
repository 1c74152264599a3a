import Loops
import Plans

/// The timeline's effects on an instance of a run's responder.
struct ResponderRecord: Sendable {
    var events: [ConductedEvent] = []
    /// The killed processes in order.
    var formers: [FormerResponder] = []
    /// The datagrams dropped by full buffers while the responder was paused.
    var outageDrops = 0

    /// The periods in which the responder was kept from answering.
    var absences: [ResponderAbsence] { ResponderAbsence.all(events) }

    /// Whether the responder's port was closed for a time, or its process was killed with datagrams
    /// in its buffer.
    var hasBeenAway: Bool {
        !formers.isEmpty
            || events.contains { $0.event.action == .kill || $0.event.action == .stop }
    }

    /// Returns the counts of all processes that answered in the run, one after the other; nil if
    /// one of them did not report, so that the sum is unknown.
    /// - Parameters:
    ///   - last: The result of the process that was running at the end.
    ///   - isAlive: Whether there was such a process.
    ///   - streams: The number of streams.
    func totals(last: ResponderResult?, isAlive: Bool, streams: Int) -> ResponderResult? {
        guard !formers.isEmpty else { return last }
        guard var totals = isAlive ? last : .empty(streams: streams) else { return nil }
        for former in formers {
            guard let counts = former.counts else { return nil }
            totals.add(counts, drops: former.drops)
        }
        return totals
    }

    /// Returns the number of a stream's received probes beyond the responders' counts; negative if
    /// there are fewer.
    ///
    /// A process killed between a send call and its count has answered more probes than it counted,
    /// and one killed before answering has received more than it will ever answer. The answers at
    /// the sender and in the network decide: a probe without an answer there was lost with the
    /// responder. A first probe behind a gap, which counts when its successor has arrived, is
    /// answered nevertheless. If copies may count twice, the answers to the second of them are
    /// copies at the relay: an answer that the relay did not see was none.
    /// - Parameters:
    ///   - answered: The answers by the responders' counts.
    ///   - accounted: The answers that reached a relay or the sender, or are in an account of the
    ///     return path.
    ///   - senderDrops: The drops of the sender's sockets, and datagrams that arrived there too
    ///     late: possibly answers as well.
    ///   - countsCopies: Whether several threads or processes may have counted copies of one probe,
    ///     and a relay saw all answers.
    func correction(
        _ stream: Int, flows: Int, answered: Int, accounted: Int, senderDrops: Int,
        countsCopies: Bool = false
    ) -> Int {
        let unanswered = answered - accounted
        if unanswered < 0 { return min(-unanswered, flows * formers.count) }
        if countsCopies { return -max(0, unanswered - senderDrops) }
        let inHand = formers.reduce(0) { sum, former in
            guard let counts = former.counts?.streams, stream < counts.count else { return sum }
            return sum + counts[stream].inHand
        }
        return -min(inHand, max(0, unanswered - senderDrops))
    }
}
