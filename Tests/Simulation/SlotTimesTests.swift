import Glibc
import Load
import Testing

@testable import Loops

/// The due times of slots: every schedule against its definition.
@Suite struct SlotTimesTests {
    static let startNs: Int64 = 1_000_000_000

    static func times(
        _ schedule: SendSchedule, pps: Double, flows: Int = 1, seed: Int = 1,
        countPerFlow: Int? = nil, lengthNs: Int64? = nil
    ) -> SlotTimes {
        var schedule = schedule
        schedule.seed = seed
        return SlotTimes(
            startNs: startNs, streamPps: pps * Double(flows), flows: flows, schedule: schedule,
            countPerFlow: countPerFlow, endNs: lengthNs.map { startNs + $0 } ?? .max)
    }

    /// The slots of a schedule, up to `most` of them.
    static func slots(_ times: SlotTimes, most: Int) -> [(dueNs: Int64, flow: Int)] {
        var times = times
        var slots: [(Int64, Int)] = []
        for slot in 0..<most {
            let due = times.dueNs(slot)
            guard due < .max else { break }
            slots.append((due - startNs, times.flow(of: slot)))
        }
        return slots
    }

    static let schedules: [(SendSchedule, Double)] = [
        (.constant, 3_333), (SendSchedule(.poisson), 777), (SendSchedule(.bursts(7)), 700),
        (
            SendSchedule(
                .constant, profile: RateProfile([.init(lengthNs: 1 << 30, fromPps: 5, toPps: 900)])),
            5
        ),
        (
            SendSchedule(
                .poisson,
                profile: RateProfile(
                    [.init(lengthNs: 50_000_000, pps: 400), .init(lengthNs: 70_000_000, pps: 0)],
                    repeats: true)), 400
        ),
        (
            SendSchedule(
                .trace(.init(offsetsNs: [0, 0, 5, 1_000_000, 9_000_000], roundNs: 10_000_000))), 500
        ),
    ]

    @Test("a slot is due at its time and not before it, whatever the schedule")
    func inverse() {
        for (schedule, pps) in Self.schedules {
            for flows in [1, 3] {
                let slots = Self.slots(Self.times(schedule, pps: pps, flows: flows), most: 500)
                #expect(slots.count == 500)
                var times = Self.times(schedule, pps: pps, flows: flows)
                for (slot, each) in slots.enumerated() {
                    let (dueNs, flow) = each
                    #expect((0..<flows).contains(flow))
                    guard slot > 0 else { continue }
                    #expect(dueNs >= slots[slot - 1].dueNs, "\(schedule) \(slot)")
                    let last = times.lastSlot(dueAtNs: Self.startNs + dueNs)
                    #expect(last >= slot, "\(schedule) \(slot)")
                    if last + 1 < slots.count {
                        #expect(slots[last + 1].dueNs > dueNs, "\(schedule) \(slot)")
                    }
                    let isDue = times.isDue(slot, atNs: Self.startNs + dueNs)
                    #expect(isDue)
                }
            }
        }
    }

    @Test("the distances of a Poisson process are exponential (Kolmogorov and Smirnov, 20 seeds)")
    func poisson() {
        var passed = 0
        for seed in 1...20 {
            let slots = Self.slots(
                Self.times(SendSchedule(.poisson), pps: 1_000, seed: seed), most: 100_001)
            let gaps = zip(slots, slots.dropFirst()).map { Double($1.dueNs - $0.dueNs) / 1e6 }
            if Self.pOfExponential(gaps) > 0.01 { passed += 1 }
        }
        #expect(passed >= 19)
    }

    @Test("each flow of a stream is a Poisson process of its own, at the rate of a flow")
    func flowsOfPoisson() {
        let slots = Self.slots(
            Self.times(SendSchedule(.poisson), pps: 1_000, flows: 5, seed: 3), most: 250_000)
        for flow in 0..<5 {
            let mine = slots.filter { $0.flow == flow }
            let gaps = zip(mine, mine.dropFirst()).map { Double($1.dueNs - $0.dueNs) / 1e6 }
            #expect(abs(Double(mine.count) - 50_000) < 5 * 224, "\(mine.count)")
            #expect(Self.pOfExponential(gaps) > 0.001, "\(flow)")
        }
    }

