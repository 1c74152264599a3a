import Datagrams
import Load
import Metrics
import Testing

@testable import Loops

/// One run of the shipped sender loop over a simulated network, and what it counted.
struct SenderRun {
    static let anchorNs: Int64 = 700_000_000_000_000_000
    static let runID: UInt64 = 0x1234_5678_9abc_def1
    /// No run of these tests has a reason to last longer.
    static let limitNs: Int64 = 60_000_000_000

    let network: SimulatedNetwork
    let phase: SenderPhase
    let accounts: SendAccounts
    let stalls: StallCounts
    /// What rates are over.
    let measuredNs: Int64
    let resets: ResetFigures
    let outages: OutageList
    let otherErrors: [String: Int]
    let receiveErrors: [String: Int]
    let figures: StreamFigures
    let endTimes: [EndTimes.Entry]
    let fault: LoopFault?
    let wallClockStepped: Bool
    let sentByFlow: [Int]
    let endNs: Int64
    let firstSentNs: Int64
    let lastSentNs: Int64
    let drops: Int
    /// The watchdog had to stop it.
    let ranAway: Bool

    init(
        _ phase: SenderPhase, over network: SimulatedNetwork, control: LoopControl = LoopControl()
    ) {
        self.init(phase, content: Self.layout(phase.payloadBytes), over: network, control: control)
    }

    /// Runs the loop with a content of its own.
    init<Content: SenderContent>(
        _ phase: SenderPhase, content: Content, over network: SimulatedNetwork,
        control: LoopControl = LoopControl()
    ) {
        var ranAway = false
        network.firstSequence = phase.firstSequence
        network.timeoutNs = phase.timeoutNs
        network.payloadBytes = phase.payloadBytes
        network.coalesces = phase.coalesces
        network.clock.alarm(atNs: SimulatedClock.startNs + Self.limitNs) {
            ranAway = true
            control.stop(drainNs: 0)
        }
        let seed = network.seed
        network.clock.alarm(atNs: SimulatedClock.startNs + 2 * Self.limitNs) {
            fatalError("the loop does not end, seed \(seed)")
        }
        var loop = SenderLoop<SimulatedKernel, SimulatedClock, Content>(
            phase: phase, content: content, clock: network.clock,
            control: control, log: nil)
        var kernel = SimulatedKernel(network)
        loop.run(&kernel)
        self.network = network
        self.phase = phase
        accounts = loop.accounts
        stalls = loop.stalls.counts
        measuredNs = Int64(loop.stalls.measured.count)
        resets = loop.resetFigures
        outages = loop.statistics.outages
        otherErrors = loop.otherErrors.byName
        receiveErrors = loop.receiveErrors.byName
        figures = loop.statistics.summary()
        endTimes = loop.endTimes.entries
        fault = loop.fault
        wallClockStepped = loop.arrivalClock.isStepped
        sentByFlow = loop.sentByFlow
        firstSentNs = loop.firstSentNs
        lastSentNs = loop.lastSentNs
        drops = network.sockets.reduce(0) { $0 + $1.drops }
        self.ranAway = ranAway
        endNs = network.clock.timeNs
    }

    static func layout(_ payloadBytes: Int) -> ProbeLayout {
        ProbeLayout(payloadBytes: payloadBytes, runID: runID, anchorNs: anchorNs)
    }

    /// A paced phase that begins at once.
    static func paced(
        count: Int, pps: Double = 10_000, flows: Int = 1, payloadBytes: Int = 64,
        timeoutNs: Int64 = 50_000_000, firstSequence: UInt64 = 0
    ) -> SenderPhase {
        let sender = SenderDefinition(
            name: "probes", flows: flows, rate: .max, payloadBytes: payloadBytes,
            length: .count(count), startSequence: Int(firstSequence))
        var phase = SenderPhase(
            sender, flows: flows, timeoutNs: timeoutNs,
            startNs: SimulatedClock.startNs + 1_000_000, firstSession: 7, windowCapacity: 4_096)
        phase.rate = .paced(streamPps: pps)
        phase.countLimit = count
        phase.spinNs = 0
        phase.recordsIntervals = true
        phase.intervalNs = 10_000_000
        phase.maxIntervals = 300
        phase.maxLossRuns = 2_000
        phase.maxEndTimes = 2_000
        return phase
    }

    /// A closed loop without a schedule.
    static func unpaced(
        count: Int, window: Int?, flows: Int = 1, payloadBytes: Int = 64, batch: Int = 64
    ) -> SenderPhase {
        var phase = paced(count: count, flows: flows, payloadBytes: payloadBytes)
        phase.rate = .max(window: window)
        phase.batch = batch
        return phase
    }

    var comment: Comment { "seed \(network.seed)" }

    /// The ledger of the run, with the simulated echo server as a responder that tells.
    var ledger: Ledger {
        let sender = LedgerBuilder.Sender(
            accounts.ledger, figures, socketDrops: drops)
        var responder = LedgerBuilder.Responder()
        responder.received = network.record.atResponder.count
        return LedgerBuilder.roundTrip(sender: sender, responder: responder)
    }

