import JSON
import Metrics
import Plans
import Reports

/// Judge of a run: its ledgers, this host's limits, and the plan's thresholds.
///
/// Each finding is a ``Cause`` with a verdict of its own, and the verdict of the run is that of the
/// most severe. An account that does not balance makes everything else worthless; after that
/// comes whether this host was the limit, because then the figures are not those of what was
/// tested.
struct RunVerdict: Sendable {
    let scenario: ScenarioDefinition
    let stopSignal: String?
    /// What ended the run before its time, other than a signal.
    let brokeOff: Cause?
    /// Contradictions between what a sender sent and what arrived, in sentences.
    let unsent: [String]

    init(
        scenario: ScenarioDefinition, stopSignal: String? = nil, brokeOff: Cause? = nil,
        unsent: [String] = []
    ) {
        self.scenario = scenario
        self.stopSignal = stopSignal
        self.brokeOff = brokeOff
        self.unsent = unsent
    }

    /// - Parameter run: What was measured; it leaves with its thresholds judged.
    func judged(_ run: RunReport) -> Judged<RunReport> {
        var run = run
        var judgement = Judgement(notices: run.notices)
        if let stopSignal {
            judgement.add(Cause(.aborted, "stopped by \(stopSignal) before the end"))
        }
        if let brokeOff { judgement.add(brokeOff) }
        let strangers = run.streams.compactMap { stranger($0, relay: run.relay) }
        judgement.add(.invalid, strangers)
        judgement.add(.invalid, unsent)
        judgement.add(.invalid, run.streams.flatMap(unbalanced))
        judgement.add(.inconclusive, run.streams.flatMap(hostLimits) + relayLimits(run))
        if stopSignal == nil, brokeOff == nil, strangers.isEmpty {
            judgement.add(.inconclusive, run.streams.compactMap(idleness))
        }
        run.thresholds = run.streams.flatMap { stream in
            let obstacle = obstacle(toJudging: stream, in: run)
            let thresholds = thresholds(stream, areJudged: obstacle == nil)
            if let obstacle, !thresholds.isEmpty {
                judgement.note("\(stream.sender): no threshold is judged: \(obstacle)")
            } else {
                judgement.add(.fail, thresholds.compactMap(miss))
            }
            return thresholds
        }
        return Judged(run, judgement)
    }

    private func unbalanced(_ stream: StreamReport) -> [String] {
        stream.ledger.imbalances().map { "the ledger of \(stream.sender): \($0)" }
            + (stream.chat?.ledger.imbalances() ?? []).map { "the room of \(stream.sender): \($0)" }
    }

    /// Why a stream that missed a threshold has not failed at it; nil where it has.
    private func obstacle(toJudging stream: StreamReport, in run: RunReport) -> String? {
        if brokeOff != nil { return "the run broke off" }
        if run.streams.contains(where: measuresHost) { return "this host was what was measured" }
        return stream.ledger.sent == 0 ? "nothing was sent" : nil
    }

    /// Past this share of the scheduled datagrams that this host did not send or take in, and
    /// past the tolerance, a stream says more about the host than about anything else.
    private static let hostShareLimit = 0.1

    private func measuresHost(_ stream: StreamReport) -> Bool {
        let limited = causes(stream).reduce(0) { $0 + $1.count }
        let scheduled = Double(stream.ledger.scheduled)
        return Double(limited) > max(Self.hostShareLimit, scenario.tolerance) * scheduled
    }

    // MARK: - This host's limits

    /// The accounts of the ledger that are this host's doing.
    private func causes(_ stream: StreamReport) -> [(count: Int, sentence: String)] {
        let ledger = stream.ledger
        let isFloodToSink =
            stream.ledger.echoed == nil && ledger.responderReceived != nil
            && stream.pacing.intendedPps == nil
        return [
            (ledger.skipped, "could not be sent in time: this host's processors were the limit"),
            (ledger.localQueue, "did not fit this host's sending queue (ENOBUFS)"),
            (
                // A flood towards a sink is expected to overflow it: that is how it finds the
                // capacity.
                isFloodToSink ? 0 : ledger.responderOverflow ?? 0,
                "overflowed the responder's receive buffer on this host"
            ),
            (
                ledger.senderOverflow ?? 0,
                "were answered and overflowed the sender's receive buffer on this host"
            ),
        ]
    }

    /// What a room's members had no room for in their own buffers.
    private func roomLimit(_ stream: StreamReport) -> String? {
        guard let chat = stream.chat, chat.memberOverflow > 0,
            Double(chat.memberOverflow) > scenario.tolerance * Double(chat.expected)
        else { return nil }
        return "\(stream.sender): \(UnitText.count(chat.memberOverflow)) of "
            + "\(UnitText.count(chat.expected)) deliveries overflowed the members' receive buffers "
            + "on this host"
    }

