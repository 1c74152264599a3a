import Harness
import JSON
import Testing

@testable import Reports

/// Runs made up for comparisons: only what a comparison looks at.
enum ComparedSamples {
    static let load = ComparedStream.Load(
        flows: 20, payloadBytes: 160, timeoutNs: 1_000_000_000, intendedPps: 1_000)

    static func stream(
        _ sender: String = "calls", loss: Double?, p50: Double = 20_000, p99: Double = 100_000,
        pps: Double = 1_000
    ) -> ComparedStream {
        func object(_ members: [(String, JSONValue)]) -> JSONValue {
            .object(members.map { JSONMember(key: $0.0, value: $0.1) })
        }
        return ComparedStream(
            sender: sender, load: load,
            figures: object([
                ("loss", object([("ratio", loss.map { .number($0) } ?? .null)])),
                ("duplication", object([("fraction", .integer(0))])),
                ("rtt_ns", object([("p50", .number(p50)), ("p99", .number(p99))])),
                ("one_way_ns", .null),
                ("throughput", object([("received_pps", .number(pps))])),
            ]))
    }

    static func run(
        _ network: String, _ number: Int, _ verdict: Verdict = .pass, _ stream: ComparedStream
    ) -> ComparedRun {
        ComparedRun(
            scenario: "voice", network: network, number: number, verdict: verdict,
            streams: [stream])
    }

    /// One run per loss.
    static func side(_ name: String, losses: [Double?]) -> Comparer.Side {
        Comparer.Side(
            name: name,
            runs: losses.enumerated().map { run(name, $0 + 1, .pass, stream(loss: $1)) })
    }
}

@Suite("Comparing networks")
struct ComparisonTests {
    private func answers(_ a: Comparer.Side, _ b: Comparer.Side) -> [ComparisonReport] {
        Comparer.answers(Comparer.questions(scenario: "voice", a: a, b: b))
    }

    private func loss(_ a: [Double?], _ b: [Double?]) throws -> ComparisonReport {
        let all = answers(
            ComparedSamples.side("clean", losses: a), ComparedSamples.side("wifi", losses: b))
        return try #require(all.first { $0.metric == "loss.ratio" })
    }

