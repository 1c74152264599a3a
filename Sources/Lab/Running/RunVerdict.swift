import JSON
import Metrics
import Plans
import Reports

/// Judges a run by its ledgers, this host's limits and the plan's thresholds.
///
/// An account that does not balance makes everything else worthless; after that comes whether
/// this host was the limit, because then the figures are not those of what was tested.
struct RunVerdict: Sendable {
    let scenario: ScenarioDefinition
    let stopSignal: String?
    /// Why the run ended before its time, other than by a signal.
    let failure: String?

    func judge(_ run: inout RunReport) {
        var reasons: [String] = []
        var verdicts: [Verdict] = []
        if let failure {
            verdicts.append(.inconclusive)
            reasons.append(failure)
        }
        let strangers = run.streams.compactMap { stranger($0, relay: run.relay) }
        if !strangers.isEmpty {
            verdicts.append(.invalid)
            reasons += strangers
        }
        let imbalances = run.streams.flatMap(unbalanced)
        if !imbalances.isEmpty {
            verdicts.append(.invalid)
            reasons += imbalances
        }
        if let stopSignal {
            verdicts.append(.aborted)
            reasons.append("stopped by \(stopSignal) before the end")
        }
        let limits = run.streams.flatMap(hostLimits) + relayLimits(run) + blindSpots(run)
        if !limits.isEmpty {
            verdicts.append(.inconclusive)
            reasons += limits
        }
        run.thresholds = run.streams.flatMap(thresholds)
        if stopSignal == nil, failure == nil {
            let idle = strangers.isEmpty ? run.streams.compactMap(idleness) : []
            if !idle.isEmpty { verdicts.append(.inconclusive) }
            reasons += idle
        }
        let missed = run.thresholds.filter { $0.passed != true }
        // What broke off, or never left this host, has not failed at the gate.
        let silent = Set(run.streams.filter { $0.ledger.sent == 0 }.map(\.sender))
        if failure == nil, missed.contains(where: { !silent.contains($0.sender) }) {
            verdicts.append(.fail)
        }
        reasons += missed.map {
            "\($0.sender): \($0.expression) does not hold: \(found($0))"
        }
        run.reasons = reasons
        run.verdict = Self.worst(verdicts, measuredHost: run.streams.contains(where: measuresHost))
    }

    private func unbalanced(_ stream: StreamReport) -> [String] {
        stream.ledger.imbalances().map { "the ledger of \(stream.sender): \($0)" }
            + (stream.chat?.ledger.imbalances() ?? []).map { "the room of \(stream.sender): \($0)" }
    }

    /// A limit of this host makes `inconclusive` the best that a run can be. A gate that failed
    /// has failed all the same, unless the host was what was measured: then no gate is judged.
    private static func worst(_ verdicts: [Verdict], measuredHost: Bool) -> Verdict {
        let gates: [Verdict] = measuredHost ? [.inconclusive, .fail] : [.fail, .inconclusive]
        for verdict in [Verdict.invalid, .aborted] + gates where verdicts.contains(verdict) {
            return verdict
        }
        return .pass
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
        guard let chat = stream.chat, let overflow = chat.memberOverflow, overflow > 0,
            Double(overflow) > scenario.tolerance * Double(chat.expected)
        else { return nil }
        return "\(stream.sender): \(UnitText.count(overflow)) of "
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
    private func thresholds(_ stream: StreamReport) -> [ThresholdReport] {
        guard stream.kind == .probes else { return [] }
        let figures = try? JSONCoding.encode(stream)
        return scenario.thresholds.map { threshold in
            let value = figures.flatMap { Self.value(threshold.figure, in: $0) }
            return ThresholdReport(
                sender: stream.sender, expression: threshold.text,
                figure: threshold.figure.reportPath.joined(separator: "."), value: value,
                passed: value.map { threshold.holds($0) })
        }
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
