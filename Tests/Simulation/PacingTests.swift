import Datagrams
import Glibc
import Metrics
import Testing

@testable import Loops

/// The schedule: rows N21, N22, L15, and the ends of a run.
@Suite struct PacingTests {
    @Test("a schedule that can be held is held")
    func scheduleIsHeld() {
        let network = SimulatedNetwork(flows: 3)
        let run = SenderRun(SenderRun.paced(count: 999, flows: 3), over: network)
        run.expectExact()
        #expect(run.accounts.ledger.sent == 999)
        #expect(run.sentByFlow == [333, 333, 333])
        #expect((run.figures.pacingErrorNs?.max ?? .max) < 2_000)
        #expect((run.figures.pacingErrorNs?.min ?? .min) >= 0)
        #expect(run.accounts.largestBurst == 1)
    }

    @Test("N21 at a rate that cannot be held the rest is skipped, and the run is no longer for it")
    func n21() {
        for (pps, slots) in [(100e6, 1_000_000), (100e6, 999_999), (3e6, 30_000)] {
            let network = SimulatedNetwork(flows: 2)
            var phase = SenderRun.paced(count: slots, pps: pps, flows: 2)
            phase.endsWithLastAnswer = true
            let run = SenderRun(phase, over: network)
            run.expectExact()
            #expect(run.accounts.ledger.scheduled == slots)
            #expect(run.accounts.ledger.sent + run.accounts.ledger.skipped == slots)
            // 10 ms at about 1.1 µs a datagram: what this sender can do, it does.
            #expect(run.accounts.ledger.sent > 5_000, "\(pps): \(run.accounts.ledger.sent)")
            #expect(run.lastSentNs - phase.startNs < 10_100_000)
        }
    }

    @Test("N21 a stall is no reason for a burst")
    func n21Stall() {
        for burst in [1, 4] {
            let network = SimulatedNetwork()
            network.sendScript = { call, _ in call == 50 ? .stall(10_000_000) : nil }
            var phase = SenderRun.paced(count: 400)
            phase.sender.maxBurst = burst
            let run = SenderRun(phase, over: network)
            run.expectExact()
            // 100 slots passed; of those the last `burst` may still leave.
            #expect(run.accounts.ledger.skipped == 100 - burst)
        }
    }

    @Test("N22 sequence numbers cross 2^32", arguments: [16, 24, 64])
    func n22(payloadBytes: Int) {
        for first in [(1 << 32) - 5, (1 << 32) - 1, 1 << 32, (3 << 32) - 100] as [UInt64] {
            let network = SimulatedNetwork(flows: 2, seed: first)
            network.forward.loss = 0.05
            network.backward = Weather(
                loss: 0.05, duplicate: 0.05, delayNs: 20_000...900_000)
            let run = SenderRun(
                SenderRun.paced(
                    count: 400, flows: 2, payloadBytes: payloadBytes, firstSequence: first),
                over: network)
            run.expectExact()
            #expect(run.accounts.ledger.sent == 400)
            #expect(run.figures.reordering.count > 10)
            #expect(run.accounts.rejected.total == 0)
        }
    }

    @Test("L15 a run of no datagrams has no figures, and balances")
    func l15None() {
        let run = SenderRun(SenderRun.paced(count: 0), over: SimulatedNetwork())
        run.expectExact()
        #expect(run.accounts.ledger.scheduled == 0)
        #expect(run.figures.loss.ratio == nil)
        #expect(run.figures.rttNs?.count == 0)
        #expect(run.figures.rttNs?.p50 == nil)
        #expect(run.figures.rtpJitterNs == nil)
    }

    @Test("L15 a run of one datagram has one of everything")
    func l15One() {
        for phase in [SenderRun.paced(count: 1), SenderRun.unpaced(count: 1, window: 4)] {
            let run = SenderRun(phase, over: SimulatedNetwork())
            run.expectExact()
            #expect(run.accounts.ledger.sent == 1)
            #expect(run.figures.inTime == 1)
            #expect(run.figures.rttNs?.p9999 == run.figures.rttNs?.min)
            #expect(run.figures.ipdvNs.count == 0)
        }
    }

