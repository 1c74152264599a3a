import Harness
import Testing

@testable import Metrics

/// A capacity test from the messages of its receiver: rates, seconds, and its ends.
@Suite struct CapacityTestTests {
    private static let startNs: Int64 = 7_000_000_000
    private static let ms: Int64 = 1_000_000

    private func test(seconds: Int64 = 10, upTo: Double = 100e6, firstRow: Int = 0) throws
        -> CapacityTest
    {
        CapacityTest(
            CapacityTest.Settings(
                startNs: Self.startNs, endNs: Self.startNs + seconds * 1_000 * Self.ms,
                bitsPerPacket: 10_000, rates: try #require(LoadRates(upTo: upTo)),
                firstRow: firstRow))
    }

    private func message(
        _ atMs: Int64, received: Int, lost: Int = 0, reordered: Int = 0, duplicates: Int = 0,
        delaysMs: ClosedRange<Int64>? = 5...6
    ) -> LoadFeedback {
        var feedback = LoadFeedback(atNs: Self.startNs + atMs * Self.ms)
        (feedback.received, feedback.expected) = (received, received + lost)
        (feedback.reordered, feedback.duplicates) = (reordered, duplicates)
        feedback.delayLeastNs = delaysMs.map { $0.lowerBound * Self.ms }
        feedback.delayMostNs = delaysMs.map { $0.upperBound * Self.ms }
        return feedback
    }

