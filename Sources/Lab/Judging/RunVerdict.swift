import JSON
import Metrics
import Plans
import Reports

/// The judge of a run: its ledgers, this host's limits, and the plan's thresholds.
///
/// Each finding is a ``Cause`` with a verdict of its own, and the verdict of the run is that of the
/// most severe. An account that does not balance invalidates everything else; next is whether this
/// host was the limit, because then the figures do not describe the service under test.
struct RunVerdict: Sendable {
    let scenario: ScenarioDefinition
    let stopSignal: String?
    /// The cause that ended the run before its time, other than a signal.
    let brokeOff: Cause?
    /// Contradictions between what a sender sent and what arrived, in sentences.
    let unsent: [String]
    /// The timeline's events that were not carried out, in sentences.
    let unconducted: [String]
    /// Whether the plan closed the port of the run's relay at times.
    let relayWasClosed: Bool

    init(
        scenario: ScenarioDefinition, stopSignal: String? = nil, brokeOff: Cause? = nil,
        relayWasClosed: Bool = false, unsent: [String] = [],
        unconducted: [String] = []
    ) {
        self.scenario = scenario
        self.stopSignal = stopSignal
        self.brokeOff = brokeOff
        self.relayWasClosed = relayWasClosed
        self.unsent = unsent
        self.unconducted = unconducted
    }

