import Testing

@testable import Impairment

@Suite struct BottleneckQueueTests {
    /// Every datagram that was admitted, with its exact times in units of 1 / rate of a nanosecond.
    private struct NaiveQueue {
        let bottleneck: Bottleneck
        var sent: [(start: Int128, end: Int128)] = []

        mutating func admit(atNs timeNs: Int64, bytes: Int) -> Int64? {
            let rate = Int128(bottleneck.bitsPerSecond)
            let now = Int128(timeNs) * rate
            let waiting = waiting(now)
            let work = Int128(bytes) * 8_000_000_000
            let room = Int128(bottleneck.queueBytes) * 8_000_000_000 - waiting
            guard waiting == 0 || work <= room else { return nil }
            let start = max(sent.last?.end ?? now, now)
            sent.append((start, start + work))
            return Int64((start + work + rate - 1) / rate)
        }

        func waiting(_ now: Int128) -> Int128 {
            sent.map { max($0.end - max($0.start, now), 0) }.reduce(0, +)
        }
    }

    @Test(
        arguments: [
            (1_000_000, 3_000), (997_001, 1), (10_000_000, 64 << 10), (1_000, 100_000),
            (99_999_999_977, 5_000),
        ] as [(Int64, Int64)])
    func aQueueIsThatOfANaiveModel(rate: Int64, queueBytes: Int64) {
        let bottleneck = Bottleneck(bitsPerSecond: rate, queueBytes: queueBytes)
        var queue = BottleneckQueue(bottleneck)
        var naive = NaiveQueue(bottleneck: bottleneck)
        let draws = RandomStream(seed: UInt64(rate))
        // As fast as the link on average, in clumps: it is idle, busy and full in turns.
        let perDatagramNs = UInt64(1 + 700 * 8_000_000_000 / rate)
        var timeNs: Int64 = 0
        var (admitted, dropped) = (0, 0)
        for n in 0..<1_500 as Range<UInt64> {
            let isClump = draws[3 * n] % 4 != 0
            timeNs += isClump ? 0 : Int64(draws[3 * n + 1].scaled(to: 8 * perDatagramNs))
            let bytes = 28 + Int(draws[3 * n + 2].scaled(to: 1_400))
            let expected = naive.admit(atNs: timeNs, bytes: bytes)
            #expect(queue.admit(atNs: timeNs, bytes: bytes) == expected)
            let waiting = naive.waiting(Int128(timeNs) * Int128(rate))
            #expect(
                Int128(queue.bytesQueued(atNs: timeNs)) == (waiting + 7_999_999_999) / 8_000_000_000
            )
            if expected == nil { dropped += 1 } else { admitted += 1 }
        }
        #expect(admitted > 100)
        #expect(dropped > 100 || queueBytes == 64 << 10 || queueBytes == 100_000)
    }

    @Test func aDatagramTakesItsTimeAndWaitsForThoseBeforeIt() {
        // 1 Mbit/s: a byte takes 8 µs.
        var queue = BottleneckQueue(Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 2_500))
        #expect(queue.admit(atNs: 0, bytes: 1_000) == 8_000_000)
        #expect(queue.admit(atNs: 0, bytes: 1_000) == 16_000_000)
        #expect(queue.admit(atNs: 0, bytes: 1_000) == nil)
        #expect(queue.admit(atNs: 0, bytes: 500) == 20_000_000)
        #expect(queue.bytesQueued(atNs: 4_000_000) == 2_000)
        #expect(queue.admit(atNs: 4_000_000, bytes: 501) == nil)
        #expect(queue.admit(atNs: 100_000_000, bytes: 1_000) == 108_000_000)
    }

    @Test func aDatagramLargerThanTheQueueIsSentWhenTheLinkIsIdle() {
        var queue = BottleneckQueue(Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 1))
        #expect(queue.admit(atNs: 0, bytes: 1_500) == 12_000_000)
        #expect(queue.admit(atNs: 11_999_999, bytes: 1) == nil)
        #expect(queue.admit(atNs: 12_000_000, bytes: 1_500) == 24_000_000)
    }

    @Test func aYearOfSilenceEmptiesAQueueOfAnyRate() {
        var queue = BottleneckQueue(
            Bottleneck(bitsPerSecond: 100_000_000_000, queueBytes: 1 << 30))
        for _ in 0..<16_000 { _ = queue.admit(atNs: 5, bytes: 65_535) }
        #expect(queue.bytesQueued(atNs: 5) == 16_000 * 65_535)
        #expect(queue.bytesQueued(atNs: .max) == 0)
    }

    @Test func whatWaitsKeepsWaitingWhenTheRateChanges() {
        var queue = BottleneckQueue(Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 5_000))
        for _ in 0..<4 { _ = queue.admit(atNs: 0, bytes: 1_000) }
        queue.replace(Bottleneck(bitsPerSecond: 2_000_000, queueBytes: 1_000), atNs: 8_000_000)
        #expect(queue.bytesQueued(atNs: 8_000_000) == 3_000)
        #expect(queue.admit(atNs: 8_000_000, bytes: 1) == nil)
        #expect(queue.bytesQueued(atNs: 18_000_000) == 500)
        #expect(queue.admit(atNs: 18_000_000, bytes: 500) == 22_000_000)
    }

    @Test func timeThatRunsBackCountsAsStandingStill() {
        var queue = BottleneckQueue(Bottleneck(bitsPerSecond: 8_000, queueBytes: 10_000))
        #expect(queue.admit(atNs: 1_000_000_000, bytes: 1_000) == 2_000_000_000)
        #expect(queue.admit(atNs: 0, bytes: 1_000) == 3_000_000_000)
    }
}
