import Datagrams
import Load
import Loops
import Metrics
import Plans
import Reports

/// Makes a run report from the workers' results.
final class RunAssembly: Sendable {
    let outcome: RunOutcome
    let layout: RunLayout
    let injected: InjectedCounts
    /// The proven overflow of the responders' sockets, by part.
    let overflow: [Int]

    init(outcome: RunOutcome, layout: RunLayout) {
        self.outcome = outcome
        self.layout = layout
        injected = InjectedCounts(outcome, layout)
        overflow = Self.responderOverflow(outcome, layout, injected)
    }

    /// Returns the report on a run, and the failure that ended it.
    /// - Parameters:
    ///   - layout: As the workers had it.
    ///   - identity: The run with one sender per stream.
    static func judged(
        _ outcome: RunOutcome, _ layout: RunLayout, as identity: RunIdentity
    ) -> (report: Judged<RunReport>, failure: RunFailure?) {
        let silent = outcome.senders.indices.filter { outcome.senders[$0].result?.sender == nil }
        let whole = layout.gathered(as: identity, silent: Set(silent))
        let gathered = outcome.gathered(layout, as: whole)
        let assembly = RunAssembly(outcome: whole.perMember(gathered), layout: whole.perMember())
        return (assembly.report(), gathered.failure)
    }

    var scenario: ScenarioDefinition { outcome.identity.scenario }

    func report() -> Judged<RunReport> {
        let streams = scenario.senders.indices.compactMap(stream)
        var run = RunReport(
            scenario: scenario.name, network: outcome.identity.network.name,
            repeat: outcome.identity.repetition, seed: outcome.identity.seed,
            started: outcome.startedAt, durationNs: Int(outcome.endNs - outcome.startNs),
            streams: streams, responder: responder(), responders: responderInstances(),
            relay: relay(),
            networkDetail: networkDetail(),
            timeline: timeline(), workers: workers(),
            warnings: warnings())
        run.warnings += ResetLimitNote(run: run).sentences
        run.warnings += streams.flatMap(Self.courseNotes) + clockNotes()
        run.warnings += streams.compactMap { stream in
            guard let loop = stream.closedLoop, loop.thinks else { return nil }
            return "\(stream.sender): \(loop.sentence)"
        }
        return RunVerdict(
            scenario: scenario, stopSignal: outcome.stopSignal, brokeOff: outcome.failure?.cause,
            relayWasClosed: layout.closesRelayPort, unsent: unsent(),
            unconducted: unconducted()
        ).judged(run)
    }

    /// Returns sentences on drifts and steps of a stream that lasts for long enough to be asked for
    /// its endurance.
    private static func courseNotes(_ stream: StreamReport) -> [String] {
        guard let measuredNs = stream.throughput.measuredNs, measuredNs >= courseLeastNs else {
            return []
        }
        return stream.courseSentences.map { "\(stream.sender): \($0)" }
    }

    private static let courseLeastNs = 60_000_000_000

    /// Returns sentences on probes that the responder accepted although their sender reports that
    /// it never sent them. They are in no count of the report.
    private func unsent() -> [String] {
        scenario.senders.indices.compactMap { index in
            let count = layout.measuredParts(index).reduce(0) {
                $0 + (outcome.counts(ofPart: $1, layout)?.unsent ?? 0)
            }
            guard count > 0 else { return nil }
            return "\(scenario.senders[index].name): datagrams arrived that nobody sent: "
                + "\(UnitText.count(count)) with numbers above the last that was sent"
        }
    }

    // MARK: - Streams

