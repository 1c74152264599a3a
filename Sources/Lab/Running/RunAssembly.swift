import Datagrams
import Metrics
import Plans
import Reports
import Workers

/// Makes a run report out of what the workers said.
struct RunAssembly: Sendable {
    let outcome: RunOutcome
    let layout: RunLayout
    private let injected: InjectedCounts

    init(outcome: RunOutcome, layout: RunLayout) {
        self.outcome = outcome
        self.layout = layout
        injected = InjectedCounts(outcome, layout)
    }

    private var scenario: ScenarioDefinition { outcome.identity.scenario }

    func report() -> RunReport {
        let overflow = responderOverflow()
        let streams = scenario.senders.indices.compactMap { stream($0, overflow: overflow) }
        var run = RunReport(
            scenario: scenario.name, network: outcome.identity.network.name,
            repeat: outcome.identity.repetition, seed: outcome.identity.seed,
            verdict: .inconclusive,
            started: outcome.startedAt, durationNs: Int(outcome.endNs - outcome.startNs),
            streams: streams, responder: responder(), relay: relay(),
            networkDetail: networkDetail(),
            timeline: timeline(), workers: workers(),
            warnings: warnings())
        RunVerdict(
            scenario: scenario, stopSignal: outcome.stopSignal, failure: outcome.failure?.reason
        ).judge(&run)
        return run
    }

    // MARK: - Streams

    private func stream(_ index: Int, overflow: [Int]) -> StreamReport? {
        let member = outcome.senders[index]
        guard let result = member.result?.sender else { return nil }
        let sender = scenario.senders[index]
        let isOneWay = layout.isOneWay(sender)
        let far = farSide(index)
        // Towards a sink the far side has the figures; what the sender adds is its pacing.
        let figures = isOneWay ? far?.figures ?? StreamFigures() : result.figures
        let received = figures.received
        return StreamReport(
            sender: sender.name, kind: sender.kind == .probes ? .probes : .hitAndRun,
            flows: sender.flows, payloadBytes: sender.payloadBytes,
            timeoutNs: scenario.timeoutNs,
            features: features(index, member.ready, result),
            ledger: ledger(index, result, far, overflow: overflow), figures: figures,
            stackNs: isOneWay
                ? outcome.responderTotals?.stackNs : result.stackNs,
            pacing: PacingReport(
                intendedPps: result.intendedPps,
                achievedPps: Self.rate(
                    result.accounts.sent, result.firstSentNs, result.lastSentNs),
                skipped: result.accounts.skipped, errorNs: result.figures.pacingErrorNs,
                largestBurst: result.largestBurst,
                stalls: StallsReport(
                    count: result.stalls.count, longestNs: result.stalls.longestNs,
                    totalNs: result.stalls.totalNs)),
            throughput: throughput(
                result, received: received, payloadBytes: sender.payloadBytes,
                firstReceivedNs: isOneWay ? far?.firstReceivedNs ?? 0 : result.firstReceivedNs,
                lastReceivedNs: isOneWay ? far?.lastReceivedNs ?? 0 : result.lastReceivedNs),
            rejected: RejectedReport(result.rejected), otherErrors: result.otherErrors,
            resets: resets(sender, result),
            socket: SocketReport(
                receiveBufferAskedBytes: member.ready.receiveBufferAskedBytes,
                receiveBufferGrantedBytes: member.ready.receiveBufferGrantedBytes,
                sendBufferAskedBytes: LinuxKernel.bufferBytesAsked,
                sendBufferGrantedBytes: member.ready.sendBufferGrantedBytes,
                drops: result.drops),
            addresses: AddressesReport(
                local: member.ready.addresses, remote: outcome.target.description),
            chat: chat(sender, result, far))
    }

    /// The room's accounts: what it took round, and what its members have of that.
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

    /// What was really used: of what was asked for, what the kernel granted and never refused.
    private func features(
        _ index: Int, _ ready: Ready, _ result: SenderResult
    ) -> FeaturesReport {
        let asked = layout.senderAssignment(
            index, target: outcome.target, responderBufferBytes: nil)
        func use(_ isAsked: Bool, _ isGranted: Bool) -> FeaturesReport.Use {
            isAsked ? isGranted ? .on : .unsupported : .off
        }
        let gso = use(asked.segments > 1, ready.features.segments)
        let isSink = layout.isOneWay(scenario.senders[index])
        let far = outcome.responder?.ready.features
        return FeaturesReport(
            sendmmsg: asked.sendBatch > 1 ? .on : .off,
            gso: result.abandonedSegments ? .abandoned : gso,
            recvmmsg: asked.receiveBatch > 1 ? .on : .off,
            gro: use(asked.coalesces, ready.features.coalesces),
            timestamps: isSink
                ? far?.kernelTimestamps == true ? .kernel : .user
                : ready.features.kernelTimestamps ? .kernel : .user)
    }

    private func farSide(_ index: Int) -> ResponderStreamResult? {
        let streams = outcome.responderTotals?.streams
        let measured = layout.measuredStream(index)
        guard let streams, measured < streams.count else { return nil }
        return streams[measured]
    }

