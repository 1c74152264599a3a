import Metrics
import Reports

/// Cross-checks of one run: comparisons of numbers that two sides counted, or that follow from each
/// other.
///
/// A ledger whose lines balance can still be wrong, because its remainders absorb any difference.
/// Each check here compares two numbers of different origin, and each sentence has both.
final class CrossChecks: Sendable {
    let run: RunReport
    /// Whether the relay's port was closed at times: the relay does not count datagrams that met it
    /// then.
    let relayWasClosed: Bool

    init(_ run: RunReport, relayWasClosed: Bool = false) {
        self.run = run
        self.relayWasClosed = relayWasClosed
    }

    /// Returns a sentence for each contradiction; none for a sound run.
    func contradictions() -> [String] {
        run.streams.flatMap { stream in
            (Self.unsent(stream) + Self.losses(stream) + Self.excess(stream)
                + Self.intervals(stream)).map { "\(stream.sender): \($0)" }
        } + injected() + rejected()
    }

    // MARK: - One stream

    /// Returns the excess of arrivals over sends. Forged datagrams can cause it without a fault of
    /// udplab.
    static func unsent(_ stream: StreamReport) -> [String] {
        let ledger = stream.ledger
        let known = "datagrams arrived that nobody sent: "
        if let received = ledger.responderReceived, received > ledger.sent {
            return [
                "\(known)\(count(received)) reached the responder, and \(count(ledger.sent)) "
                    + "were sent to it"
            ]
        }
        // A sink learns the number of probes from their sequence numbers.
        let numbered = stream.loss.count + ledger.inTime
        if stream.isFollowed, stream.rttNs == nil, numbered > ledger.sent {
            return [
                "\(known)by the numbers of those that did there were \(count(numbered)), and "
                    + "\(count(ledger.sent)) were sent"
            ]
        }
        let answers = ledger.echoed ?? ledger.responderReceived ?? ledger.sent
        guard stream.isFollowed, ledger.received > answers else { return [] }
        return [
            "\(known)\(count(ledger.received)) answers came back, and the other side can have "
                + "sent \(count(answers))"
        ]
    }

    /// Checks the losses. A third party's losses of an ephemeral-port sender's datagrams are
    /// unknown.
    private static func losses(_ stream: StreamReport) -> [String] {
        guard stream.isFollowed || stream.ledger.responderReceived != nil else { return [] }
        let ledger = stream.ledger
        let wrong = ledger.wrongAnswer ?? 0
        let missing = ledger.sent - ledger.inTime - wrong
        guard stream.loss.count != missing else { return [] }
        return [
            "loss.count is \(count(stream.loss.count)), and sent \(count(stream.ledger.sent)) - "
                + "in_time \(count(ledger.inTime))"
                + (wrong > 0 ? " - wrong_answer \(count(wrong))" : "") + " is \(count(missing))"
        ]
    }

    /// Returns counts of probes that exceed the scheduled ones. Copies and answers may exceed them.
    private static func excess(_ stream: StreamReport) -> [String] {
        let loss = stream.loss
        let counts = [
            ("loss.count", loss.count), ("loss.late", loss.late), ("loss.never", loss.never),
            ("loss.longest_burst", loss.longestBurst),
            ("reordering.count", stream.reordering?.count ?? 0),
        ]
        return counts.compactMap { name, value in
            guard value > stream.ledger.scheduled else { return nil }
            return "\(name) is \(count(value)), and no more than "
                + "\(count(stream.ledger.scheduled)) were scheduled"
        }
    }

