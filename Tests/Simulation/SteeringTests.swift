import Harness
import Impairment
import Load
import Metrics
import Testing

@testable import Loops

/// A rate that orders change while the loop runs: its slots, and the adjustment of RFC 9097 over a
/// simulated bottleneck.
@Suite struct SteeringTests {
    @Test("a rate that changes loses no slot and makes none", arguments: 0..<60 as Range<UInt64>)
    func slots(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let startNs: Int64 = 5_000_000_000
        var pps = Double.random(in: 40...90_000, using: &random)
        let flows = Int.random(in: 1...3, using: &random)
        var times = SlotTimes(startNs: startNs, streamPps: pps, flows: flows)
        var (slot, nowNs, lastDueNs) = (0, startNs, Int64.min)
        // The integral of the rate, of which a change loses nothing.
        var due = 0.0
        for _ in 0..<40 {
            let untilNs = nowNs + Int64.random(in: 1...60_000_000, using: &random)
            let last = times.lastSlot(dueAtNs: untilNs)
            while times.dueNs(slot) <= untilNs {
                #expect(times.dueNs(slot) >= lastDueNs, "seed \(seed)")
                #expect(times.flow(of: slot) == slot % flows)
                lastDueNs = times.dueNs(slot)
                slot += 1
            }
            #expect(slot == last + 1, "seed \(seed)")
            due += Double(untilNs - nowNs) * pps / 1e9
            #expect(abs(Double(slot) - 1 - due) <= 1.001, "seed \(seed): \(slot), \(due)")
            nowNs = untilNs
            pps = Double.random(in: 40...90_000, using: &random)
            times.change(from: slot, toStreamPps: pps, nowNs: nowNs)
            #expect(times.dueNs(slot) >= nowNs - 1, "seed \(seed)")
        }
    }

    @Test func anOverdueSlotStaysDueWhenItWas() {
        var times = SlotTimes(startNs: 0, streamPps: 1_000)
        times.change(from: 5, toStreamPps: 10_000, nowNs: 7_500_000)
        #expect((5...7).map { times.dueNs($0) } == [5_000_000, 5_100_000, 5_200_000])
        // Half of the distance to a slot has passed, and half of the new one is left.
        times.change(from: 6, toStreamPps: 1_000, nowNs: 5_050_000)
        #expect((6...7).map { times.dueNs($0) } == [5_550_000, 6_550_000])
    }

    /// A phase whose rate is ordered.
    private func phase(
        seconds: Int64, payloadBytes: Int = 1_200, flows: Int = 1, firstPps: Double,
        maxBurst: Int = 1
    ) -> SenderPhase {
        var phase = SenderRun.paced(
            count: 0, pps: firstPps, flows: flows, payloadBytes: payloadBytes,
            timeoutNs: 400_000_000)
        phase.countLimit = nil
        phase.durationNs = seconds * 1_000_000_000
        phase.sender.maxBurst = maxBurst
        phase.isAdjusted = true
        phase.reportsFeedback = true
        phase.maxLossRuns = 60_000
        return phase
    }

    @Test("orders at any time leave every slot in an account", arguments: 0..<24 as Range<UInt64>)
    func orders(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let network = SimulatedNetwork(flows: 1 + Int(seed % 3), seed: seed)
        network.forward.loss = seed % 2 == 0 ? 0.02 : 0
        // Stalls longer than many slots, and calls that fail.
        network.sendScript = { call, _ in
            call % 211 == 210 ? .stall(9_000_000) : call % 301 == 300 ? .fail(105) : nil
        }
        let control = LoopControl()
        let phase = phase(
            seconds: 2, flows: 1 + Int(seed % 3), firstPps: 500, maxBurst: 1 + Int(seed % 4))
        let endNs = phase.startNs + 2_000_000_000
        for _ in 0..<Int.random(in: 1...80, using: &random) {
            let atNs = SimulatedClock.startNs + Int64.random(in: 1...2_100_000_000, using: &random)
            let next = Double.random(in: 20...20_000, using: &random)
            network.clock.alarm(atNs: atNs) { control.change(toPps: next) }
        }
        let run = SenderRun(phase, over: network, control: control)
        run.expectExact()
        #expect(run.lastSentNs < endNs + 50_000_000, "seed \(seed)")
        #expect(run.accounts.ledger.scheduled > run.accounts.ledger.skipped)
    }

    @Test("the slots of ordered rates are the integral of these")
    func integral() {
        let network = SimulatedNetwork()
        let control = LoopControl()
        // Half a second each: 500, 4,000, 100 and 2,500 datagrams a second.
        for (index, pps) in [4_000, 100, 2_500].enumerated() {
            let atNs = SimulatedClock.startNs + 1_000_000 + Int64(index + 1) * 500_000_000
            network.clock.alarm(atNs: atNs) { control.change(toPps: Double(pps)) }
        }
        let run = SenderRun(
            phase(seconds: 2, payloadBytes: 64, firstPps: 500), over: network, control: control)
        run.expectExact()
        // An order that comes while the loop waits for a slot is seen at that slot.
        #expect(abs(run.accounts.ledger.scheduled - (250 + 2_000 + 50 + 1_250)) <= 60)
        #expect(run.accounts.ledger.skipped == 0)
    }

    /// The bits of an IPv4 packet with a probe of 1,200 B.
    private static let bits = 8.0 * 1_228