    /// Datagrams per second between the first and the last of `count`.
    static func rate(_ count: Int, _ firstNs: Int64, _ lastNs: Int64) -> Double? {
        guard count > 1, lastNs > firstNs else { return nil }
        return Double(count - 1) * 1e9 / Double(lastNs - firstNs)
    }

    private func throughput(
        _ result: SenderResult, received: Int, payloadBytes: Int, firstReceivedNs: Int64,
        lastReceivedNs: Int64
    ) -> ThroughputReport {
        let sentPps = Self.rate(result.accounts.sent, result.firstSentNs, result.lastSentNs)
        let receivedPps = Self.rate(received, firstReceivedNs, lastReceivedNs)
        let bits = Double(payloadBytes) * 8
        return ThroughputReport(
            sentPps: sentPps, receivedPps: receivedPps,
            sentBitsPerSecond: sentPps.map { $0 * bits },
            receivedBitsPerSecond: receivedPps.map { $0 * bits })
    }

    // MARK: - Ledger

    /// The proven overflow of the responder's one socket, per expected stream: the warm-ups have
    /// their part in its drops as well.
    private func responderOverflow() -> [Int] {
        guard let responder = outcome.responderTotals else { return [] }
        let sent = layout.sentByStream(outcome.senders.map(\.result))
        let missing = zip(sent, responder.streams).enumerated().map { index, pair in
            pair.0.reduce(0, +) - pair.1.received - injected.forward.dropped(index)
        }
        return LedgerBuilder.provenOverflow(
            missing: missing, drops: responder.drops,
            datagramsPerDrop: datagramsPerDrop(outcome.responder?.ready))
    }

    /// What one drop of a worker's sockets stands for: with UDP_GRO as many datagrams as the
    /// senders put into one buffer.
    private func datagramsPerDrop(_ ready: Ready?) -> Int {
        guard ready?.features.coalesces == true else { return 1 }
        let segments = outcome.senders.indices.map { index in
            layout.senderAssignment(index, target: outcome.target, responderBufferBytes: nil)
                .segments
        }
        return max(1, segments.max() ?? 1)
    }

    private func ledger(
        _ index: Int, _ result: SenderResult, _ far: ResponderStreamResult?, overflow: [Int]
    ) -> Ledger {
        var sender = LedgerBuilder.Sender()
        sender.scheduled = result.accounts.scheduled
        sender.sent = result.accounts.sent
        sender.skipped = result.accounts.skipped
        sender.refused = result.accounts.refused
        sender.localQueue = result.accounts.localQueue
        sender.localFirewall = result.accounts.localFirewall
        sender.tooBig = result.accounts.tooBig
        sender.otherError = result.accounts.otherError
        sender.inTime = result.figures.inTime
        sender.late = result.figures.late
        sender.socketDrops = result.drops * datagramsPerDrop(outcome.senders[index].ready)
        let measured = layout.measuredStream(index)
        let proven = measured < overflow.count ? overflow[measured] : 0
        let died = measured < overflow.count ? outageOverflow(measured, overflow) : 0
        var ends = InjectedCounts.Ends(
            sent: sender.sent, responderOverflow: proven, received: sender.inTime + sender.late)
        guard var far else {
            return LedgerBuilder.roundTrip(
                sender: sender, responder: nil, way: injected.ledgerWay(measured, ends))
        }
        let seen = measured < injected.answersSeen.count ? injected.answersSeen[measured] : nil
        let correction = outcome.timeline.correction(
            measured, flows: scenario.senders[index].flows,
            answered: far.received - far.echoFailed - far.rejected,
            accounted: seen
                ?? injected.backward.dropped(measured) + sender.inTime + sender.late,
            senderDrops: seen == nil ? sender.socketDrops : 0)
        far.received += correction
        ends.responderReceived = far.received
        ends.responderWasAway = responderHasEnded || outcome.timeline.hasBeenAway
        if layout.isOneWay(scenario.senders[index]) {
            return LedgerBuilder.oneWay(
                sender: sender, inTime: far.figures.inTime, late: far.figures.late,
                overflow: proven - died, way: way(measured, ends, died: died))
        }
        var responder = LedgerBuilder.Responder()
        responder.received = far.received
        responder.echoFailed = far.echoFailed
        responder.rejected = far.rejected
        responder.overflow = proven - died
        ends.echoed = far.received - far.echoFailed - far.rejected
        return LedgerBuilder.roundTrip(
            sender: sender, responder: responder, way: way(measured, ends, died: died))
    }

    /// - Parameter died: In the buffer of a responder that stood still.
    private func way(
        _ stream: Int, _ ends: InjectedCounts.Ends, died: Int
    ) -> LedgerBuilder.Way {
        var way = injected.ledgerWay(stream, ends)
        if died > 0 { way.outage = (way.outage ?? 0) + died }
        return way
    }

