import Harness
import Reports
import Testing

@testable import Metrics
@testable import Pictures

/// Axes, places and curves.
@Suite("Drawing")
struct DrawingTests {
    @Test func ticksAreOneTwoFive() {
        #expect(Scale.linear(0, 1).ticks(5) == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(Scale.linear(0, 7).ticks(4) == [0, 2, 4, 6])
        #expect(Scale(kind: .logarithmic, low: 8, high: 1_100).ticks(3) == [10, 100, 1_000])
        #expect(TickText.texts([0, 5e8, 1e9], unit: .nanoseconds) == ["0", "500 ms", "1 s"])
        #expect(TickText.texts([0, 0.25], unit: .ratio) == ["0 %", "25 %"])
        #expect(TickText.points([-0.01, 0, 0.01]) == ["−1 pp", "0 pp", "+1 pp"])
    }

    @Test("ticks of any range are few, ascending and within it")
    func ticksAreFew() {
        for seed in 1...UInt64(300) {
            var random = SeededGenerator(seed: seed)
            let low = Double.random(in: 1...1e9, using: &random)
            let high = low * Double.random(in: 1.5...1e6, using: &random)
            for scale in [Scale.linear(0, high), Scale(kind: .logarithmic, low: low, high: high)] {
                let ticks = scale.ticks(5)
                #expect(ticks == ticks.sorted() && ticks.count <= 7, "seed \(seed)")
                #expect(
                    ticks.allSatisfy { $0 >= scale.low * 0.99 && $0 <= scale.high * 1.01 },
                    "seed \(seed)")
            }
        }
    }

    @Test func aPlaceBeyondTheAxisIsAtItsEnd() {
        let scale = Scale.linear(0, 10)
        #expect([-5, 0, 5, 10, 20, .nan, .infinity].map(scale.share) == [0, 0, 0.5, 1, 1, 0, 0])
        #expect(PlaceText.text(.nan) == "0" && PlaceText.text(-0.04) == "0")
        #expect(PlaceText.text(12.34) == "12.3" && PlaceText.percent(0.12345) == "12.35%")
    }

    @Test func labelsDoNotOverlap() {
        for seed in 1...UInt64(200) {
            var random = SeededGenerator(seed: seed)
            let places = (0..<8).map { _ in Double.random(in: 0...200, using: &random) }
            let spread = Spread.places(places, gap: 16, within: 0...200).sorted()
            for (one, next) in zip(spread, spread.dropFirst()) {
                #expect(next - one >= 15.999, "seed \(seed)")
            }
            #expect(spread.allSatisfy { (-0.001...200.001).contains($0) }, "seed \(seed)")
        }
    }

    @Test("a curve has the percentiles of its report, and never falls")
    func curvesHaveTheirPercentiles() throws {
        for seed in 1...UInt64(30) {
            let made = MadeReport(seed: seed, networks: ["a"], repeats: 1).report
            let delays = try #require(made.runs[0].streams[0].rttNs)
            let curve = try #require(DelayCurve(delays))
            #expect(curve.points.map(\.ns) == curve.points.map(\.ns).sorted(), "seed \(seed)")
            #expect(curve.points.map(\.inverse) == curve.points.map(\.inverse).sorted())
            for (inverse, value) in [(2.0, delays.p50), (10, delays.p90), (100, delays.p99)] {
                #expect(curve.value(at: inverse) == value.map(Double.init), "seed \(seed)")
            }
            #expect(curve.points.last?.ns == delays.max.map(Double.init))
        }
        #expect(DelayCurve(DelaySummary()) == nil)
    }

    @Test func riversAreTrueToTheirCounts() throws {
        var ledger = Ledger()
        ledger.scheduled = 10
        ledger.sent = 8
        ledger.skipped = 2
        ledger.received = 5
        ledger.inTime = 4
        ledger.late = 1
        ledger.lostUnsplit = 3
        let stages = ledger.stages
        #expect(stages.map(\.name) == ["scheduled", "sent", "received", "in_time"])
        for (stage, next) in zip(stages, stages.dropFirst()) {
            let left = stage.accounts.compactMap(\.count).reduce(0, +)
            #expect(stage.count - left == next.count, "\(stage.name)")
        }
        let sum = Ledger.sum([ledger, ledger])
        #expect(sum.lostUnsplit == 6 && sum.scheduled == 20 && sum.echoed == nil)
    }

    @Test("each account of the ledger and of the loss map has its place")
    func accountsHaveTheirPlace() {
        let names = Set(Ledger().lossAccounts.map(\.name))
        for account in LossAccount.allCases { #expect(names.contains(account.rawValue)) }
        #expect(LossColours(of: Ledger()).kind(of: "forward_lost") == LossPlace.network.kind)
        #expect(LossColours(of: Ledger()).kind(of: "of another version") == LossColours.unknown)
        for place in LossPlace.allCases {
            #expect(PageStyle.sheet.text.contains(".\(place.kind){fill:var(--\(place.rawValue))"))
        }
    }
}
