import Plans
import Workers

/// What the timeline made of an instance of a run's responder.
struct ResponderRecord: Sendable {
    var events: [ConductedEvent] = []
    /// Those that were killed, in order.
    var formers: [FormerResponder] = []
    /// What full buffers refused while the responder was paused.
    var outageDrops = 0

    /// The times in which it was kept from answering.
    var absences: [ResponderAbsence] { ResponderAbsence.all(events) }

    /// Whether the responder's port was closed for a time, or its process ended with what was in
    /// its buffer.
    var hasBeenAway: Bool {
        !formers.isEmpty
            || events.contains { $0.event.action == .kill || $0.event.action == .stop }
    }

    /// What all processes counted that answered in the run, one after the other; nil when one of
    /// them did not tell: then nobody knows the sum.
    /// - Parameters:
    ///   - last: What the one that was alive at the end said.
    ///   - isAlive: Whether there was one.
    ///   - streams: How many there are of them.
    func totals(last: ResponderResult?, isAlive: Bool, streams: Int) -> ResponderResult? {
        guard !formers.isEmpty else { return last }
        guard var totals = isAlive ? last : .empty(streams: streams) else { return nil }
        for former in formers {
            guard let counts = former.counts else { return nil }
            totals.add(counts, drops: former.drops)
        }
        return totals
    }

    /// How many more of a stream's probes were received than the responders' counts say; below
    /// zero: fewer.
    ///
    /// A process that is killed between a send call and the count of it has answered more than it
    /// counted, and one that is killed with probes in its hands has received more than it will
    /// ever answer. What the sender and the network have of answers decides: a probe that nobody
    /// has an answer of died with the responder. A first probe behind a gap, which counts when
    /// its next has come, is answered all the same. Where copies may count twice, the answers to
    /// the second of them are copies at the relay: what it did not see was none.
    /// - Parameters:
    ///   - answered: What the responders' counts say.
    ///   - accounted: Answers that reached a relay or the sender, or are in an account of the way
    ///     back.
    ///   - senderDrops: Of the sender's sockets, and what came there too late: answers as well,
    ///     perhaps.
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