    /// How much of a stream's proven overflow was while the timeline had the responder paused.
    private func outageOverflow(_ stream: Int, _ overflow: [Int]) -> Int {
        guard outcome.timeline.outageDrops > 0 else { return 0 }
        // The timeline begins when the warm-ups are over.
        let measured = Set(scenario.senders.indices.map(layout.measuredStream))
        let missing = overflow.indices.map { measured.contains($0) ? overflow[$0] : 0 }
        return LedgerBuilder.provenOverflow(
            missing: missing, drops: outcome.timeline.outageDrops,
            datagramsPerDrop: datagramsPerDrop(outcome.responder?.ready))[stream]
    }

    /// Its retry policy has had enough, and closed the port.
    private var responderHasEnded: Bool {
        outcome.responderTotals.map { $0.resets.ended > 0 } ?? false
    }

    // MARK: - The rest

    private func responder() -> ResponderReport? {
        guard let definition = layout.responder, let member = outcome.responder else { return nil }
        let address = member.ready.addresses.first ?? ""
        guard let result = outcome.responderTotals else {
            var command: [String]?
            if case .command(let program) = definition.kind {
                let bound = SocketAddress(numeric: address)
                command =
                    bound.map { program.words(host: $0.host, port: $0.port) }
                    ?? program.words
            }
            return ResponderReport(
                name: definition.name, command: command, address: address,
                outputTail: member.result?.command?.output ?? outcome.failure?.output ?? [])
        }
        let echoes = layout.responderKind != .sink
        let behaviour = layout.responderKind == .chat ? "chat" : echoes ? "echo" : "sink"
        return ResponderReport(
            name: definition.name, behaviour: behaviour, address: address,
            received: result.datagrams,
            unique: result.streams.reduce(0) { $0 + $1.received },
            echoed: echoes ? result.streams.reduce(0) { $0 + $1.echoed } : nil,
            echoFailed: echoes ? result.streams.reduce(0) { $0 + $1.echoFailed } : nil,
            rejected: result.rejected.byReason, drops: result.drops,
            receiveBufferAskedBytes: member.ready.receiveBufferAskedBytes,
            receiveBufferGrantedBytes: member.ready.receiveBufferGrantedBytes,
            features: FeaturesReport(
                sendmmsg: echoes ? .on : .off,
                gso: echoes && member.ready.features.coalesces ? .on : .off, recvmmsg: .on,
                gro: member.ready.features.coalesces ? .on : .off,
                timestamps: member.ready.features.kernelTimestamps ? .kernel : .user),
            resets: resets(result, definition))
    }

    private func relay() -> RelayReport? {
        guard let member = outcome.relay, let result = member.result?.relay,
            let answering = outcome.responder?.ready.addresses.first
        else { return nil }
        return RelayReport(
            address: outcome.target.description, target: answering, seed: outcome.identity.seed,
            result)
    }

    private func timeline() -> [TimelineReport] {
        let stepped = outcome.senders.compactMap { member -> TimelineReport? in
            guard member.result?.sender?.wallClockStepped == true else { return nil }
            return TimelineReport(
                atNs: Int(outcome.endNs - outcome.startNs), event: "wall_clock_stepped",
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
        let senders = outcome.senders.map { worker($0, role: .sender) }
        let kind: WorkerReport.Role = layout.responderKind == .command ? .command : .responder
        return senders + outcome.formerResponders.map { worker($0, role: kind) }
            + (outcome.responder.map { [worker($0, role: kind)] } ?? [])
            + (outcome.relay.map { [worker($0, role: .relay)] } ?? [])
            + (outcome.network.map { [worker($0, role: .network)] } ?? [])
    }

    private func worker(_ member: RunOutcome.Member, role: WorkerReport.Role) -> WorkerReport {
        WorkerReport(
            role: role, name: member.name, pid: member.pid,
            exit: WorkerReport.Exit(
                code: member.exit?.code.map(Int.init), signal: member.exit?.signal.map(Int.init)),
            cpuSeconds: member.result?.cpuSeconds, maxRssBytes: member.result?.maxRssBytes)
    }

    /// What was asked for and not granted.
    private func warnings() -> [String] {
        let members = outcome.senders + [outcome.responder].compactMap { $0 }
        let general = [layout.oversubscription].compactMap { $0 }
        return general
            + members.compactMap { member in
                let asked = member.ready.receiveBufferAskedBytes
                // The kernel doubles what it grants (socket(7)).
                let granted = member.ready.receiveBufferGrantedBytes / 2
                guard granted < asked else { return nil }
                return "\(member.name) asked for a receive buffer of \(asked) B and was granted "
                    + "\(granted) B: raise net.core.rmem_max, or overflow may come early"
            }
    }
}

extension RejectedReport {
    init(_ counts: RejectedCounts) {
        self.init()
        short = counts.short
        truncated = counts.truncated
        peer = counts.peer
        runId = counts.runId
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
            "from_future": fromFuture, "impossible": impossible, "corrupt": corrupt,
            "beyond_window": beyondWindow,
        ]
    }
}
