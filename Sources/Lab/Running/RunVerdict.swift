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

    /// Whether the plan closed the port of the run's relay at times.
    let relayWasClosed: Bool

    init(
        scenario: ScenarioDefinition, stopSignal: String? = nil, brokeOff: Cause? = nil,
        relayWasClosed: Bool = false, unsent: [String] = []
    ) {
        self.scenario = scenario
        self.stopSignal = stopSignal
        self.brokeOff = brokeOff
        self.relayWasClosed = relayWasClosed
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
        judgement.add(.inconclusive, unmeasured(run))
        let strangers = run.streams.compactMap { stranger($0, relay: run.relay) }
        judgement.add(.invalid, strangers)
        judgement.add(.invalid, unsent)
        let written = try? run.written()
        judgement.add(.invalid, contradictions(run, written?.omissions ?? []))
        let limits =
            run.streams.flatMap { hostLimits($0, in: run) } + responderStall(run) + relayLimits(run)
            + blindSpots(run)
        judgement.add(.inconclusive, limits)
        for stream in run.streams { pathLimit(stream, &judgement) }
        if stopSignal == nil, brokeOff == nil, strangers.isEmpty {
            serviceFindings(run, isHostLimited: !limits.isEmpty, &judgement)
        }
        run.thresholds = run.streams.flatMap { stream in
            let obstacle = obstacle(toJudging: stream, in: run)
            let thresholds = thresholds(
                stream, in: written?.value, areJudged: obstacle == nil)
            if let obstacle, !thresholds.isEmpty {
                judgement.note("\(stream.sender): no threshold is judged: \(obstacle)")
            } else {
                judgement.add(.fail, thresholds.compactMap(miss))
            }
            return thresholds
        }
        return Judged(run, judgement)
    }

    /// Senders of which there is no stream, or a run without any: what was not measured has not
    /// passed. A run that ended before its time has a cause of its own.
    private func unmeasured(_ run: RunReport) -> [String] {
        guard stopSignal == nil, brokeOff == nil else { return [] }
        let measured = run.streams.map(\.sender)
        let missing = scenario.senders.map(\.name).filter { !measured.contains($0) }
        if missing.isEmpty, measured.isEmpty { return ["no stream was measured"] }
        return missing.map { "\($0): its sender gave no result" }
    }

    /// What contradicts itself: numbers below zero, ledgers that do not balance, and, in a run that
    /// came to its end, counts that do not agree with each other.
    private func contradictions(_ run: RunReport, _ omissions: [Omission]) -> [String] {
        let checks = CrossChecks(run, relayWasClosed: relayWasClosed)
        // What one worker could not tell any more makes the others' counts contradict nothing.
        let crossed =
            brokeOff == nil
            ? checks.contradictions()
            : run.streams.flatMap { stream in
                CrossChecks.unsent(stream).map { "\(stream.sender): \($0)" }
            }
        let negatives = omissions.filter(\.isBelowZero).map { omission in
            "\(place(omission.path, in: run)) is \(omission.found), and nothing of the kind is "
                + "below zero"
        }
        return crossed + run.streams.flatMap(unbalanced) + negatives
    }

    /// `$.streams[0].loss.count` as `calls: loss.count`.
    private func place(_ path: String, in run: RunReport) -> String {
        for (index, stream) in run.streams.enumerated() {
            let start = "$.streams[\(index)]."
            if path.hasPrefix(start) { return "\(stream.sender): \(path.dropFirst(start.count))" }
        }
        return String(path.dropFirst("$.".count))
    }

    private func unbalanced(_ stream: StreamReport) -> [String] {
        stream.ledger.imbalances().map { "the ledger of \(stream.sender): \($0)" }
            + (stream.chat?.ledger.imbalances() ?? []).map { "the room of \(stream.sender): \($0)" }
    }

    /// Why a stream that missed a threshold has not failed at it; nil where it has.
    private func obstacle(toJudging stream: StreamReport, in run: RunReport) -> String? {
        if brokeOff != nil { return "the run broke off" }
        if run.streams.contains(where: { measuresHost($0, in: run) }) {
            return "this host was what was measured"
        }
        if !blindSpots(run).isEmpty { return "what this host did cannot be told from loss" }
        return stream.ledger.sent == 0 ? "nothing was sent" : nil
    }

    /// Past this share of the scheduled datagrams that this host did not send or take in, and
    /// past the tolerance, a stream says more about the host than about anything else.
    private static let hostShareLimit = 0.1

    private func measuresHost(_ stream: StreamReport, in run: RunReport) -> Bool {
        if stalledShare(stream) > max(Self.hostShareLimit, scenario.tolerance) { return true }
        let limited = causes(stream, in: run).reduce(0) { $0 + $1.count }
        let scheduled = Double(stream.ledger.scheduled)
        return Double(limited) > max(Self.hostShareLimit, scenario.tolerance) * scheduled
    }

    // MARK: - This host's limits

    /// The accounts of the ledger that are this host's doing.
    private func causes(
        _ stream: StreamReport, in run: RunReport
    ) -> [(count: Int, sentence: String)] {
        let ledger = stream.ledger
        let isFloodToSink =
            stream.ledger.echoed == nil && ledger.responderReceived != nil
            && stream.pacing.intendedPps == nil
        let errnos = stream.otherErrors.sorted { $0.key < $1.key }.map {
            "\($0.key) \(UnitText.count($0.value))"
        }
        return [
            (ledger.skipped, "could not be sent in time: this host's processors were the limit"),
            (ledger.localQueue, "did not fit this host's sending queue (ENOBUFS)"),
            (ledger.localFirewall, "were refused by this host's own rules (EPERM): a firewall?"),
            (
                ledger.otherError,
                "could not be sent from this host (\(errnos.joined(separator: ", ")))"
            ),
            (
                // A flood towards a sink is expected to overflow it: that is how it finds the
                // capacity.
                isFloodToSink ? 0 : ledger.responderOverflow ?? 0,
                "overflowed the responder's receive buffer on this host"
            ),
            (
                failedAnswers(stream, in: run),
                "were received and could not be answered from this host (echo_failed)"
            ),
            (
                ledger.senderOverflow ?? 0,
                "were answered and overflowed the sender's receive buffer on this host"
            ),
        ]
    }

    /// Probes that udplab's own responder received and could not answer because its send calls
    /// failed.
    private func failedAnswers(_ stream: StreamReport, in run: RunReport) -> Int {
        answersAreOurs(run) ? stream.ledger.echoFailed ?? 0 : 0
    }

    /// Whether only this host can have failed what the responder sends. Where it saw resets its
    /// policy may have ended or paused it, and where the timeline acts on it that is the plan's
    /// doing.
    private func answersAreOurs(_ run: RunReport) -> Bool {
        let responders =
            run.responders.isEmpty ? [run.responder].compactMap(\.self) : run.responders
        return scenario.timeline.isEmpty
            && responders.allSatisfy {
                ($0.resets?.seen ?? 0) == 0 && ($0.resets?.ended ?? 0) == 0
            }
    }

    /// The share of its measured time in which a sender at `max` was stopped or descheduled. With
    /// a schedule the slots that passed meanwhile are `skipped`.
    private func stalledShare(_ stream: StreamReport) -> Double {
        stream.pacing.intendedPps == nil ? stream.pacing.stalls.share ?? 0 : 0
    }

    private func stall(_ stream: StreamReport) -> String? {
        let share = stalledShare(stream)
        guard share > scenario.tolerance, let measuredNs = stream.throughput.measuredNs else {
            return nil
        }
        return "\(stream.sender): this host stopped or descheduled the sender for "
            + "\(UnitText.text(share, unit: .ratio)) of \(UnitText.time(ns: Int(measuredNs))): "
            + "its rates say more about this host than about what it sent to"
    }

    /// What the timeline does to a responder is the plan's doing, and not told from a stall here.
    private func responderStall(_ run: RunReport) -> [String] {
        guard scenario.timeline.isEmpty else { return [] }
        let responders =
            run.responders.isEmpty ? [run.responder].compactMap(\.self) : run.responders
        return responders.compactMap { responder in
            guard let share = responder.stalls?.share, share > scenario.tolerance else {
                return nil
            }
            return "\(responder.name): this host stopped or descheduled the responder for "
                + "\(UnitText.text(share, unit: .ratio)) of the measured time: what was lost or "
                + "late then says more about this host than about what it was sent over"
        }
    }

    /// What a room's server could not send, and what its members had no room for in their own
    /// buffers.
    private func roomLimits(_ stream: StreamReport, in run: RunReport) -> [String] {
        guard let chat = stream.chat else { return [] }
        let causes = [
            (
                answersAreOurs(run) ? chat.failed : 0,
                "could not be sent by the room's server on this host"
            ),
            (chat.memberOverflow ?? 0, "overflowed the members' receive buffers on this host"),
        ].filter { $0.0 > 0 }
        guard exceedsTolerance(causes.reduce(0) { $0 + $1.0 }, of: chat.expected) else { return [] }
        return causes.map { count, sentence in
            "\(stream.sender): \(UnitText.count(count)) of \(UnitText.count(chat.expected)) "
                + "deliveries \(sentence)"
        }
    }

    /// Datagrams too long for the way are the plan's asking and the path's answer: what was planned
    /// was not measured. Some are refused before they leave, and some by a router of the path.
    private func pathLimit(_ stream: StreamReport, _ judgement: inout Judgement) {
        let ledger = stream.ledger
        let onPath = min(stream.socket.packetTooBig, ledger.sent)
        let tooLong = ledger.tooBig + onPath
        guard tooLong > 0 else { return }
        let onWay =
            onPath == 0
            ? ""
            : "; \(UnitText.count(onPath)) of them a router of the path dropped and said so, by "
                + "ICMP type 3 code 4 or ICMPv6 type 2"
        let sentence =
            "\(stream.sender): \(UnitText.count(tooLong)) of \(UnitText.count(ledger.scheduled)) "
            + "datagrams did not fit the path's MTU\(pathMTU(stream)) (EMSGSIZE\(onWay)): give the "
            + "sender a smaller \"payload\""
        if exceedsTolerance(tooLong, of: ledger.scheduled) {
            judgement.add(Cause(.inconclusive, sentence))
        } else {
            judgement.note(sentence)
        }
    }

    /// ` of 1,400 B, which a payload of 1,372 B fits`; empty where it is not known.
    private func pathMTU(_ stream: StreamReport) -> String {
        guard let bytes = stream.socket.pathMtuBytes else { return "" }
        let isIPv6 = stream.addresses.remote.hasPrefix("[")
        let most = bytes - NamespaceNetwork.headerBytes(isIPv6: isIPv6)
        return " of \(UnitText.count(bytes)) B, which a payload of \(UnitText.count(most)) B fits"
    }

    /// Whether so many are more than the plan's tolerance has room for.
    func exceedsTolerance(_ count: Int, of scheduled: Int) -> Bool {
        count > 0 && Double(count) > scenario.tolerance * Double(scheduled)
    }

    /// The tolerance is of all that this host did together: several of its limits add up.
    private func hostLimits(_ stream: StreamReport, in run: RunReport) -> [String] {
        let scheduled = stream.ledger.scheduled
        let causes = causes(stream, in: run).filter { $0.count > 0 }
        let exceeds = exceedsTolerance(causes.reduce(0) { $0 + $1.count }, of: scheduled)
        return (exceeds ? causes : []).map { count, sentence in
            "\(stream.sender): \(UnitText.count(count)) of \(UnitText.count(scheduled)) "
                + "datagrams \(sentence)"
        } + [stall(stream)].compactMap(\.self) + roomLimits(stream, in: run)
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

    /// A service that answers, and never with what it was sent: no figure is about an echo then.
    /// Udplab's own responders are known to be echoes, and what a relay altered is its doing.
    private func stranger(_ stream: StreamReport, relay: RelayReport?) -> String? {
        let answers = stream.rejected.fromResponder
        guard stream.kind == .probes, stream.ledger.received == 0, answers > 0,
            stream.ledger.responderReceived == nil,
            (relay?.forward.altered ?? 0) + (relay?.backward.altered ?? 0) == 0
        else { return nil }
        return "\(stream.sender): what answers at \(stream.addresses.remote) is no echo server: "
            + "none of its \(UnitText.count(answers)) answers was the probe that it had got"
    }

    // MARK: - Thresholds

    /// A hit-and-run sender is a disturbance and not what is measured: no threshold is on it.
    ///
    /// - Parameter written: The run as the report will have it.
    private func thresholds(
        _ stream: StreamReport, in written: JSONValue?, areJudged: Bool
    ) -> [ThresholdReport] {
        guard stream.kind == .probes else { return [] }
        let figures = written?.stream(of: stream.sender)
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

extension JSONValue {
    /// The stream of that sender, in a run.
    fileprivate func stream(of sender: String) -> JSONValue? {
        guard case .array(let streams)? = self["streams"] else { return nil }
        return streams.first { $0["sender"] == .string(sender) }
    }
}

extension RejectedReport {
    /// What came from the address that was asked, and is no answer.
    fileprivate var fromResponder: Int {
        short + truncated + runId + fromFuture + impossible + corrupt
    }
}
