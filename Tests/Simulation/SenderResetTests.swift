import Datagrams
import Glibc
import Load
import Metrics
import Testing

@testable import Loops

/// What each policy makes of resets at a sender: rows N5, N7 and L17.
@Suite struct SenderResetTests {
    static let startNs = SimulatedClock.startNs + 1_000_000

    static func run(
        _ policy: RetryPolicy, count: Int = 1_000, pps: Double = 10_000, flows: Int = 1,
        closed: @escaping (Int64) -> Bool
    ) -> SenderRun {
        let network = SimulatedNetwork(flows: flows)
        network.isPortClosed = closed
        var phase = SenderRun.paced(count: count, pps: pps, flows: flows)
        phase.sender.onReset = policy
        let run = SenderRun(phase, over: network)
        run.expectExact()
        return run
    }

    /// A port that is closed from 20 to 60 ms after the start.
    static func away(_ atNs: Int64) -> Bool {
        (startNs + 20_000_000..<startNs + 60_000_000).contains(atNs)
    }

    @Test("N5 none: the first reset ends the flow, and the rest of it is refused")
    func none() {
        let run = Self.run(.none, closed: { _ in true })
        #expect(run.resets.ended == 1)
        #expect(run.accounts.ledger.sent + run.accounts.ledger.refused == 1_000)
        #expect(run.accounts.ledger.sent <= 3)
        #expect(run.accounts.retried == 0)
        let outages = run.outages.merged(joinNs: 1_000_000)
        #expect(outages.count == 1)
        #expect(outages[0].endNs == nil)
        #expect(outages[0].detectedNs == run.resets.endedNs[0])
    }

    @Test("N5 once: a reset before an answer to what was sent after the first ends the flow")
    func once() {
        let run = Self.run(.once, closed: { _ in true })
        #expect(run.resets.ended == 1)
        #expect(run.resets.retries == RetryCounts(attempted: 1, givenUp: 1))
        // The outage begins with the first probe that met the closed port, and not with the one
        // that was tried again.
        let outage = run.outages.merged(joinNs: 1_000_000).first
        #expect(outage?.startNs == run.firstSentNs)
        #expect(outage?.detectedNs == run.resets.timesNs.first)
        // The port is closed for one probe at a time: each time an answer is there in between.
        let blinking = Self.run(.once, closed: { ($0 - Self.startNs) % 10_000_000 < 90_000 })
        #expect(blinking.resets.ended == 0)
        #expect(blinking.resets.retries.attempted > 5)
        #expect(blinking.resets.retries.succeeded == blinking.resets.retries.attempted)
        #expect(blinking.accounts.ledger.refused == 0)
    }

    @Test("N5 always: all is tried, and the outage is one with its start, end and detection")
    func always() throws {
        let run = Self.run(.always, closed: Self.away)
        #expect(run.resets.ended == 0)
        #expect(run.accounts.ledger.refused == 0)
        let outages = run.outages.merged(joinNs: 1_000_000)
        let outage = try #require(outages.first)
        #expect(outages.count == 1)
        #expect(outage.probes == run.figures.never)
        // One interval between two probes is 100 µs.
        #expect(abs(outage.startNs - (Self.startNs + 20_000_000)) <= 100_000 + 50_000)
        #expect(abs(try #require(outage.endNs) - (Self.startNs + 60_000_000)) <= 100_000 + 50_000)
        #expect(try #require(outage.detectedNs) - outage.startNs < 1_000_000)
        #expect(try #require(outage.recoveredNs) > (outage.endNs ?? 0))
    }

    @Test("N7 backoff: a closed port is tried as often as the pauses allow, and no more")
    func backoff() throws {
        let policy = RetryPolicy.backoff(
            .init(firstNs: 1_000_000, factor: 2, limitNs: 20_000_000))
        let run = Self.run(policy, count: 10_000, closed: { _ in true })
        // 1, 2, 4, 8, 16, 20, 20 … ms in a second.
        #expect((48...60).contains(run.resets.retries.attempted))
        #expect(run.accounts.ledger.sent < 200)
        #expect(run.accounts.ledger.sent + run.accounts.ledger.refused == 10_000)
        #expect(run.outages.merged(joinNs: 1_000_000).count == 1)
    }