    @Test func everyMessageMovesTheLoad() throws {
        var test = try test()
        #expect(test.take(message(50, received: 3)) == .rate(pps: 1_000))
        #expect(test.take(message(100, received: 50)) == .rate(pps: 2_000))
        // Loss, reordering and copies are all errors of the sequence, and only the new ones.
        #expect(
            test.take(message(150, received: 100, lost: 4, reordered: 4, duplicates: 3))
                == .rate(pps: 1_900))
        #expect(
            test.take(message(200, received: 200, lost: 4, reordered: 4, duplicates: 3))
                == .rate(pps: 2_900))
        // A late arrival closes a gap that was an error before, and is reordered.
        #expect(
            test.take(message(250, received: 300, lost: 0, reordered: 8, duplicates: 3))
                == .rate(pps: 3_900))
        #expect(test.steps.map(\.sequenceErrors) == [0, 0, 11, 0, 4])
        // Old news, and news of the time before the start, say nothing.
        #expect(test.take(message(250, received: 999)) == nil)
        #expect(test.take(message(-50, received: 999)) == nil)
        #expect(test.steps.count == 5)
    }

    @Test("the range of the delays is over the least of the whole test: a queue that stays is seen")
    func standingQueue() throws {
        var test = try test(firstRow: 50)
        _ = test.take(message(50, received: 100, delaysMs: 5...7))
        // 5…7 ms, then 100 ms without a spread of its own.
        _ = test.take(message(100, received: 200, delaysMs: 100...100))
        #expect(test.steps.map(\.delayRangeNs) == [2_000_000, 95_000_000])
        #expect(test.steps.map(\.row) == [60, 59])
    }

    @Test func aSecondHasItsOwnLossAndDelays() throws {
        var test = try test()
        var received = 0
        for index in 1...60 as ClosedRange<Int64> {
            received += index <= 20 ? 10 : index <= 40 ? 50 : 30
            let lost = index <= 20 ? 0 : index <= 40 ? Int(index - 20) : 20
            let delays: ClosedRange<Int64> = index <= 20 ? 1...2 : index <= 40 ? 4...50 : 3...9
            _ = test.take(message(50 * index, received: received, lost: lost, delaysMs: delays))
        }
        #expect(test.subIntervals.map(\.received) == [200, 1_000, 600])
        #expect(test.subIntervals.map(\.lost) == [0, 20, 0])
        #expect(test.subIntervals.map(\.startNs) == [0, 1_000_000_000, 2_000_000_000])
        let best = try #require(test.best)
        #expect(best.startNs == 1_000_000_000)
        #expect(best.ipBitsPerSecond == 10e6)
        #expect(best.lossRatio == 20.0 / 1_020)
        #expect(best.delayRangeNs == 46_000_000)
        #expect((best.delayLeastNs, best.delayMostNs) == (4_000_000, 50_000_000))
    }

    @Test("a second that ends late is longer, and its rate is none the higher")
    func lateMessage() throws {
        var test = try test()
        // 1,000 datagrams a second arrive, and the receiver is descheduled from 0.9 to 1.3 s.
        for atMs in [300, 600, 900, 1_300, 1_350, 1_700, 2_000, 2_950, 3_700] as [Int64] {
            _ = test.take(message(atMs, received: Int(atMs)))
        }
        #expect(test.subIntervals.map(\.lengthNs) == [1_300_000_000, 2_400_000_000])
        #expect(test.subIntervals.map(\.ipBitsPerSecond) == [10e6, 10e6])
        #expect(test.subIntervals.reduce(0) { $0 + $1.received } == 3_700)
    }

    @Test("messages without arrivals are none: after 190 ms the load goes down, then every 50 ms")
    func lostStatus() throws {
        var test = try test(firstRow: 80)
        // A path of 300 ms: nothing before the first arrival is a sign.
        for atMs in stride(from: 50 as Int64, through: 300, by: 50) {
            #expect(test.take(message(atMs, received: 0, delaysMs: nil)) == nil)
        }
        _ = test.take(message(350, received: 10))
        #expect(test.adjustment.row == 90)
        var rows: [Int] = []
        for atMs in stride(from: 400 as Int64, through: 700, by: 50) {
            _ = test.take(message(atMs, received: 10, delaysMs: nil))
            rows.append(test.adjustment.row)
        }
        // 190 ms after 350 is before the message of 550, 240 and 290 before the two after it.
        #expect(rows == [90, 90, 90, 89, 88, 58, 57])
        #expect(test.adjustment.isCongested)
        _ = test.take(message(750, received: 20))
        #expect(test.adjustment.row == 58)
    }

    @Test func aPathThatGoesSilentEndsTheTest() throws {
        var test = try test(seconds: 30)
        _ = test.take(message(50, received: 10))
        var orders: [CapacityTest.Order] = []
        for atMs in stride(from: 100 as Int64, through: 9_000, by: 50) {
            if case .stop? = test.take(message(atMs, received: 10, delaysMs: nil)) {
                orders.append(.stop)
            }
        }
        #expect(orders == [.stop])
        #expect(test.ending == .noArrivals)
        #expect(test.take(message(9_050, received: 99)) == nil)
        var never = try self.test(seconds: 30)
        for atMs in stride(from: 50 as Int64, through: 5_050, by: 50) {
            _ = never.take(message(atMs, received: 0, delaysMs: nil))
        }
        #expect(never.ending == .noArrivals)
        #expect(never.best?.received ?? 0 == 0)
    }

    @Test func noRateIsOrderedAfterTheEnd() throws {
        var test = try test(seconds: 2)
        #expect(test.take(message(1_950, received: 10)) != nil)
        #expect(test.take(message(2_000, received: 20)) == nil)
        #expect(test.subIntervals.count == 1)
        #expect(test.takeSilence() == .stop)
        #expect(test.takeSilence() == nil)
    }

    @Test func theStepsOfALongTestAreThinned() throws {
        var test = try test(seconds: 300)
        for index in 1...6_000 as ClosedRange<Int64> {
            _ = test.take(message(50 * index, received: Int(index) * 10))
        }
        #expect((200...401).contains(test.steps.count))
        let gaps = zip(test.steps, test.steps.dropFirst()).map { $1.atNs - $0.atNs }
        #expect(Set(gaps).count == 1, "\(Set(gaps))")
        #expect(test.subIntervals.count == 300)
    }

    @Test func aPathThatHoldsTheLoadIsSeen() throws {
        var test = try test(upTo: 30e6)
        for index in 1...60 as ClosedRange<Int64> {
            _ = test.take(message(50 * index, received: Int(index) * 10))
        }
        // The end of the table is no path's.
        #expect(test.adjustment.row == 30)
        #expect(!test.wasHeldAtEnd)
        _ = test.take(message(3_050, received: 700, delaysMs: 40...45))
        #expect(!test.wasHeldAtEnd, "at the last row nothing is held")
        _ = test.take(message(3_100, received: 800, lost: 50))
        #expect(test.wasHeldAtEnd)
    }

    @Test("messages in any order keep the sums", arguments: 0..<50 as Range<UInt64>)
    func sums(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var test = try test(seconds: 8)
        var (received, expected, atMs) = (0, 0, Int64(0))
        var last = message(0, received: 0)
        while atMs < 7_500 {
            atMs += Int64.random(in: 1...180, using: &random)
            let arrived = Int.random(in: 0...40, using: &random)
            received += arrived
            expected = max(expected, received) + Int.random(in: 0...3, using: &random)
            last = message(atMs, received: received, lost: expected - received)
            _ = test.take(last)
            #expect((0...100).contains(test.adjustment.row))
        }
        let closed = test.subIntervals
        for (one, next) in zip(closed, closed.dropFirst()) {
            #expect(one.startNs + one.lengthNs == next.startNs, "seed \(seed)")
        }
        #expect(closed.allSatisfy { $0.lengthNs >= 900_000_000 && $0.lengthNs < 2_080_000_000 })
        let sum = closed.reduce(0) { $0 + $1.received }
        #expect(sum <= received && sum >= received - 40 * 2_080, "seed \(seed)")
    }
}
