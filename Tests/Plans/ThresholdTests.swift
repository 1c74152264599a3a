import JSON
import Reports
import Testing

@testable import Plans

@Suite struct ThresholdTests {
    @Test(arguments: [
        ("loss.ratio < 2%", "loss.ratio", "<", 0.02),
        ("loss.ratio < 0.02", "loss.ratio", "<", 0.02),
        ("rtt.p99 < 50ms", "rtt.p99", "<", 50e6),
        ("rtt_ns.p99<=50ms", "rtt.p99", "<=", 50e6),
        ("rtt.p9999 != 1.5us", "rtt.p9999", "!=", 1_500),
        ("reordering.ratio == 0", "reordering.ratio", "==", 0),
        ("reordering.ratio   ==   0%", "reordering.ratio", "==", 0),
        ("throughput.received_pps >= 100kpps", "throughput.received_pps", ">=", 100_000),
        (
            "throughput.sent_bits_per_second > 10Mbit", "throughput.sent_bits_per_second", ">",
            10e6
        ),
        ("ledger.forward_lost == 0", "ledger.forward_lost", "==", 0),
        ("ipdv.min >= -1ms", "ipdv.min", ">=", -1e6),
        ("ipdv_ns.max < 1ms", "ipdv.max", "<", 1e6),
        ("rtp_jitter < 1ms", "rtp_jitter", "<", 1e6),
        ("rtp_jitter_ns < 1ms", "rtp_jitter", "<", 1e6),
        ("reordering.late_time.max < 1s", "reordering.late_time.max", "<", 1e9),
        ("reordering.late_time_ns.max < 1s", "reordering.late_time.max", "<", 1e9),
        ("reordering.byte_offset.max < 64KiB", "reordering.byte_offset.max", "<", 65_536),
        ("loss.mean_burst < 2.5", "loss.mean_burst", "<", 2.5),
        ("duplication.fraction <= 200%", "duplication.fraction", "<=", 2),
        ("one_way.count > 1000000000000000", "one_way.count", ">", 1e15),
    ])
    func aThresholdIsRead(text: String, name: String, comparison: String, value: Double) throws {
        let threshold = try Threshold(text)
        #expect(threshold.figure.name == name)
        #expect(threshold.comparison.rawValue == comparison)
        #expect(threshold.value == value)
        #expect(threshold.text == text)
    }

    @Test func aFigureKnowsItsKeysInTheReport() throws {
        let figure = try #require(FigureCatalog.figure("reordering.late_time.p50"))
        #expect(figure.reportPath == ["reordering", "late_time_ns", "p50"])
        #expect(figure.dimension == .time)
    }

    @Test func everyFigureHasOneNameAndReadsItself() throws {
        #expect(Set(FigureCatalog.all.map(\.name)).count == FigureCatalog.all.count)
        for figure in FigureCatalog.all {
            #expect(FigureCatalog.figure(figure.name) == figure)
            #expect(FigureCatalog.figure(figure.reportPath.joined(separator: ".")) == figure)
        }
    }

    @Test(arguments: [
        ("rtt.p99 < 2%", "rtt.p99 is a duration"),
        ("loss.ratio < 5ms", "loss.ratio is a ratio"),
        ("loss.ratio < 5", "did you mean \"5%\"?"),
        ("resets.availability > 101%", "never above 1 (100%)"),
        ("ledger.late == 1.5", "ledger.late is a count"),
        ("pacing.achieved_pps > 10Mbit", "pacing.achieved_pps is a packet rate"),
        ("rtt.p99 < -1ms", "is negative"),
        ("rtt.p99 < 169h", "is out of range: 0s to 168h"),
        ("rtt.p98 < 1ms", "did you mean \"rtt.p90\"?"),
        ("los.ratio < 1%", "did you mean \"loss.ratio\"?"),
        ("frames.dropped < 1", "there is no figure \"frames.dropped\""),
        ("rtt.p99 = 1ms", "did you mean \"==\"?"),
        ("rtt.p99 =< 1ms", "did you mean \"<=\"?"),
        ("rtt.p99 1ms", "no comparison after \"rtt.p99\""),
        ("rtt.p99 <", "\"\" is not a duration"),
        ("< 1ms", "a threshold is \"FIGURE < VALUE\""),
        ("", "a threshold is \"FIGURE < VALUE\""),
    ])
    func whatIsWrongIsSaid(text: String, says: String) {
        let complaint = #expect(throws: JSONComplaint.self) { try Threshold(text) }
        #expect(complaint?.message.contains(says) == true)
    }

    @Test(arguments: [
        ("<", [true, false, false]), ("<=", [true, true, false]), (">", [false, false, true]),
        (">=", [false, true, true]), ("==", [false, true, false]), ("!=", [true, false, true]),
    ])
    func aThresholdHoldsBelowAtAndAboveItsValue(comparison: String, holds: [Bool]) throws {
        let threshold = try Threshold("loss.ratio \(comparison) 2%")
        #expect([0.019, 0.02, 0.021].map(threshold.holds) == holds)
    }
}