    /// What holds in every run, whatever the network and the kernel did.
    func expectExact(sourceLocation: SourceLocation = #_sourceLocation) {
        let record = network.record
        #expect(!ranAway, comment, sourceLocation: sourceLocation)
        #expect(ledger.imbalances() == [], comment, sourceLocation: sourceLocation)
        #expect(
            accounts.ledger.sent == network.sentByFlow.reduce(0, +), comment,
            sourceLocation: sourceLocation)
        #expect(sentByFlow == network.sentByFlow, comment, sourceLocation: sourceLocation)
        #expect(record.misnumbered == 0, comment, sourceLocation: sourceLocation)
        expectSums(sourceLocation: sourceLocation)
        let truth = DeliveryTruth(record)
        #expect(figures.sent == accounts.ledger.sent, comment, sourceLocation: sourceLocation)
        #expect(figures.inTime == truth.inTime, comment, sourceLocation: sourceLocation)
        #expect(figures.late == truth.late, comment, sourceLocation: sourceLocation)
        #expect(
            figures.never == accounts.ledger.sent - truth.inTime - truth.late, comment,
            sourceLocation: sourceLocation)
        #expect(
            figures.loss.count == accounts.ledger.sent - truth.inTime, comment,
            sourceLocation: sourceLocation)
        #expect(
            figures.duplication.count == truth.duplicates, comment, sourceLocation: sourceLocation)
        #expect(
            figures.reordering.count == truth.reordered, comment, sourceLocation: sourceLocation)
        #expect(
            accounts.rejected.total == record.deliveredAltered, comment,
            sourceLocation: sourceLocation)
        #expect(
            figures.rttNs?.count == truth.inTime + truth.late, comment,
            sourceLocation: sourceLocation)
        expectTimes(sourceLocation: sourceLocation)
    }
}

extension SenderRun {
    /// The times of every answered probe are kept, as there is room for all.
    fileprivate func expectTimes(sourceLocation: SourceLocation) {
        let delaysNs = endTimes.map { Int($0.laterNs - $0.earlierNs) }
        #expect(
            Set(endTimes.map { [UInt64($0.session), $0.sequence] }).count == endTimes.count,
            comment, sourceLocation: sourceLocation)
        guard phase.maxEndTimes > figures.received, !phase.coalesces, delaysNs.count > 0 else {
            // Of a coalesced run that has a copy in it, no times are kept.
            #expect(endTimes.count <= figures.received, comment, sourceLocation: sourceLocation)
            return
        }
        #expect(endTimes.count == figures.received, comment, sourceLocation: sourceLocation)
        #expect(figures.rttNs?.min == delaysNs.min(), comment, sourceLocation: sourceLocation)
        #expect(figures.rttNs?.max == delaysNs.max(), comment, sourceLocation: sourceLocation)
    }

    /// The intervals and the loss runs have the totals of the stream.
    fileprivate func expectSums(sourceLocation: SourceLocation) {
        let intervals = figures.intervals
        func sum(_ path: KeyPath<IntervalFigures, Int>) -> Int {
            intervals.reduce(0) { $0 + $1[keyPath: path] }
        }
        #expect(intervals.count <= phase.maxIntervals, comment, sourceLocation: sourceLocation)
        #expect(sum(\.sent) == figures.sent, comment, sourceLocation: sourceLocation)
        #expect(sum(\.received) == figures.received, comment, sourceLocation: sourceLocation)
        #expect(sum(\.lost) == figures.loss.count, comment, sourceLocation: sourceLocation)
        #expect(
            sum(\.refused) == accounts.ledger.refused, comment, sourceLocation: sourceLocation)
        #expect(
            intervals.reduce(0) { $0 + ($1.skipped ?? 0) } == accounts.ledger.skipped, comment,
            sourceLocation: sourceLocation)
        let runs = figures.lossRuns?.runs ?? []
        func count(isLate: Bool) -> Int {
            runs.filter { $0.isLate == isLate }.reduce(0) { $0 + $1.count }
        }
        #expect(figures.lossRuns?.runsLeftOut == 0, comment, sourceLocation: sourceLocation)
        #expect(count(isLate: true) == figures.late, comment, sourceLocation: sourceLocation)
        #expect(count(isLate: false) == figures.never, comment, sourceLocation: sourceLocation)
        for run in runs {
            #expect(
                run.count > 0 && run.sentNs <= run.lastSentNs, comment,
                sourceLocation: sourceLocation)
        }
    }
}

/// The figures of what a network delivered, by their definitions.
struct DeliveryTruth {
    var inTime = 0
    var late = 0
    var duplicates = 0
    var reordered = 0

    init(_ record: NetworkRecord) {
        var seen: Set<SimulatedNetwork.Probe> = []
        var nextExpected: [Int: Int] = [:]
        for (probe, isLate) in record.delivered {
            guard seen.insert(probe).inserted else {
                duplicates += 1
                continue
            }
            if isLate { late += 1 } else { inTime += 1 }
            if probe.index >= nextExpected[probe.flow, default: 0] {
                nextExpected[probe.flow] = probe.index + 1
            } else {
                reordered += 1
            }
        }
    }
}
