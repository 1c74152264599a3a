import Harness
import Testing

@testable import Metrics

/// The memory that the windows of a thread's flows share.
struct WindowMemoryTests {
    @Test func noTwoWordsOfWindowsShareMemory() {
        let (windows, capacity, words) = (5, 8, 3)
        let memory = WindowMemory.allocate(windows: windows, capacity: capacity, words: words)
        defer { memory.deallocate() }
        var number: UInt64 = 0
        forEachSlot { slots, slot in
            (slots + slot).initialize(to: number)
            number += 1
        }
        #expect(number == UInt64(windows * capacity * words))
        number = 0
        forEachSlot { slots, slot in
            #expect(slots[slot] == number)
            number += 1
        }
        func forEachSlot(_ body: (CheckedMemory<UInt64>, Int) -> Void) {
            for window in 0..<windows {
                for word in 0..<words {
                    let slots = memory.slots(of: window, word: word, as: UInt64.self)
                    #expect(slots.count == capacity)
                    for slot in 0..<capacity { body(slots, slot) }
                }
            }
        }
        for window in 0..<windows {
            let runs = memory.runs(of: window)
            #expect(runs.count == 2 * capacity)
            if window > 0 {
                let before = memory.runs(of: window - 1)
                #expect(before.start + before.count == runs.start)
            }
        }
    }

    /// Flows at random moments, each in a window of shared memory and in one of its own.
    @Test func windowsThatShareMemoryHaveTheFiguresOfWindowsOfTheirOwn() {
        for seed in UInt64(1)...60 {
            var generator = SeededGenerator(seed: seed)
            let flows = Int.random(in: 1...6, using: &generator)
            let capacity = [1, 2, 4, 16].randomElement(using: &generator) ?? 4
            let configuration = StreamConfiguration.test(hasIntendedTimes: true)
            let shared = WindowMemory.allocate(
                windows: flows, capacity: capacity,
                words: ProbeWindow.words(hasIntendedTimes: true))
            defer { shared.deallocate() }
            func flow(_ number: Int, in memory: WindowMemory?) -> RandomFlow {
                RandomFlow(
                    window: ProbeWindow(
                        capacity: capacity, firstSequence: 0, timeoutNs: 1_000_000,
                        hasIntendedTimes: true, flow: number, in: memory,
                        at: memory == nil ? 0 : number))
            }
            var one = StreamStatistics(configuration: configuration)
            var other = StreamStatistics(configuration: configuration)
            let together = CheckedMemory<RandomFlow>.allocate(capacity: flows)
            let alone = CheckedMemory<RandomFlow>.allocate(capacity: flows)
            for number in 0..<flows {
                (together + number).initialize(to: flow(number, in: shared))
                (alone + number).initialize(to: flow(number, in: nil))
            }
            for step in 0..<400 {
                let number = Int.random(in: 0..<flows, using: &generator)
                let roll = UInt64.random(in: 0...(.max), using: &generator)
                together[number].step(roll, atNs: Int64(step) * 20_000, into: &one)
                alone[number].step(roll, atNs: Int64(step) * 20_000, into: &other)
            }
            for number in 0..<flows {
                together[number].window.close(into: &one)
                alone[number].window.close(into: &other)
            }
            #expect(one.summary() == other.summary(), "seed \(seed)")
            #expect(one.summary().received > 0, "seed \(seed)")
            for memory in [together, alone] {
                memory.deinitialize(count: flows)
                memory.deallocate()
            }
        }
    }

    /// What ``ReorderingTracker/runs(capacity:)`` claims: within a window of C probes a look-back of
    /// 2C runs misses nothing.
    @Test func twiceTheWindowInRunsIsAllThatReorderingNeeds() {
        var unknown = 0
        for seed in UInt64(1)...400 {
            var generator = SeededGenerator(seed: seed)
            let capacity = [1, 2, 4, 8, 16, 32].randomElement(using: &generator) ?? 4
            let ring = CheckedMemory<ReorderingTracker.Run>.allocate(
                capacity: ReorderingTracker.runs(capacity: capacity))
            let longRing = CheckedMemory<ReorderingTracker.Run>.allocate(
                capacity: ReorderingTracker.lookBackRuns)
            defer {
                ring.deallocate()
                longRing.deallocate()
            }
            var long = ReorderingTracker(ring: longRing)
            var short = ReorderingTracker(ring: ring)
            var few = ReorderingTotals()
            var all = ReorderingTotals()
            var seen: Set<UInt64> = []
            var next: UInt64 = 0
            let reach = Double.random(in: 0...1, using: &generator)
            for time in Int64(0)..<600 {
                let sequence: UInt64
                if Double.random(in: 0..<1, using: &generator) < reach, next > 0 {
                    let oldest = next > UInt64(capacity) ? next - UInt64(capacity) : 0
                    sequence = UInt64.random(in: oldest..<next, using: &generator)
                } else {
                    sequence = next + UInt64.random(in: 0...3, using: &generator)
                }
                guard seen.insert(sequence).inserted else { continue }
                next = max(next, sequence + 1)
                _ = short.record(
                    first: sequence, count: 1, receivedNs: time, payloadBytes: 100, into: &few)
                _ = long.record(
                    first: sequence, count: 1, receivedNs: time, payloadBytes: 100, into: &all)
            }
            let figures = few.figures(received: seen.count)
            #expect(figures == all.figures(received: seen.count), "seed \(seed)")
            unknown += figures.extent.unknown
        }
        #expect(unknown == 0)
    }
}

/// A flow whose probes are sent and answered as numbers say.
private struct RandomFlow: ~Copyable {
    var window: ProbeWindow
    var stamps: [Int64] = []

    init(window: consuming ProbeWindow) { self.window = window }

    mutating func step(_ roll: UInt64, atNs timeNs: Int64, into statistics: inout StreamStatistics)
    {
        guard roll % 3 > 0, !stamps.isEmpty else {
            window.recordSent(
                count: 1, sentNs: timeNs, intendedNs: timeNs - 10, into: &statistics)
            stamps.append(timeNs)
            return
        }
        let back = Int(roll >> 8) % min(stamps.count, window.capacity + 1)
        let index = stamps.count - 1 - back
        _ = window.recordArrival(
            wireSequence: UInt32(index), stampNs: stamps[index], receivedNs: timeNs + 1,
            into: &statistics)
    }
}