    @Test(
        "the capacity of a bottleneck is found, with its own loss and delays",
        arguments: [(1, 20, 64), (2, 7, 32), (3, 45, 128), (4, 3, 16), (5, 12, 400)])
    func capacity(seed: UInt64, megabits: Int, queueKiB: Int64) throws {
        let network = SimulatedNetwork(seed: seed)
        var queue = BottleneckQueue(
            Bottleneck(
                bitsPerSecond: Int64(megabits) * 1_000_000, queueBytes: queueKiB << 10))
        // A script is asked twice about a probe, and each goes through the queue once.
        var fate: (index: Int, delays: [Int64]) = (-1, [])
        network.echoScript = { [unowned network] probe in
            guard fate.index != probe.index else { return fate.delays }
            let nowNs = network.clock.timeNs
            let atNs = queue.admit(atNs: nowNs, bytes: 1_228)
            fate = (probe.index, atNs.map { [$0 - nowNs + 3_000_000] } ?? [])
            return fate.delays
        }
        let control = LoopControl()
        let settings = CapacityTest.Settings(
            startNs: SimulatedClock.startNs + 1_000_000,
            endNs: SimulatedClock.startNs + 6_001_000_000, bitsPerPacket: Self.bits,
            rates: try #require(LoadRates(upTo: 100e6)), firstRow: 0)
        var test = CapacityTest(settings)
        var phase = phase(seconds: 6, firstPps: test.pps(ofRow: 0))
        phase.windowCapacity = 1 << 16
        func look(atNs: Int64) {
            network.clock.alarm(atNs: atNs) {
                if let feedback = control.takeFeedback() {
                    switch test.take(feedback) {
                    case .rate(let pps): control.change(toPps: pps)
                    case .stop: control.stop(drainNs: 0)
                    case nil: break
                    }
                }
                if atNs < settings.endNs { look(atNs: atNs + 5_000_000) }
            }
        }
        look(atNs: settings.startNs)
        let run = SenderRun(phase, over: network, control: control)
        run.expectExact()
        #expect(run.accounts.ledger.skipped == 0)
        let best = try #require(test.best)
        let found = best.ipBitsPerSecond / Double(megabits) / 1e6
        #expect(found > 0.98 && found < 1.005, "seed \(seed): \(found) \(test.subIntervals)")
        #expect(test.wasHeldAtEnd)
        #expect(test.ending == nil)
        #expect(best.received > 0 && best.delayRangeNs != nil)
        // What arrived is what the seconds have, but for the last and the drain.
        let sum = test.subIntervals.reduce(0) { $0 + $1.received }
        #expect(sum <= run.figures.received && sum * 10 > run.figures.received * 8)
        #expect(test.subIntervals.reduce(0) { $0 + $1.lost } <= run.figures.loss.count)
    }

    @Test("the sender's counts of answers are those of the run", arguments: 0..<8 as Range<UInt64>)
    func feedback(seed: UInt64) throws {
        let network = SimulatedNetwork(flows: 2, seed: seed)
        network.backward = Weather(loss: 0.05, duplicate: 0.05, delayNs: 20_000...9_000_000)
        let control = LoopControl()
        var last: LoadFeedback?
        for index in 0..<260 as Range<Int64> {
            network.clock.alarm(atNs: SimulatedClock.startNs + index * 5_000_000) {
                last = control.takeFeedback() ?? last
            }
        }
        var phase = phase(seconds: 1, payloadBytes: 64, flows: 2, firstPps: 2_000)
        phase.timeoutNs = 400_000_000
        let run = SenderRun(phase, over: network, control: control)
        run.expectExact()
        let feedback = try #require(last)
        #expect(feedback.received == run.figures.received)
        #expect(feedback.duplicates == run.figures.duplication.count)
        #expect(feedback.reordered == run.figures.reordering.count)
        let tail = run.accounts.ledger.sent - feedback.expected
        #expect((0...40).contains(tail), "the last probes may be lost")
        #expect(feedback.expected - feedback.received == run.figures.never - tail)
    }

    @Test("a sink's counts are those of its figures, and none is behind")
    func sink() throws {
        var stream = ResponderRun.stream()
        stream.statistics.recordsIntervals = true
        let script = ResponderRun.steady(3_000, of: stream)
        // Every tenth is lost, and every hundredth comes after its successor.
        script.arrivals = script.arrivals.enumerated().filter { $0.offset % 10 != 5 }.map(\.element)
        for index in stride(from: 50, to: script.arrivals.count - 1, by: 100) {
            script.arrivals[index].atNs += 250_000
        }
        script.arrivals.sort { $0.atNs < $1.atNs }
        let lastNs = try #require(script.arrivals.last).atNs
        let run = ResponderRun(
            stream, echoes: false, over: script, sent: [3_000], stopAtNs: lastNs + 200_000_000,
            feedbackStream: 0)
        let feedback = try #require(run.feedback)
        #expect(feedback.received == run.figures.received)
        #expect(feedback.received == 2_700)
        #expect(feedback.expected == 3_000)
        #expect(feedback.reordered == run.figures.reordering.count)
        #expect(feedback.reordered == 27)
        #expect(!feedback.isBehind)
        let delayNs = try #require(feedback.delayMostNs)
        #expect(abs(delayNs - Int64(run.figures.oneWayNs?.max ?? 0)) * 100 <= delayNs)
    }
}