    @Test("a Poisson process ends with its time, or with the count of each flow")
    func ends() {
        let timed = Self.slots(
            Self.times(SendSchedule(.poisson), pps: 500, flows: 4, lengthNs: 10_000_000_000),
            most: 100_000)
        #expect(abs(Double(timed.count) - 20_000) < 5 * 142, "\(timed.count)")
        #expect(timed.allSatisfy { $0.dueNs < 10_000_000_000 })
        let counted = Self.slots(
            Self.times(SendSchedule(.poisson), pps: 500, flows: 4, countPerFlow: 300),
            most: 100_000)
        for flow in 0..<4 { #expect(counted.count { $0.flow == flow } == 300) }
        // The same seed is the same schedule.
        let again = Self.slots(
            Self.times(SendSchedule(.poisson), pps: 500, flows: 4, countPerFlow: 300), most: 2_000)
        #expect(counted.map(\.dueNs) == again.map(\.dueNs))
        let other = Self.slots(
            Self.times(SendSchedule(.poisson), pps: 500, flows: 4, seed: 2, countPerFlow: 300),
            most: 2_000)
        #expect(counted.map(\.dueNs) != other.map(\.dueNs))
    }

    @Test("bursts are of one flow each, together, and at equal distances")
    func bursts() {
        let slots = Self.slots(Self.times(SendSchedule(.bursts(20)), pps: 200, flows: 2), most: 200)
        for (slot, each) in slots.enumerated() {
            #expect(each.flow == slot / 20 % 2)
            // Each flow has 20 every 100 ms; two flows take turns.
            #expect(each.dueNs == Int64(slot / 20) * 50_000_000)
        }
    }

    @Test(
        "a schedule runs through the loop: every slot is sent, in bursts of the plan and no others")
    func loop() {
        for (schedule, pps) in Self.schedules {
            let network = SimulatedNetwork(flows: 2)
            var phase = SenderRun.paced(count: 400, pps: 2 * pps, flows: 2)
            phase.sender.schedule = schedule
            phase.sender.maxBurst = 64
            let run = SenderRun(phase, over: network)
            run.expectExact()
            #expect(run.accounts.ledger.scheduled == 400, "\(schedule)")
            #expect(run.accounts.ledger.sent == 400, "\(schedule)")
            if schedule.arrivals == .poisson { #expect(run.sentByFlow == [200, 200]) }
            #expect((run.figures.pacingErrorNs?.min ?? -1) >= 0, "\(schedule)")
        }
    }

    @Test("a stall skips what is late, whatever the schedule, and the ledger balances")
    func stall() {
        for (schedule, pps) in Self.schedules where schedule.profile == nil {
            let network = SimulatedNetwork()
            network.sendScript = { call, _ in call == 10 ? .stall(100_000_000) : nil }
            var phase = SenderRun.paced(count: 700, pps: pps, timeoutNs: 500_000_000)
            phase.sender.schedule = schedule
            let run = SenderRun(phase, over: network)
            run.expectExact()
            #expect(run.accounts.ledger.scheduled == 700, "\(schedule)")
            #expect(run.accounts.ledger.skipped > 10, "\(schedule)")
            #expect(run.accounts.largestBurst == schedule.burst, "\(schedule)")
        }
    }

    /// The p-value of the hypothesis that the values are exponential with mean 1 (Kolmogorov's limit
    /// distribution).
    static func pOfExponential(_ values: [Double]) -> Double {
        let count = Double(values.count)
        var distance = 0.0
        for (index, value) in values.sorted().enumerated() {
            let expected = 1 - exp(-value)
            distance = max(
                distance, abs(Double(index) / count - expected),
                abs(Double(index + 1) / count - expected))
        }
        let scaled = distance * count.squareRoot()
        var p = 0.0
        for term in 1...100 {
            let k = Double(term)
            let sign = term % 2 == 1 ? 2.0 : -2.0
            p += sign * exp(-2 * k * k * scaled * scaled)
        }
        return p
    }
}