    /// Judges a run.
    /// - Parameter run: The measured run, which is returned with judged thresholds.
    func judged(_ run: RunReport) -> Judged<RunReport> {
        var run = run
        var judgement = Judgement(notices: run.notices)
        if let stopSignal {
            judgement.add(Cause(.aborted, "stopped by \(stopSignal) before the end"))
        }
        if let brokeOff { judgement.add(brokeOff) }
        judgement.add(.inconclusive, unmeasured(run))
        if stopSignal == nil, brokeOff == nil { judgement.add(.inconclusive, unconducted) }
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
                let decided = thresholds.filter { undecided($0, stream) == nil }
                judgement.add(.fail, decided.compactMap(miss))
                judgement.add(.inconclusive, thresholds.compactMap { undecided($0, stream) })
            }
            return thresholds
        }
        return Judged(run, judgement)
    }

    /// Returns sentences on senders without a stream, or on a run without any: a stream that was
    /// not measured has not passed. A run that broke off has a cause of its own.
    private func unmeasured(_ run: RunReport) -> [String] {
        guard stopSignal == nil, brokeOff == nil else { return [] }
        let measured = run.streams.map(\.sender)
        let missing = scenario.senders.map(\.name).filter { !measured.contains($0) }
        if missing.isEmpty, measured.isEmpty { return ["no stream was measured"] }
        return missing.map { "\($0): its sender gave no result" }
    }

    /// Returns the contradictions: numbers below zero, ledgers that do not balance, and, in a
    /// complete run, counts that contradict each other.
    private func contradictions(_ run: RunReport, _ omissions: [Omission]) -> [String] {
        let checks = CrossChecks(run, relayWasClosed: relayWasClosed)
        // If one worker could not report, the others' counts are no contradiction.
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

    /// Returns a path as a place: `$.streams[0].loss.count` as `calls: loss.count`.
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

    /// Returns the reason why a stream that missed a threshold has not failed it; nil if it has.
    private func obstacle(toJudging stream: StreamReport, in run: RunReport) -> String? {
        if brokeOff != nil { return "the run broke off" }
        if run.streams.contains(where: { measuresHost($0, in: run) }) {
            return "this host was what was measured"
        }
        if !blindSpots(run).isEmpty { return "what this host did cannot be told from loss" }
        return stream.ledger.sent == 0 ? "nothing was sent" : nil
    }

    /// The share of scheduled datagrams that this host did not send or receive from which on,
    /// beyond the tolerance, a stream describes the host more than anything else.
    private static let hostShareLimit = 0.1

    private func measuresHost(_ stream: StreamReport, in run: RunReport) -> Bool {
        if stalledShare(stream) > max(Self.hostShareLimit, scenario.tolerance) { return true }
        let limited = causes(stream, in: run).reduce(0) { $0 + $1.count }
        let scheduled = Double(stream.ledger.scheduled)
        return Double(limited) > max(Self.hostShareLimit, scenario.tolerance) * scheduled
    }

    // MARK: - Limits of the hosts

    /// The maximum number of hosts that a sentence names.
    private static let hostsNamed = 3

    /// The host of a stream's sender in a sentence.
    func host(of stream: StreamReport) -> String {
        let sender = scenario.senders.first { $0.name == stream.sender }
        guard let fleet = sender?.fleet else { return Self.text(sender?.host) }
        let named = fleet.hosts.prefix(Self.hostsNamed).map { "\"\($0)\"" }.joined(separator: ", ")
        let more = fleet.hosts.count - Self.hostsNamed
        return "the hosts \(named)" + (more > 0 ? " and \(more) more" : "")
    }

    /// The host that answers a stream in a sentence.
    func responderHost(of stream: StreamReport) -> String {
        let sender = scenario.senders.first { $0.name == stream.sender }
        return responderHost(ofInstance: sender?.instance ?? 0)
    }

    /// The host of an instance of the responder in a sentence.
    func responderHost(ofInstance instance: Int) -> String {
        Self.text(scenario.responder?.host(ofInstance: instance))
    }

    private static func text(_ host: String?) -> String {
        host.map { "host \"\($0)\"" } ?? "this host"
    }

    /// Returns the accounts of the ledger that are caused by this host, the largest first, which is
    /// the reason that is told.
    private func causes(
        _ stream: StreamReport, in run: RunReport
    ) -> [(count: Int, sentence: String)] {
        let causes = eachCause(stream, in: run).enumerated()
        return causes.sorted {
            ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
        }.map(\.element)
    }

    private func eachCause(
        _ stream: StreamReport, in run: RunReport
    ) -> [(count: Int, sentence: String)] {
        let ledger = stream.ledger
        let (own, far) = (host(of: stream), responderHost(of: stream))
        let isFloodToSink =
            stream.ledger.echoed == nil && ledger.responderReceived != nil
            && stream.pacing.intendedPps == nil
        let errnos = stream.otherErrors.sorted { $0.key < $1.key }.map {
            "\($0.key) \(UnitText.count($0.value))"
        }
        return [
            (
                ledger.skipped,
                "could not be sent in time: "
                    + (stream.goesToUnixSocket
                        ? "the socket's queue was full (net.unix.max_dgram_qlen), or " : "")
                    + "\(own)'s processors were the limit"
            ),
            (ledger.localQueue, "did not fit \(own)'s sending queue (ENOBUFS)"),
            (ledger.localFirewall, "were refused by \(own)'s own rules (EPERM): a firewall?"),
            (
                ledger.otherError,
                "could not be sent from \(own) (\(errnos.joined(separator: ", ")))"
            ),
            (
                // A flood to a sink is expected to overflow it: that is how it finds the capacity.
                isFloodToSink ? 0 : ledger.ownOverflow,
                "overflowed the responder's receive buffer on \(far)"
            ),
            (
                failedAnswers(stream, in: run),
                "were received and could not be answered from \(far) (echo_failed)"
            ),
            (
                ledger.senderOverflow ?? 0,
                "were answered and overflowed the sender's receive buffer on \(own)"
            ),
        ]
    }

    /// Returns the probes that udplab's own responder received and could not answer because its
    /// send calls failed.
    private func failedAnswers(_ stream: StreamReport, in run: RunReport) -> Int {
        answersAreOurs(run) ? stream.ledger.echoFailed ?? 0 : 0
    }

    /// Whether only this host can be the reason for failed sends of the responder. After resets its
    /// policy may have ended or paused it, and a timeline acts on it by the plan.
    private func answersAreOurs(_ run: RunReport) -> Bool {
        let responders = run.eachResponder
        return scenario.timeline.isEmpty
            && responders.allSatisfy {
                ($0.resets?.seen ?? 0) == 0 && ($0.resets?.ended ?? 0) == 0
            }
    }

    /// Returns the share of its measured time in which a sender at `max` was stopped or
    /// descheduled. With a schedule the slots that passed meanwhile are `skipped`.
    private func stalledShare(_ stream: StreamReport) -> Double {
        guard stream.pacing.intendedPps == nil else { return 0 }
        return stream.worstHost?.stallShare ?? stream.pacing.stalls.share ?? 0
    }

    private func stall(_ stream: StreamReport) -> String? {
        let share = stalledShare(stream)
        guard share > scenario.tolerance, let measuredNs = stream.throughput.measuredNs else {
            return nil
        }
        let own = stream.worstHost.map { Self.text($0.host) } ?? host(of: stream)
        return "\(stream.sender): \(own) stopped or descheduled the sender for "
            + "\(UnitText.text(share, unit: .ratio)) of \(UnitText.time(ns: Int(measuredNs))): "
            + "its rates say more about \(own) than about what it sent to"
    }

    /// Returns sentences on stalls of responders. An absence caused by the timeline is planned, and
    /// cannot be distinguished from a stall here.
    private func responderStall(_ run: RunReport) -> [String] {
        guard scenario.timeline.isEmpty else { return [] }
        let responders = run.eachResponder
        return responders.enumerated().compactMap { instance, responder in
            guard let share = responder.stalls?.share, share > scenario.tolerance else {
                return nil
            }
            let far = responderHost(ofInstance: instance)
            return "\(responder.name): \(far) stopped or descheduled the responder for "
                + "\(UnitText.text(share, unit: .ratio)) of the measured time: what was lost or "
                + "late then says more about \(far) than about what it was sent over"
        }
    }

    /// Returns sentences on failed sends of a room's server, and on drops in the members' own
    /// buffers.
    private func roomLimits(_ stream: StreamReport, in run: RunReport) -> [String] {
        guard let chat = stream.chat else { return [] }
        let causes = [
            (
                answersAreOurs(run) ? chat.failed : 0,
                "could not be sent by the room's server on \(responderHost(of: stream))"
            ),
            (
                chat.memberOverflow ?? 0,
                "overflowed the members' receive buffers on \(host(of: stream))"
            ),
        ].filter { $0.0 > 0 }
        guard exceedsTolerance(causes.reduce(0) { $0 + $1.0 }, of: chat.expected) else { return [] }
        return causes.map { count, sentence in
            "\(stream.sender): \(UnitText.count(count)) of \(UnitText.count(chat.expected)) "
                + "deliveries \(sentence)"
        }
    }

    /// Adds a cause for datagrams too long for the path: the planned load was not measured. Some
    /// are refused before they are sent, and some by a router of the path.
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
        let place =
            stream.goesToUnixSocket
            ? "send buffer of a Unix socket" : "path's MTU\(pathMTU(stream))"
        let sentence =
            "\(stream.sender): \(UnitText.count(tooLong)) of \(UnitText.count(ledger.scheduled)) "
            + "datagrams did not fit the \(place) (EMSGSIZE\(onWay)): give the sender a smaller "
            + "\"payload\""
        if exceedsTolerance(tooLong, of: ledger.scheduled) {
            judgement.add(Cause(.inconclusive, sentence))
        } else {
            judgement.note(sentence)
        }
    }

    /// Returns ` of 1,400 B, which a payload of 1,372 B fits`; empty if unknown.
    private func pathMTU(_ stream: StreamReport) -> String {
        guard let bytes = stream.socket.pathMtuBytes else { return "" }
        let isIPv6 = stream.addresses.remote.hasPrefix("[")
        let most = bytes - NamespaceNetwork.headerBytes(isIPv6: isIPv6)
        return " of \(UnitText.count(bytes)) B, which a payload of \(UnitText.count(most)) B fits"
    }

    /// Whether a count exceeds the plan's tolerance.
    func exceedsTolerance(_ count: Int, of scheduled: Int) -> Bool {
        count > 0 && Double(count) > scenario.tolerance * Double(scheduled)
    }

    /// Returns the limits of this host. The tolerance applies to all of them together, because
    /// several limits add up.
    private func hostLimits(_ stream: StreamReport, in run: RunReport) -> [String] {
        let scheduled = stream.ledger.scheduled
        let causes = causes(stream, in: run).filter { $0.count > 0 }
        let exceeds = exceedsTolerance(causes.reduce(0) { $0 + $1.count }, of: scheduled)
        return (exceeds ? causes : []).map { count, sentence in
            "\(stream.sender): \(UnitText.count(count)) of \(UnitText.count(scheduled)) "
                + "datagrams \(sentence)"
        } + [stall(stream)].compactMap(\.self) + roomLimits(stream, in: run)
    }

    /// Returns the limits of the relay: datagrams that it could not carry are in `injected`,
    /// because the relay dropped them, and are not part of the plan's impairments.
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

    /// Returns a sentence on a service that answers, but never with the probe's payload: no figure
    /// then describes an echo. udplab's own responders are known to be echoes, and alterations by a
    /// relay are its own.
    private func stranger(_ stream: StreamReport, relay: RelayReport?) -> String? {
        let answers = stream.rejected.fromResponder
        guard stream.isFollowed, stream.ledger.received == 0, answers > 0,
            stream.ledger.responderReceived == nil,
            (relay?.forward.altered ?? 0) + (relay?.backward.altered ?? 0) == 0
        else { return nil }
        if stream.kind == .requests, stream.request?.answer != .echo {
            return "\(stream.sender): what answers at \(stream.addresses.remote) answers no "
                + "request by the plan's \"answer\": none of its \(UnitText.count(answers)) "
                + "datagrams has the number of one"
        }
        return "\(stream.sender): what answers at \(stream.addresses.remote) is no echo server: "
            + "none of its \(UnitText.count(answers)) answers was the probe that it had got"
    }

    // MARK: - Thresholds

    /// Judges the thresholds of a stream. An ephemeral-port sender is a disturbance and not
    /// measured: no threshold applies to it.
    ///
    /// - Parameter written: The run as it will be in the report.
    private func thresholds(
        _ stream: StreamReport, in written: JSONValue?, areJudged: Bool,
        _ thresholds: [Threshold]? = nil
    ) -> [ThresholdReport] {
        guard stream.kind != .hitAndRun else { return [] }
        let figures = written?.stream(of: stream.sender)
        return (thresholds ?? scenario.thresholds).map { threshold in
            let value = figures.flatMap { Self.value(threshold.figure, in: $0) }
            return ThresholdReport(
                sender: stream.sender, expression: threshold.text,
                figure: threshold.figure.reportPath.joined(separator: "."), value: value,
                passed: areJudged ? holds(threshold, value, stream) : nil)
        }
    }

    /// Judges thresholds on the search of a stream, which is in the report by now.
    func judged(
        _ thresholds: [Threshold], onSearchOf sender: String, in run: RunReport
    ) -> [(report: ThresholdReport, miss: String?)] {
        guard !thresholds.isEmpty, let written = try? run.written().value,
            let stream = run.streams.first(where: { $0.sender == sender })
        else { return [] }
        return self.thresholds(stream, in: written, areJudged: true, thresholds).map {
            ($0, miss($0))
        }
    }

    /// Returns whether a threshold holds; nil for one without a value, and for a one-way delay that
    /// is nearer to its bound than the clocks of both ends agree.
    private func holds(_ threshold: Threshold, _ value: Double?, _ stream: StreamReport) -> Bool? {
        guard let errorNs = stream.oneWayClock?.errorNs, errorNs > 0,
            let mostNs = stream.longestOneWayNs(threshold.figure.reportPath)
        else { return value.map { threshold.holds($0) } }
        if let value {
            let isClear = abs(value - threshold.value) >= Double(errorNs)
            return isClear ? threshold.holds(value) : nil
        }
        let isUpperBound = [.less, .lessOrEqual].contains(threshold.comparison)
        guard isUpperBound else { return nil }
        return Double(mostNs) < threshold.value ? true : nil
    }

    /// Returns the sentence on a threshold that the clocks leave open; nil for the others.
    private func undecided(_ threshold: ThresholdReport, _ stream: StreamReport) -> String? {
        let path = threshold.figure.split(separator: ".").map(String.init)
        guard threshold.passed == nil, let errorNs = stream.oneWayClock?.errorNs, errorNs > 0,
            stream.longestOneWayNs(path) != nil
        else { return nil }
        let found = threshold.value.map { "it is \(UnitText.text($0, unit: .nanoseconds))" }
        return
            "\(threshold.sender): \(threshold.expression) is not decided: "
            + (found ?? "the delays are shorter than the error") + ", and the clocks of both hosts "
            + "agree to \(UnitText.text(Double(errorNs), unit: .nanoseconds)) only"
    }

    /// Returns the sentence on a threshold that does not hold; nil for one that holds.
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

extension StreamReport {
    /// The host of a fleet that stopped or descheduled its sender most; nil for one host.
    fileprivate var worstHost: FleetHostReport? {
        fleet?.hosts.max { $0.stallShare ?? 0 < $1.stallShare ?? 0 }
    }

    /// Returns the longest that a one-way delay can have been; nil for the other figures, and if
    /// none was measured.
    fileprivate func longestOneWayNs(_ path: [String]) -> Int? {
        switch (path.first, path.dropFirst().first) {
        case ("one_way_ns", _): oneWayClock?.atMostNs
        case ("forward", "one_way_ns"): forward?.atMostNs
        case ("backward", "one_way_ns"): backward?.atMostNs
        default: nil
        }
    }
}

extension JSONValue {
    /// Returns the stream of that sender, in a run.
    fileprivate func stream(of sender: String) -> JSONValue? {
        guard case .array(let streams)? = self["streams"] else { return nil }
        return streams.first { $0["sender"] == .string(sender) }
    }
}

extension RejectedReport {
    /// The datagrams from the target's address that are not answers.
    fileprivate var fromResponder: Int {
        short + truncated + runId + fromFuture + impossible + corrupt
    }
}