    @Test("a closed loop keeps no more outstanding than its window")
    func windowHolds() {
        for window in [1, 3, 64, 200] {
            let network = SimulatedNetwork()
            var most = 0
            var delivered = 0
            network.backward.delayNs = 300_000...300_000
            network.onDelivery = { _ in
                most = max(most, network.sentByFlow[0] - delivered)
                delivered += 1
            }
            let run = SenderRun(SenderRun.unpaced(count: 1_000, window: window), over: network)
            run.expectExact()
            #expect(run.figures.inTime == 1_000)
            #expect(most <= window)
        }
    }

    @Test("a closed loop goes on after all that was outstanding is lost")
    func windowSurvivesLoss() {
        let network = SimulatedNetwork()
        network.echoScript = { (100..<300).contains($0.index) ? [] : [20_000] }
        let run = SenderRun(SenderRun.unpaced(count: 600, window: 32), over: network)
        run.expectExact()
        #expect(run.accounts.ledger.sent == 600)
        #expect(run.figures.never == 200)
        #expect(run.figures.loss.periods == 1)
    }

    @Test("the drain ends with the last answer where nothing can follow it")
    func drainEndsWithLastAnswer() {
        var phase = SenderRun.paced(count: 100)
        phase.endsWithLastAnswer = true
        let run = SenderRun(phase, over: SimulatedNetwork())
        run.expectExact()
        #expect(run.endNs - run.lastSentNs < 1_000_000)
    }

    @Test("the drain lasts the timeout where more may come, and where an answer is missing")
    func drainLastsTheTimeout() {
        for endsWithLastAnswer in [false, true] {
            let network = SimulatedNetwork()
            if endsWithLastAnswer { network.echoScript = { $0.index == 50 ? [] : [20_000] } }
            var phase = SenderRun.paced(count: 100)
            phase.endsWithLastAnswer = endsWithLastAnswer
            let run = SenderRun(phase, over: network)
            run.expectExact()
            #expect(run.endNs - run.lastSentNs >= phase.timeoutNs)
            #expect(run.endNs - run.lastSentNs < phase.timeoutNs + 1_000_000)
        }
    }

    @Test("what a loop has done is told while it runs")
    func liveFigures() {
        let network = SimulatedNetwork()
        let control = LoopControl()
        var phase = SenderRun.paced(count: 20_000)
        phase.windowCapacity = 1 << 15
        var live = LiveFigures()
        network.clock.alarm(atNs: phase.startNs + 1_500_000_000) { live = control.latest() }
        SenderRun(phase, over: network, control: control).expectExact()
        #expect((12_000...15_000).contains(live.sent))
        #expect((12_000...15_000).contains(live.received))
        #expect(live.p50Ns != nil)
    }

    /// What the loop may be doing when it is told to stop.
    enum Moment: String, CaseIterable, CustomTestStringConvertible {
        case beforeStart, paced, slow, unpaced, stalled, queueFull, socketFull, refused, draining

        var testDescription: String { rawValue }
    }

    @Test(
        "a stop ends the run within a wait and the drain that it allows", arguments: Moment.allCases
    )
    func stop(at moment: Moment) {
        let network = SimulatedNetwork()
        var phase = SenderRun.paced(count: 1_000_000, timeoutNs: 1_000_000_000)
        phase.durationNs = nil
        phase.windowCapacity = 1 << 15
        let atNs = phase.startNs + 500_000_000
        switch moment {
        case .beforeStart: phase.startNs += 3_600_000_000_000
        case .paced: break
        case .slow: phase.rate = .paced(streamPps: 0.01)
        case .unpaced: phase.rate = .max(window: 16)
        case .stalled:
            phase.rate = .max(window: 16)
            network.forward.loss = 1
        case .queueFull: network.sendScript = { _, _ in .fail(ENOBUFS) }
        case .socketFull: network.sendScript = { _, _ in .fail(EAGAIN) }
        case .refused: network.sendScript = { _, _ in .fail(ECONNREFUSED) }
        case .draining:
            phase.countLimit = 10
            network.forward.loss = 1
        }
        let control = LoopControl()
        network.clock.alarm(atNs: atNs) { control.stop(drainNs: 20_000_000) }
        let run = SenderRun(phase, over: network, control: control)
        run.expectExact()
        #expect(run.endNs < atNs + 20_000_000 + 55_000_000)
    }
}