    private func stream(_ index: Int) -> StreamReport? {
        let member = outcome.senders[index]
        guard let result = member.result?.sender else { return nil }
        let sender = scenario.senders[index]
        let isOneWay = layout.isOneWay(sender)
        let far = farSide(index)
        let ledger = ledger(index, result)
        let measured = isOneWay ? farFigures(index, ledger) : result.figures
        let (figures, lossMap) = overTime(
            index, isOneWay ? onOneClock(index, measured) : measured, result, ledger)
        let received = figures.received
        var report = StreamReport(
            sender: sender.name, kind: StreamReport.Kind(sender),
            flows: sender.flows, payloadBytes: sender.payloadBytes,
            timeoutNs: scenario.timeoutNs,
            features: features(index, member.ready, result),
            ledger: ledger, figures: figures,
            stackNs: isOneWay
                ? stackOfResponder(index) : result.stackNs,
            pacing: PacingReport(
                intendedPps: result.intendedPps,
                achievedPps: ThroughputReport.rate(
                    result.accounts.sent, overNs: result.measuredNs),
                skipped: result.accounts.skipped, errorNs: result.figures.pacingErrorNs,
                largestBurst: result.largestBurst,
                stalls: StallsReport(
                    count: result.stalls.count, longestNs: result.stalls.longestNs,
                    totalNs: result.stalls.totalNs, measuredNs: result.stalls.measuredNs,
                    ofNs: result.measuredNs * Int64(sender.threads))),
            throughput: ThroughputReport(
                sent: result.accounts.sent, received: isOneWay && far == nil ? nil : received,
                payloadBytes: sender.payloadBytes, measuredNs: result.measuredNs,
                intervals: figures.intervals, intervalNs: figures.intervalNs),
            rejected: RejectedReport(result.rejected), otherErrors: result.otherErrors,
            receiveErrors: result.receiveErrors,
            resets: resets(index, result),
            socket: SocketReport(
                receiveBufferAskedBytes: member.ready.receiveBufferAskedBytes,
                receiveBufferGrantedBytes: member.ready.receiveBufferGrantedBytes,
                sendBufferAskedBytes: sender.options.sendBufferBytes
                    ?? LinuxKernel.bufferBytesAsked,
                sendBufferGrantedBytes: member.ready.sendBufferGrantedBytes,
                drops: result.drops, pathMtuBytes: result.pathMTUBytes,
                packetTooBig: result.resets.packetTooBig),
            addresses: AddressesReport(
                local: member.ready.addresses,
                remote: outcome.orders[index].targets.joined(separator: ", ")),
            chat: chat(sender, result, far), lossMap: lossMap)
        if sender.kind == .probes {
            let ways = ways(index, result, ledger, oneWay: isOneWay ? measured : nil)
            (report.forward, report.backward) = (ways.forward, isOneWay ? nil : ways.backward)
            if let stamp = result.stamp {
                report.oneWayClock = OneWayClockReport(stamp.oneWay)
            } else if isOneWay || ways.forward.atMostNs != nil {
                report.oneWayClock = oneWayClock(
                    index, measured: isOneWay ? measured.oneWayNs : nil)
            }
        }
        report.closedLoop = closedLoop(index)
        report.fairness = FairnessReport(received: receivedByFlow(index, result))
        addMarks(index, result, ledger, to: &report)
        report.fleet = fleet(index, result)
        report.stages = stages(sender, measured, result, isOneWay: isOneWay)
        report.knee = report.stages.flatMap {
            KneeReport($0, tolerance: scenario.tolerance)
        }
        report.stamp = result.stamp.map(StampReport.init)
        if let request = sender.request { report.tell(request, result) }
        if sender.sizes != nil || layout.replyBytes != nil {
            let sent = result.answers?.requestBytes ?? result.accounts.sent * sender.payloadBytes
            let answered = layout.replyBytes.map { $0 * received } ?? result.answers?.answerBytes
            report.throughput.setBytes(sent: sent, received: isOneWay ? nil : answered)
        }
        if sender.profile == .voipG711 { report.voice = report.quality }
        report.mergeBuckets(to: layout.report.buckets(in: scenario))
        return report
    }

    /// Returns the closed loop of a stream; nil for an open one.
    private func closedLoop(_ index: Int) -> ClosedLoopReport? {
        let (sender, order) = (scenario.senders[index], outcome.orders[index])
        guard sender.ratePps == nil, order.window != nil || order.sharedWindow != nil else {
            return nil
        }
        var think = ClosedLoopReport.Think.none
        switch sender.think?.distribution {
        case .constant: think = .constant
        case .exponential: think = .exponential
        case nil: break
        }
        return ClosedLoopReport(
            window: order.window, sharedWindow: order.sharedWindow, think: think,
            thinkMeanNs: (sender.think?.meanNs).map { Int($0) })
    }