    private func hostLimits(_ stream: StreamReport) -> [String] {
        let ledger = stream.ledger
        let tolerated = scenario.tolerance * Double(ledger.scheduled)
        return causes(stream).compactMap { count, sentence in
            guard Double(count) > tolerated, count > 0 else { return nil }
            return "\(stream.sender): \(UnitText.count(count)) of "
                + "\(UnitText.count(ledger.scheduled)) datagrams \(sentence)"
        } + [roomLimit(stream)].compactMap(\.self)
    }

    /// What the relay could not carry is in `injected`, since it dropped it, and no part of what
    /// the plan asked for.
    private func relayLimits(_ run: RunReport) -> [String] {
        guard let relay = run.relay else { return [] }
        let scheduled = run.streams.reduce(0) { $0 + $1.ledger.scheduled }
        let ways = [("probes", relay.forward), ("answers", relay.backward)]
        return ways.compactMap { name, way in
            guard Double(way.lostToHost) > scenario.tolerance * Double(scheduled) else {
                return nil
            }
            return "the relay could not carry \(UnitText.count(way.lostToHost)) \(name): its "
                + "sockets or its memory on this host were the limit"
        }
    }

    /// Zero throughput never passes: a stream on which nothing arrived says so.
    private func idleness(_ stream: StreamReport) -> String? {
        let ledger = stream.ledger
        if ledger.sent == 0 {
            let why = ledger.skipped > 0 ? ", because this host's processors were the limit" : ""
            return "\(stream.sender): nothing was sent\(why)"
        }
        guard ledger.received == 0, stream.kind == .probes else { return nil }
        let to = stream.addresses.remote
        let resets = stream.resets.seen
        return resets > 0
            ? "\(stream.sender): nobody listens at \(to): nothing was answered, and \(resets) "
                + "resets (ICMP port unreachable) came back"
            : "\(stream.sender): nothing was answered from \(to)"
    }

    /// A service that answers, and never with what it was sent: no figure is about an echo then.
    /// Udplab's own responders are known to be echoes, and what a relay altered is its doing.
    private func stranger(_ stream: StreamReport, relay: RelayReport?) -> String? {
        let answers = stream.rejected.fromResponder
        guard stream.kind == .probes, stream.ledger.received == 0, answers > 0,
            stream.ledger.responderReceived == nil,
            (relay?.forward.corrupted ?? 0) + (relay?.backward.corrupted ?? 0) == 0
        else { return nil }
        return "\(stream.sender): what answers at \(stream.addresses.remote) is no echo server: "
            + "none of its \(UnitText.count(answers)) answers was the probe that it had got"
    }

    // MARK: - Thresholds

    /// A hit-and-run sender is a disturbance and not what is measured: no threshold is on it.
    private func thresholds(_ stream: StreamReport, areJudged: Bool) -> [ThresholdReport] {
        guard stream.kind == .probes else { return [] }
        let figures = try? JSONCoding.encode(stream)
        return scenario.thresholds.map { threshold in
            let value = figures.flatMap { Self.value(threshold.figure, in: $0) }
            return ThresholdReport(
                sender: stream.sender, expression: threshold.text,
                figure: threshold.figure.reportPath.joined(separator: "."), value: value,
                passed: areJudged ? value.map { threshold.holds($0) } : nil)
        }
    }

    /// The sentence on a threshold that does not hold; nil for one that does.
    private func miss(_ threshold: ThresholdReport) -> String? {
        guard threshold.passed != true else { return nil }
        return "\(threshold.sender): \(threshold.expression) does not hold: \(found(threshold))"
    }

    private func found(_ threshold: ThresholdReport) -> String {
        let path = threshold.figure.split(separator: ".").map(String.init)
        guard let value = threshold.value else { return "there is no value to judge" }
        return "it is \(UnitText.text(value, unit: ReportFormat.streamField(path)?.unit))"
    }

    private static func value(_ figure: Figure, in stream: JSONValue) -> Double? {
        var value: JSONValue? = stream
        for key in figure.reportPath { value = value?[key] }
        switch value {
        case .integer(let integer)?: return Double(integer)
        case .number(let number)?: return number
        default: return nil
        }
    }
}

extension RejectedReport {
    /// What came from the address that was asked, and is no answer.
    fileprivate var fromResponder: Int {
        short + truncated + runId + fromFuture + impossible + corrupt
    }
}
