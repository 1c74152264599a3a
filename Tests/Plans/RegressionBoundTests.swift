import JSON
import Reports
import Testing

@testable import Plans

@Suite struct RegressionBoundTests {
    @Test(
        arguments: [
            ("loss.ratio +0.1%", "loss.ratio", true, .absolute(0.001)),
            ("loss.ratio +0.001", "loss.ratio", true, .absolute(0.001)),
            ("rtt.p99 +10%", "rtt.p99", true, .share(0.1)),
            ("rtt_ns.p99+10%", "rtt.p99", true, .share(0.1)),
            ("  rtt.p99   +   2ms  ", "rtt.p99", true, .absolute(2e6)),
            ("throughput.received_pps -5%", "throughput.received_pps", false, .share(0.05)),
            ("throughput.received_pps -2kpps", "throughput.received_pps", false, .absolute(2_000)),
            ("ledger.forward_lost +10", "ledger.forward_lost", true, .absolute(10)),
            ("ledger.received -1%", "ledger.received", false, .share(0.01)),
            ("reordering.ratio +0%", "reordering.ratio", true, .absolute(0)),
        ] as [(String, String, Bool, RegressionBound.Allowance)])
    func aBoundIsRead(
        text: String, name: String, rise: Bool, allowance: RegressionBound.Allowance
    ) throws {
        let bounds = try RegressionBound.list(text)
        try #require(bounds.count == 1)
        #expect(bounds[0].figure.name == name)
        #expect(bounds[0].isOnRise == rise)
        #expect(bounds[0].allowance == allowance)
    }

    @Test func severalBoundsStandBetweenCommas() throws {
        let bounds = try RegressionBound.list("loss.ratio +0.1%, rtt.p99 +10%,rtt.p50+5%")
        #expect(bounds.map(\.text) == ["loss.ratio +0.1%", "rtt.p99 +10%", "rtt.p50 +5%"])
    }

    @Test(arguments: [
        ("", "is no bound"), ("rtt.p99", "is no bound"), ("rtt.p99 10%", "is no bound"),
        ("rtt.p99 < 10ms", "is no bound"), ("rtt.p99 +10%,", "is no bound"),
        ("+10%", "is no bound"), ("rtt.p98 +10%", "did you mean \"rtt.p9"),
        ("rtt.p99 +10", "a duration carries its unit"), ("rtt.p99 +", "rtt.p99"),
        ("rtt.p99 +10Mbit", "rtt.p99"), ("loss.ratio +x%", "loss.ratio"),
        ("loss.ratio -1%", "bound its rise"), ("rtt.p99 -10%", "bound its rise"),
        ("throughput.received_pps +5%", "bound its fall"), ("rtt.p99 +-3ms", "negative"),
        ("ipdv.max +-3ms", "negative"), ("rtt.p99 +99999999999%", "more than"),
        ("ledger.sent +1.5", "fraction"), ("rtt.p99 +١٠%", "rtt.p99"),
    ])
    func whatIsWrongIsSaid(text: String, words: String) throws {
        let complaint = #expect(throws: JSONComplaint.self) { try RegressionBound.list(text) }
        #expect(complaint?.message.contains(words) == true, "\(complaint?.message ?? "")")
    }

    @Test func aTextWithoutEndIsNotRead() {
        #expect(throws: JSONComplaint.self) {
            try RegressionBound.list(String(repeating: "x", count: 5_000))
        }
    }

    @Test func whatIsComparedIsCalledWhatAThresholdCallsIt() {
        for figure in ComparedFigure.all {
            #expect(FigureCatalog.figure(figure.name)?.reportPath == figure.path)
        }
    }
}