    /// Returns the room's accounts: the deliveries sent, and those received by its members.
    private func chat(
        _ sender: SenderDefinition, _ result: SenderResult, _ far: ResponderStreamResult?
    ) -> ChatReport? {
        guard let rounds = far?.room, let deliveries = result.room else { return nil }
        let ledger = FanOutLedger(
            messages: rounds.messages, expected: rounds.expected, fannedOut: rounds.sent,
            failed: rounds.failed, delivered: deliveries.delivered, late: deliveries.late,
            duplicates: deliveries.duplicates, drops: result.drops)
        return ChatReport(
            ledger: ledger, members: sender.flows, membersLeast: rounds.membersLeast,
            membersMost: rounds.membersMost, deliveredByMember: deliveries.deliveredByMember,
            deliveryNs: deliveries.delivered > 0 ? deliveries.delayNs : nil)
    }

    /// Returns the features that were in use: requested, granted by the kernel and never refused.
    private func features(
        _ index: Int, _ ready: Ready, _ result: SenderResult
    ) -> FeaturesReport {
        let sender = scenario.senders[index]
        let asked = outcome.orders[index]
        func use(_ isAsked: Bool, _ isGranted: Bool) -> FeaturesReport.Use {
            isAsked ? isGranted ? .on : .unsupported : .off
        }
        let gso = use(asked.segments > 1, ready.features.segments)
        let isSink = layout.isOneWay(sender)
        let far = layout.measuredParts(index).first.flatMap {
            outcome.responder(ofPart: $0, layout)?.member?.ready.features
        }
        return FeaturesReport(
            sendmmsg: use(asked.sendBatch > 1, ready.features.sendmmsg),
            gso: result.abandonedSegments ? .abandoned : gso,
            recvmmsg: use(asked.receiveBatch > 1, ready.features.recvmmsg),
            gro: use(asked.coalesces, ready.features.coalesces),
            timestamps: isSink
                ? far?.kernelTimestamps == true ? .kernel : .user
                : ready.features.kernelTimestamps ? .kernel : .user,
            errorQueue: use(
                sender.kind == .probes && sender.socket.seesResets && !layout.isUnix,
                ready.features.errorQueue))
    }

    /// Returns the delays in the stack of the one instance that answers a stream.
    private func stackOfResponder(_ index: Int) -> DelaySummary? {
        layout.measuredParts(index).first.flatMap {
            outcome.responder(ofPart: $0, layout)?.totals?.stackNs
        }
    }

    /// Returns the responder's report of a stream that only one instance serves: of a sink or a
    /// room.
    private func farSide(_ index: Int) -> ResponderStreamResult? {
        if let fleet = outcome.fleets[index] { return fleet.far }
        let measured = layout.measuredParts(index)
        guard measured.count == 1 else { return nil }
        return outcome.responder(ofPart: measured[0], layout)?.totals?.streams[measured[0]]
    }

    /// Returns the far side's figures for a stream without answers; the sender adds its pacing. Of
    /// a killed process and of several instances only the counts are left, and of flows served by
    /// several threads the counts and the delays.
    private func farFigures(_ index: Int, _ ledger: Ledger) -> StreamFigures {
        guard outcome.responderTotals != nil else { return StreamFigures() }
        let far = farSide(index)
        let hasGone = onlyCountsAreLeft(index)
        // Requests that a sink counts have no number there, and no time.
        let isNumbered = scenario.senders[index].request == nil
        if let far, !hasGone, isNumbered, far.splitFlows == 0 { return far.figures }
        let counts = layout.measuredParts(index).reduce(into: ResponderCounts()) {
            if let counts = outcome.counts(ofPart: $1, layout) { $0.add(counts) }
        }
        var figures = StreamFigures(
            sent: ledger.sent, inTime: ledger.inTime, late: ledger.late,
            duplicates: counts.duplicates + counts.received - ledger.received)
        if let far, !hasGone, isNumbered, counts.received == ledger.received {
            figures.oneWayNs = far.figures.oneWayNs
            figures.pdvNs = far.figures.pdvNs
        }
        return figures
    }