    /// Checks that the intervals add up to the totals, even if the last includes later events. A
    /// killed responder leaves no intervals.
    private static func intervals(_ stream: StreamReport) -> [String] {
        guard !stream.intervals.isEmpty else { return [] }
        func sum(_ path: KeyPath<IntervalFigures, Int>) -> Int {
            stream.intervals.reduce(0) { $0 + $1[keyPath: path] }
        }
        var totals = [
            ("sent", sum(\.sent), stream.ledger.sent),
            ("received", sum(\.received), stream.ledger.inTime + stream.ledger.late),
            ("lost", sum(\.lost), stream.loss.count),
        ]
        if let copies = stream.duplication {
            totals.append(("duplicates", sum(\.duplicates), copies.count))
        }
        if let reordering = stream.reordering {
            totals.append(("reordered", sum(\.reordered), reordering.count))
        }
        // A far side does not know of unsent probes.
        if stream.rttNs != nil { totals.append(("refused", sum(\.refused), stream.ledger.refused)) }
        let skipped = stream.intervals.compactMap(\.skipped)
        if skipped.count == stream.intervals.count {
            totals.append(("skipped", skipped.reduce(0, +), stream.ledger.skipped))
        }
        return totals.compactMap { name, sum, total in
            guard sum != total else { return nil }
            return "the intervals have \(count(sum)) \(name), and the stream has \(count(total))"
        }
    }

    // MARK: - The whole run

    /// Checks the network's drops and alterations in the ledgers against the network's own counts.
    /// Neither counts datagrams that met the relay's closed port.
    private func injected() -> [String] {
        guard run.relay != nil || run.networkDetail != nil else { return [] }
        let ledgers = run.streams.map(\.ledger)
        func sum(_ accounts: [Int?]) -> Int { accounts.reduce(0) { $0 + ($1 ?? 0) } }
        let forward = sum(ledgers.flatMap { [$0.forwardInjected, $0.forwardCorrupt] })
        let backward = sum(ledgers.flatMap { [$0.backwardInjected, $0.backwardCorrupt] })
        let counted = (
            forward: Self.dropped(run.relay?.forward, run.networkDetail?.forward),
            backward: Self.dropped(run.relay?.backward, run.networkDetail?.backward)
        )
        // An altered probe may be missed on the return path: its answer is altered as well.
        let altered = run.relay?.forward.altered ?? 0
        let open = [
            ("on the way there", forward, counted.forward),
            ("on both ways", forward + backward, counted.forward + counted.backward),
        ]
        let ways =
            (relayWasClosed ? [] : open)
            + [("on the way back", backward, counted.backward + altered)]
        return ways.compactMap { name, told, counted in
            guard told > counted else { return nil }
            return "the ledgers say that the network dropped or altered \(Self.count(told)) "
                + "datagrams \(name), and it counted \(Self.count(counted))"
        }
    }

    private static func dropped(_ relay: RelayReport.Way?, _ network: NetworkReport.Way?) -> Int {
        var count = (network?.lost ?? 0) + (network?.queueDrops ?? 0)
        if let relay {
            count += relay.lost + relay.blackholed + relay.refused + relay.tailDropped
            count += relay.lostToHost + relay.heldAtStop + relay.altered
        }
        return count
    }

    /// Checks that probes rejected by the responder are not lost on the path to it. Datagrams from
    /// an unknown source are not probes.
    private func rejected() -> [String] {
        let reasons = run.responder?.rejected ?? [:]
        let byReason = reasons.reduce(0) { $0 + ($1.key == "peer" ? 0 : $1.value) }
        let ledgers = run.streams.map(\.ledger)
        let accounted = ledgers.reduce(0) { $0 + ($1.rejected ?? 0) + ($1.forwardCorrupt ?? 0) }
        let lost = ledgers.reduce(0) { $0 + ($1.forwardLost ?? 0) }
        guard byReason > accounted, lost > 0 else { return [] }
        return [
            "the responder rejected \(Self.count(byReason)) datagrams, of which the ledgers have "
                + "\(Self.count(accounted)), and \(Self.count(lost)) probes count as lost on the "
                + "way there: some may be both"
        ]
    }

    private static func count(_ value: Int) -> String { UnitText.count(value) }
}