    @Test("N7 flaps at 1 kHz cost no more retries than the policy allows")
    func n7() {
        let policy = RetryPolicy.backoff(
            .init(firstNs: 5_000_000, factor: 1, limitNs: 5_000_000))
        let run = Self.run(
            policy, count: 10_000, closed: { ($0 - Self.startNs) % 1_000_000 < 500_000 })
        // A second with a pause of 5 ms after each reset.
        #expect(run.resets.retries.attempted <= 200)
        #expect(run.resets.retries.attempted > 50)
        #expect(run.network.record.sendCalls < 10_000)
        #expect(run.network.record.waitCalls < 30_000, "no busy loop")
        // Without a pause: one retry for a datagram that was refused, and no more.
        let steadfast = Self.run(
            .always, count: 10_000, closed: { ($0 - Self.startNs) % 1_000_000 < 500_000 })
        #expect(steadfast.resets.ended == 0)
        #expect(steadfast.accounts.retried <= steadfast.resets.seen)
        #expect(steadfast.network.record.sendCalls <= 2 * 10_000)
        #expect(steadfast.network.record.waitCalls < 50_000, "no busy loop")
    }

    @Test("backoff: a flow is back after the outage, and a spent budget ends it")
    func budget() throws {
        let policy = RetryPolicy.backoff(
            .init(firstNs: 1_000_000, factor: 2, limitNs: 8_000_000))
        let run = Self.run(policy, closed: Self.away)
        #expect(run.resets.ended == 0)
        #expect(run.resets.retries.succeeded == 1)
        let outage = try #require(run.outages.merged(joinNs: 1_000_000).first)
        #expect(abs(outage.startNs - (Self.startNs + 20_000_000)) <= 150_000)
        // Its pause may outlast the outage.
        let endNs = try #require(outage.endNs)
        #expect((0...8_300_000).contains(endNs - (Self.startNs + 60_000_000)))
        #expect(try #require(outage.recoveredNs) >= endNs)
        let spent = Self.run(
            .backoff(.init(firstNs: 1_000_000, factor: 1, limitNs: 1_000_000, budget: 4)),
            closed: { _ in true })
        #expect(spent.resets.ended == 1)
        #expect(spent.resets.retries == RetryCounts(attempted: 4, givenUp: 1))
    }

    @Test("of several flows each has its own policy's state, and they share one outage")
    func flows() throws {
        let run = Self.run(.always, flows: 4, closed: Self.away)
        let outages = run.outages.merged(joinNs: 2_000_000)
        #expect(outages.count == 1)
        #expect(outages[0].flows == 4)
        #expect(outages[0].probes == run.figures.never)
        #expect(run.resets.retries.succeeded == 4)
    }

    @Test("at rate max flows that resets have ended leave nothing without an account")
    func atMax() {
        for window in [nil, 16] as [Int?] {
            let network = SimulatedNetwork(flows: 2)
            network.isPortClosed = { _ in true }
            var phase = SenderRun.unpaced(count: 500, window: window, flows: 2, batch: 4)
            phase.sender.onReset = .none
            let run = SenderRun(phase, over: network)
            run.expectExact()
            #expect(run.accounts.ledger.sent + run.accounts.ledger.refused == 500)
            #expect(run.resets.ended == 2)
        }
    }

    @Test("at rate max a paused flow waits without a busy loop")
    func pausedAtMax() {
        let network = SimulatedNetwork()
        network.isPortClosed = { _ in true }
        var phase = SenderRun.unpaced(count: 200, window: 8, batch: 4)
        phase.countLimit = nil
        phase.durationNs = 1_000_000_000
        phase.sender.onReset = .backoff(.init(firstNs: 10_000_000, factor: 1, limitNs: 10_000_000))
        let run = SenderRun(phase, over: network)
        run.expectExact()
        #expect(run.resets.retries.attempted <= 101)
        #expect(run.network.record.sendCalls < 400)
    }

    @Test("L17 a responder that never comes back is an outage without an end")
    func l17() throws {
        let lostNs = Self.startNs + 30_000_000
        let run = Self.run(.always, closed: { $0 >= lostNs })
        let outage = try #require(run.outages.merged(joinNs: 1_000_000).first)
        #expect(abs(outage.startNs - lostNs) <= 150_000)
        #expect(outage.endNs == nil)
        #expect(outage.recoveredNs == nil)
    }
}