    /// Returns the first copies of each flow; nothing if nobody tells them.
    private func receivedByFlow(_ index: Int, _ result: SenderResult) -> [Int] {
        guard layout.isOneWay(scenario.senders[index]) else { return result.receivedByFlow }
        guard !onlyCountsAreLeft(index) else { return [] }
        let received =
            outcome.fleets[index]?.far?.receivedByFlow
            ?? layout.measuredParts(index).flatMap {
                outcome.responder(ofPart: $0, layout)?.totals?.streams[$0].receivedByFlow ?? []
            }
        return received.count == result.sentByFlow.count ? received : []
    }

    /// Whether a process was killed that knew more of a stream than its counts.
    private func onlyCountsAreLeft(_ index: Int) -> Bool {
        layout.isOneWay(scenario.senders[index])
            && layout.measuredParts(index).contains {
                outcome.responder(ofPart: $0, layout)?.record.formers.contains { $0.counts != nil }
                    == true
            }
    }

    /// Whether flows of a stream were served by several threads of a sink: its port was opened
    /// again, thread by thread, or the sender's ports change. Each thread has sequence windows of
    /// its own.
    private func isSplit(_ index: Int) -> Bool {
        layout.isOneWay(scenario.senders[index]) && (farSide(index)?.splitFlows ?? 0) > 0
    }

    // MARK: - The rest

    private func relay() -> RelayReport? {
        guard let member = outcome.relay, let result = member.result?.relay,
            !outcome.responders.isEmpty
        else { return nil }
        let answering = outcome.responders.compactMap { $0.member?.ready.addresses.first }
        return RelayReport(
            address: outcome.targetText, target: answering.joined(separator: ", "),
            seed: outcome.identity.seed, result)
    }

    private func timeline() -> [TimelineReport] {
        let stepped = outcome.senders.compactMap { member -> TimelineReport? in
            guard member.result?.sender?.wallClockStepped == true else { return nil }
            return TimelineReport(
                atNs: Int(onAxis(outcome.endNs)), event: "wall_clock_stepped",
                subject: member.name,
                detail: "noticed by the end; delays are of the monotonic clock")
        }
        let failed = outcome.failure.map { failure in
            TimelineReport(
                atNs: failure.atNs, event: "worker_failed", subject: failure.worker,
                detail: failure.reason)
        }
        let events = [failed].compactMap { $0 } + stepped + conducted() + resetEvents()
        return events.sorted { $0.atNs < $1.atNs }
    }

    private func workers() -> [WorkerReport] {
        let senders = outcome.sendingWorkers.map { worker($0, role: .sender) }
        let kind: WorkerReport.Role = layout.responderKind == .command ? .command : .responder
        let responders = outcome.responders.flatMap { responder in
            (responder.formers + [responder.member].compactMap(\.self)).map {
                worker($0, role: kind)
            }
        }
        return senders + responders
            + (outcome.relay.map { [worker($0, role: .relay)] } ?? [])
            + (outcome.network.map { [worker($0, role: .network)] } ?? [])
    }

    private func worker(_ member: RunOutcome.Member, role: WorkerReport.Role) -> WorkerReport {
        WorkerReport(
            role: role, name: member.name, host: member.host, pid: member.pid,
            exit: WorkerReport.Exit(
                code: member.exit?.code.map(Int.init), signal: member.exit?.signal.map(Int.init)),
            cpuSeconds: member.result?.cpuSeconds, maxRssBytes: member.result?.maxRssBytes)
    }

