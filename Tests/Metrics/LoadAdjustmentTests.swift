import Harness
import Testing

@testable import Metrics

/// The table of rates and the load adjustment of RFC 9097 §8.1 and Appendix A.
@Suite struct LoadAdjustmentTests {
    @Test func theTableHasTheRatesOfTheRFC() throws {
        let table = try #require(LoadRates(upTo: 20e9))
        // "the Number of table steps in total for rates less than 10 Gbps is 1090".
        #expect(table.last == 1_090)
        let rates = [
            0: 0.5e6, 1: 1e6, 2: 2e6, 999: 999e6, 1_000: 1e9, 1_001: 1.1e9, 1_090: 10e9,
        ]
        for (row, rate) in rates { #expect(LoadRates.bitsPerSecond(ofRow: row) == rate) }
        #expect(LoadRates(upTo: 499_999) == nil)
        #expect(LoadRates(upTo: 999_999)?.last == 0)
        #expect(LoadRates(upTo: 20e6)?.last == 20)
        #expect(LoadRates(upTo: 1e9)?.last == 1_000)
        #expect(table.row(atLeast: 0) == 0)
        #expect(table.row(atLeast: 19.5e6) == 20)
        #expect(table.row(atLeast: 1e12) == 1_090)
    }

    /// One message, and the row after it.
    private typealias Row = (errors: Int, delayMs: Double, row: Int)

    private func expect(_ trace: [Row], from row: Int = 0, upTo rate: Double = 10e9) throws {
        let rates = try #require(LoadRates(upTo: rate))
        var adjustment = LoadAdjustment(rates: rates, firstRow: row)
        for (index, step) in trace.enumerated() {
            adjustment.take(
                sequenceErrors: step.errors, delayRangeNs: Int64(step.delayMs * 1e6))
            #expect(adjustment.row == step.row, "message \(index)")
        }
    }

    @Test func theLoadGoesUpFastUntilCongestionIsInferred() throws {
        try expect([(0, 0, 10), (10, 29.9, 20), (11, 0, 19), (0, 91, 18), (0, 0, 28)])
        // The third message in a row is the one that counts.
        try expect([(99, 0, 49), (99, 0, 48), (99, 0, 18), (99, 0, 17), (0, 0, 18)], from: 50)
        try expect([(0, 95, 29), (50, 10, 28), (0, 100, 0), (0, 0, 1), (0, 0, 2)], from: 30)
    }

    @Test func betweenTheThresholdsTheLoadStays() throws {
        try expect([(0, 30, 50), (10, 90, 50), (0, 60, 50), (0, 29, 60)], from: 50)
        // Neither a step that stays nor a later increase begins the count again.
        try expect([(11, 0, 49), (0, 50, 49), (11, 0, 48), (0, 50, 48), (11, 0, 18)], from: 50)
    }

    @Test func theTableHasTwoEnds() throws {
        try expect([(11, 0, 0), (11, 0, 0), (11, 0, 0), (11, 0, 0), (0, 0, 1)])
        try expect([(0, 0, 20), (0, 0, 20), (11, 0, 19), (0, 0, 20)], from: 15, upTo: 20e6)
        // From 1 Gbit/s on it is a row at a time, up and down.
        try expect([(0, 0, 1_001), (0, 0, 1_002)], from: 1_000)
        try expect([(11, 0, 1_004), (11, 0, 1_003), (11, 0, 1_002), (0, 0, 1_003)], from: 1_005)
    }

    /// The pseudocode of Appendix A, line by line, with its names but for the case of `Rx`. Its rates and `hSpeedThresh` are
    /// rows of the table, and it does not say that a fast step ends at the last one.
    private struct Pseudocode {
        var rx = 0
        var slowAdjCount = 0
        let hSpeedThresh = 1_000
        var maxLoadRates = 0

        mutating func step(_ seqErr: Int, _ delay: Double) {
            if seqErr <= 10 && delay < 30 {
                if rx < hSpeedThresh && slowAdjCount < 3 {
                    rx += 10
                    slowAdjCount = 0
                    if rx > maxLoadRates - 1 { rx = maxLoadRates - 1 }
                } else {
                    if rx < maxLoadRates - 1 { rx += 1 }
                }
            } else if seqErr > 10 || delay > 90 {
                slowAdjCount += 1
                if rx < hSpeedThresh && slowAdjCount == 3 {
                    if rx > 10 * 3 { rx -= 10 * 3 } else { rx = 0 }
                } else {
                    if rx > 0 { rx -= 1 }
                }
            }
        }
    }

    @Test func anyMessagesLeadWhereThePseudocodeLeads() throws {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let rates = try #require(
                LoadRates(upTo: [0.7e6, 5e6, 300e6, 1e9, 3e9, 10e9][Int(seed % 6)]))
            let first = Int.random(in: 0...rates.last, using: &random)
            var adjustment = LoadAdjustment(rates: rates, firstRow: first)
            var slow = Pseudocode(rx: first, maxLoadRates: rates.last + 1)
            let trouble = Double.random(in: 0...1, using: &random)
            for message in 0..<300 {
                let isTroubled = random.chance(trouble)
                let errors = isTroubled ? Int.random(in: 0...25, using: &random) : 0
                let delayMs = Double(Int.random(in: 0...(isTroubled ? 120 : 35), using: &random))
                adjustment.take(sequenceErrors: errors, delayRangeNs: Int64(delayMs * 1e6))
                slow.step(errors, delayMs)
                #expect(adjustment.row == slow.rx, "seed \(seed), message \(message)")
                #expect(adjustment.slowCount == slow.slowAdjCount, "seed \(seed)")
            }
        }
    }
}