    @Test func whatIsAlwaysMoreIsWorse() throws {
        let loss = try loss([0, 0.001, 0, 0.002, 0], [0.011, 0.012, 0.013, 0.014, 0.015])
        #expect(loss.verdict == .worse)
        #expect(loss.says == "worse")
        #expect(loss.p.map { abs($0 - 2.0 / 252) < 1e-12 } == true)
        // The primary figure is alone in its group, at its level.
        #expect(
            loss.pAdjusted.map { abs($0 - 2.0 / 252 * Family.level / Family.primaryLevel) < 1e-12 }
                == true)
        #expect(loss.effect?.cliffsDelta == 1)
        #expect(loss.effect?.relative == nil, "there is no share of nothing")
        #expect(loss.a.values == [0, 0.001, 0, 0.002, 0])
        #expect(loss.a.median == 0)
        #expect(loss.b.median == 0.013)
    }

    @Test func theWayThatIsBetterDependsOnTheFigure() throws {
        func side(_ name: String, _ pps: ClosedRange<Int>) -> Comparer.Side {
            Comparer.Side(
                name: name,
                runs: pps.map {
                    ComparedSamples.run(
                        name, $0, .pass, ComparedSamples.stream(loss: 0, pps: Double($0)))
                })
        }
        let all = answers(side("a", 101...105), side("b", 201...205))
        let rate = try #require(all.first { $0.metric == "throughput.received_pps" })
        #expect(rate.verdict == .better)
        #expect(rate.better == .higher)
        #expect(rate.unit == "pps")
        #expect(rate.effect?.relative.map { (0.9...1.1).contains($0) } == true)
    }

    @Test func threeRunsNeverHaveAWinner() throws {
        let loss = try loss([0, 0, 0.001], [0.9, 0.91, 0.92])
        #expect(loss.verdict == .noConclusion)
        #expect(loss.says == "no conclusion: too few runs")
        #expect(loss.reasons == ["too few runs: 3 of each; it takes 4 of each"])
        #expect(loss.effect?.confidence == 0.9)
    }

    @Test func theRunsThatItTakesGrowWithTheComparisons() throws {
        func side(_ name: String, _ base: Double, runs: Int) -> Comparer.Side {
            Comparer.Side(
                name: name,
                runs: (1...runs).map { number in
                    let value = base + Double(number)
                    return ComparedSamples.run(
                        name, number, .pass,
                        ComparedSamples.stream(
                            loss: 0.01, p50: value, p99: 50 - value, pps: 1_000 + value))
                })
        }
        // One figure of three differs: it takes one run more than a figure alone.
        func rows(_ runs: Int) -> [ComparisonReport] {
            Comparer.answers(
                Comparer.questions(
                    scenario: "voice", a: side("a", 0, runs: runs), b: side("b", 2, runs: runs)))
        }
        for row in rows(3) where row.metric.hasPrefix("rtt") {
            #expect(row.verdict == .noConclusion && row.primary == false)
            #expect(row.reasons == ["too few runs: 3 of each; it takes 5 of each"])
        }
    }

    @Test func primaryFiguresAreThoseOfThePlan() throws {
        let sides = (
            ComparedSamples.side("a", losses: [0, 0, 0, 0]),
            ComparedSamples.side("b", losses: [0.1, 0.1, 0.1, 0.1])
        )
        let questions = Comparer.questions(scenario: "voice", a: sides.0, b: sides.1)
        let named = Comparer.answers(questions, primary: ["rtt.p50", "rtt.p99"])
        #expect(named.filter { $0.primary == true }.map(\.metric) == ["rtt.p50", "rtt.p99"])
        #expect(
            ComparisonRule.sentence(of: named)
                == "a winner is named by an exact rank test over runs, at a false discovery rate "
                + "of 5 % over this table (Benjamini and Hochberg): rtt.p50, rtt.p99 first and "
                + "apart, then the other figures together")
    }

    /// Three networks of four runs each, of which one loses a tenth: who lost is found, with the
    /// latencies and the rate in the same table.
    @Test("0 % against 10 % loss concludes with four repeats on three networks")
    func aTenthLostIsFound() {
        var found = 0
        let reports = 200
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<reports {
            let sides = ["a", "b", "c"].map { name in
                Comparer.Side(
                    name: name,
                    runs: (1...4).map { number in
                        let loss =
                            name == "c" ? Double.random(in: 0.08...0.12, using: &generator) : 0
                        let weather = Double.random(in: 0...1, using: &generator)
                        let stream = ComparedSamples.stream(
                            loss: loss, p50: 20_000 * (1 + weather),
                            p99: Double.random(in: 50_000...90_000, using: &generator),
                            pps: 1_000 * (1 - loss))
                        return ComparedSamples.run(name, number, .pass, stream)
                    })
            }
            let questions = [(0, 1), (0, 2), (1, 2)].flatMap {
                Comparer.questions(scenario: "voice", a: sides[$0], b: sides[$1], alike: 2)
            }
            let losses = Comparer.answers(questions).filter { $0.metric == "loss.ratio" }
            let verdicts = losses.map(\.verdict)
            if verdicts == [.same, .worse, .worse] || verdicts == [.noConclusion, .worse, .worse] {
                found += 1
            }
        }
        #expect(Double(found) / Double(reports) >= 0.95)
    }

    @Test func equalRunsAreTheSameWithinNothing() throws {
        let loss = try loss([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
        #expect(loss.verdict == .same)
        #expect(loss.says == "same within 0 pp")
        #expect(loss.reasons == [])
    }

    @Test func alikeRunsAreTheSameWithinTheirInterval() throws {
        let loss = try loss(
            [0.010, 0.011, 0.012, 0.013, 0.014, 0.015],
            [0.0105, 0.0115, 0.012, 0.0125, 0.0145, 0.015])
        #expect(loss.verdict == .same)
        #expect(loss.says.hasPrefix("same within 0."))
        #expect(loss.says.hasSuffix(" pp"))
    }

    @Test func aWideIntervalIsNoSameness() throws {
        let loss = try loss([0.01, 0.2, 0.05, 0.4, 0.02], [0.3, 0.015, 0.06, 0.1, 0.03])
        #expect(loss.verdict == .noConclusion)
        #expect(loss.says == "no conclusion: too few runs")
        #expect(loss.reasons.count == 1)
        #expect(loss.reasons[0].contains("leave room for a difference of"))
        #expect(loss.reasons[0].contains("; it takes "))
    }

    @Test(arguments: [Verdict.inconclusive, .invalid, .aborted])
    func aRunThatSaysNothingIsNoValue(verdict: Verdict) throws {
        var runs = ComparedSamples.side("wifi", losses: [0.1, 0.1, 0.1, 0.1, 0.1]).runs
        runs[3] = ComparedSamples.run("wifi", 4, verdict, ComparedSamples.stream(loss: 0.9))
        let all = answers(
            ComparedSamples.side("clean", losses: [0, 0, 0, 0, 0]),
            Comparer.Side(name: "wifi", runs: runs))
        let loss = try #require(all.first)
        #expect(loss.b.values == [0.1, 0.1, 0.1, 0.1])
        #expect(loss.b.runs == 5)
        #expect(loss.b.leftOut == 1)
        #expect(loss.reasons == ["1 of 5 runs of wifi is left out: #4 \(verdict.rawValue)"])
    }

    @Test func aFailedGateIsAValueAllTheSame() throws {
        let failed = (1...5).map {
            ComparedSamples.run("wifi", $0, .fail, ComparedSamples.stream(loss: 0.1))
        }
        let all = answers(
            ComparedSamples.side("clean", losses: [0, 0, 0, 0, 0]),
            Comparer.Side(name: "wifi", runs: failed))
        #expect(all.first?.verdict == .worse)
    }

    @Test func aSideWithoutAValueHasNoEffect() throws {
        let loss = try loss([0, 0, 0, 0, 0], [nil, nil])
        #expect(loss.verdict == .noConclusion)
        #expect(loss.effect == nil)
        #expect(loss.p == nil)
        #expect(loss.b.median == nil)
        #expect(
            loss.reasons == [
                "2 of 2 runs of wifi have no value", "too few runs: wifi has no run with a value",
            ])
    }

    @Test func aFigureThatNeitherHasIsNotCompared() {
        let side = ComparedSamples.side("clean", losses: [0, 0])
        let metrics = answers(side, side).map(\.metric)
        #expect(
            metrics == [
                "loss.ratio", "duplication.fraction", "rtt.p50", "rtt.p99",
                "throughput.received_pps",
            ])
    }

    @Test func everyPairOfNetworksIsCompared() {
        let networks = ["clean", "wifi", "dsl"]
        let runs = (1...2).flatMap { number in
            networks.map {
                Samples.run(
                    on: $0, repeat: number, streams: [Samples.stream(scheduled: 10, received: 10)])
            }
        }
        let comparisons = NetworkComparison.of(runs)
        let pairs = comparisons.map { "\($0.a.name) \($0.b.name)" }.inFirstOrder
        #expect(pairs == ["clean wifi", "clean dsl", "wifi dsl"])
        #expect(NetworkComparison.of(Array(runs.prefix(1))) == [])
        #expect(NetworkComparison.of([]) == [])
        let report = Samples.report(runs: runs)
        #expect(report.sealed.judgement == Judgement())
    }

    /// Reports of three equal networks and four figures that follow each other as real ones do,
    /// with losses and without any. The expected rate is below 5 %; 300 reports have a standard
    /// error of 1.3 %, and the seeds are fixed.
    @Test(
        "equal networks name a winner in at most one report of twenty",
        arguments: [4, 5, 6, 8], [true, false])
    func equalNetworksHaveNoWinner(repeats: Int, isLossy: Bool) {
        var generator = SeededGenerator(seed: UInt64(repeats))
        var reportsWithWinner = 0
        let reports = 300
        for _ in 0..<reports {
            let sides = ["a", "b", "c"].map { name in
                Comparer.Side(
                    name: name,
                    runs: (1...repeats).map { number in
                        let weather = Double.random(in: 0...1, using: &generator)
                        func noise() -> Double { Double.random(in: 0...1, using: &generator) }
                        let stream = ComparedSamples.stream(
                            loss: isLossy ? (weather + noise()) / 100 : 0,
                            p50: 20_000 * (1 + weather + noise()),
                            p99: 90_000 * (1 + weather * noise()), pps: 1_000 - noise())
                        return ComparedSamples.run(name, number, .pass, stream)
                    })
            }
            let questions = [(0, 1), (0, 2), (1, 2)].flatMap {
                Comparer.questions(scenario: "voice", a: sides[$0], b: sides[$1], alike: 2)
            }
            let verdicts = Comparer.answers(questions).map(\.verdict)
            if verdicts.contains(.better) || verdicts.contains(.worse) { reportsWithWinner += 1 }
        }
        #expect(Double(reportsWithWinner) / Double(reports) <= 0.05)
    }

    @Test func theFiguresAreInTheReportsFormat() {
        for figure in ComparedFigure.all {
            #expect(figure.unit != nil, "\(figure.name)")
        }
    }
}