    /// Returns the facts that a reader of the figures has to know.
    private func warnings() -> [String] {
        let members = outcome.sendingWorkers + outcome.responders.compactMap(\.member)
        let general = [layout.oversubscription, outcome.quotaNote].compactMap { $0 }
        let counted = scenario.senders.indices.filter(onlyCountsAreLeft).map { index in
            "\(scenario.senders[index].name): the delays and the order of its datagrams died with "
                + "the responder that was killed, its counts did not: stop it instead of killing "
                + "it to have them all"
        }
        let untimed = zip(scenario.senders, outcome.senders).flatMap { sender, member in
            guard let result = member.result?.sender, sender.kind == .probes,
                !layout.isOneWay(sender)
            else { return [String]() }
            return outageTimes(result).warnings.map { "\(sender.name): \($0)" }
        }
        let spread = scenario.senders.indices.filter(isSplit).map { index in
            "\(scenario.senders[index].name): its datagrams came to several threads of the "
                + "responder, so that their order and the pattern of their loss are not known: "
                + "leave \"threads\" of the responder at 1 to have them"
        }
        return general + heldNotes + refusedCalls + stampNotes + counted + spread + recounted
            + untimed + unloggedRows + unnumbered
            + [forgottenClients].compactMap { $0 } + impairmentNotes
            + members.compactMap { member in
                let asked = member.ready.receiveBufferAskedBytes
                // The kernel doubles the granted size (socket(7)).
                guard let doubled = member.ready.receiveBufferGrantedBytes else { return nil }
                let granted = doubled / 2
                guard granted < asked else { return nil }
                return "\(member.name) asked for a receive buffer of \(asked) B and was granted "
                    + "\(granted) B: raise net.core.rmem_max, or overflow may come early"
            }
    }

    /// Sentences on streams of which a copy made by the network may count as a first copy.
    private var recounted: [String] {
        scenario.senders.indices.filter { index in
            layout.isOneWay(scenario.senders[index])
                && layout.measuredParts(index).contains(where: countsCopies)
        }.map { index in
            "\(scenario.senders[index].name): a copy that the network made counts twice where it "
                + "came to another thread or process of the responder than the first: what is "
                + "said to have been received is the most that it can have been"
        }
    }

    /// Sentences on rows missing in the datagram log. The stream's figures are complete without
    /// them.
    private var unloggedRows: [String] {
        outcome.senders.compactMap { member in
            guard let result = member.result?.sender, result.logRowsLost > 0 else { return nil }
            let cause = result.logErrno.map { " (\($0))" } ?? ""
            return "\(member.name): the datagram log lacks \(UnitText.count(result.logRowsLost)) "
                + "rows that could not be written\(cause); its figures are whole"
        }
    }

    /// Sentences on calls that the kernel or a filter refuses to this process, and so to its
    /// workers.
    private var refusedCalls: [String] {
        MessageCalls.current.sentences + [Readiness.WaitCall.current.sentence].compactMap(\.self)
    }

    /// Sentences on effects of the network's impairments that differ from their numbers.
    private var impairmentNotes: [String] {
        let notes = ImpairmentNotes.sentences(scenario, on: outcome.identity.network)
        guard let relay = outcome.relay?.result?.relay else { return notes }
        // In both directions at once the relay's counts of one way are of both ways of the network.
        let isOne =
            scenario.networks(of: outcome.identity.network).count == 1
            && outcome.identity.network.direction != .both
        let ordered = isOne ? layout.relayImpairments : nil
        return notes + ImpairmentNotes.measured(relay)
            + (ordered.map { ImpairmentNotes.ordered(relay, $0) } ?? [])
    }

    /// A sentence on the effects of an ephemeral-port sender with more ports than the relay
    /// remembers.
    private var forgottenClients: String? {
        guard let relay = outcome.relay?.result?.relay else { return nil }
        let count = relay.forward.accounts.flowGone + relay.backward.accounts.flowGone
        guard count > 0 else { return nil }
        return "the relay forgot ports of senders for newer ones, and with them \(count) datagrams "
            + "that it held (flow_gone): it remembers \(PlanBudget.passingPortsLimit) ports of "
            + "hit-and-run senders; lower their rate, or raise their \"burst\""
    }
}

extension RejectedReport {
    init(_ counts: RejectedCounts) {
        self.init()
        short = counts.short
        truncated = counts.truncated
        peer = counts.peer
        runId = counts.runId
        warmUp = counts.warmUp
        fromFuture = counts.fromFuture
        impossible = counts.impossible
        corrupt = counts.corrupt
        beyondWindow = counts.beyondWindow
    }
}

extension RejectedCounts {
    var byReason: [String: Int] {
        [
            "short": short, "truncated": truncated, "peer": peer, "run_id": runId,
            "warm_up": warmUp,
            "from_future": fromFuture, "impossible": impossible, "corrupt": corrupt,
            "beyond_window": beyondWindow, "unmatched": unmatched,
        ]
    }
}
