import Plans
import Workers

extension RunOutcome {
    /// What all processes counted that answered in this run, one after the other; nil when one of
    /// them did not tell: then nobody knows the sum.
    static func responderTotals(
        _ last: ResponderResult?, isRunning: Bool, _ record: ResponderStage.Record, streams: Int
    ) -> ResponderResult? {
        guard !record.formers.isEmpty else { return last }
        guard var totals = isRunning ? last : .empty(streams: streams) else { return nil }
        for former in record.formers {
            guard let counts = former.counts else { return nil }
            totals.add(counts, drops: former.drops)
        }
        return totals
    }

    /// Whether the timeline had the responder's port closed for a time.
    var responderWasAway: Bool {
        timeline.events.contains { $0.event.action == .kill || $0.event.action == .stop }
    }

    /// How many more of a stream's probes were received than the responders' counts say; below
    /// zero: fewer.
    ///
    /// A process that is killed between a send call and the count of it has answered more than it
    /// counted, and one that is killed with probes in its hands has received more than it will
    /// ever answer. What the sender and the network have of answers decides: a probe that nobody
    /// has an answer of died with the responder. A first probe behind a gap, which counts when
    /// its next has come, is answered all the same.
    /// - Parameters:
    ///   - answered: What the responders' counts say.
    ///   - accounted: Answers that reached the sender or are in an account of the way back.
    func responderCorrection(
        _ stream: Int, flows: Int, answered: Int, accounted: Int, senderDrops: Int
    ) -> Int {
        guard !timeline.formers.isEmpty else { return 0 }
        let unanswered = answered - accounted
        if unanswered < 0 { return min(-unanswered, flows * timeline.formers.count) }
        let inHand = timeline.formers.reduce(0) { sum, former in
            guard let counts = former.counts, stream < counts.count else { return sum }
            return sum + counts[stream].inHand
        }
        return -min(inHand, max(0, unanswered - senderDrops))
    }
}
