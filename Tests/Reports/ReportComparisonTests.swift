import Harness
import JSON
import Testing

@testable import Metrics
@testable import Reports

@Suite("Comparing reports")
struct ReportComparisonTests {
    /// A report whose runs lost so many of 10,000 datagrams.
    static func report(
        _ path: String, lost: [Int], _ change: (inout Report) -> Void = { _ in }
    ) throws -> ComparedReport {
        var report = Samples.report(
            runs: lost.enumerated().map { number, lost in
                Samples.run(
                    repeat: number + 1,
                    streams: [Samples.stream(scheduled: 10_000, received: 10_000 - lost)])
            })
        change(&report)
        return try ComparedReport(path: path, bytes: Array(report.sealed.text.utf8))
    }

    private static let lossGate = RegressionGate(
        text: "loss.ratio +0.1%", path: ["loss", "ratio"], isOnRise: true,
        allowance: .absolute(0.001))

    func document(
        _ reports: [ComparedReport], gates: [RegressionGate] = [], allows: Bool = false
    ) throws -> ComparisonDocument {
        try ReportComparison(reports, gates: gates, allowsDifferentPlans: allows, version: "0.1.0")
            .document().document
    }

    @Test func theFirstReportIsTheBaselineOfTheOthers() throws {
        let document = try document([
            Self.report("a.json", lost: [0, 1, 0, 2, 1]),
            Self.report("b.json", lost: [200, 210, 190, 220, 230]),
            Self.report("c.json", lost: [1, 0, 0, 2, 1]),
        ])
        #expect(document.verdict == .pass)
        #expect(document.pairs.map(\.report) == ["b.json", "c.json"])
        let losses = document.pairs.compactMap { $0.comparison.first }
        #expect(losses.map(\.metric) == ["loss.ratio", "loss.ratio"])
        #expect(losses.map(\.a.name) == ["a.json", "a.json"])
        #expect(losses[0].verdict == .worse)
        #expect(losses[1].verdict == .same)
        #expect(losses[0].a.values == [0, 0.0001, 0, 0.0002, 0.0001])
    }

    @Test func theDocumentIsOfItsFormat() throws {
        let document = try document(
            [
                Self.report("a.json", lost: [0, 1, 0, 2, 1]),
                Self.report("b.json", lost: [200, 210, 190, 220, 230]),
            ], gates: [Self.lossGate])
        let value = try JSONCoding.encode(document)
        #expect(ReportFormat.problems(in: value, as: ReportFormat.comparisonDocument) == [])
        #expect(try JSONCoding.decode(ComparisonDocument.self, from: value) == document)
    }

    @Test("a network that is set up in another way is compared, and said")
    func changedNetwork() throws {
        func wifi(_ loss: String) -> (inout Report) -> Void {
            { report in
                let network = JSONValue.object([JSONMember(key: "loss", value: .string(loss))])
                let networks = JSONValue.object([JSONMember(key: "clean", value: network)])
                report.plan.effective = .object([JSONMember(key: "networks", value: networks)])
            }
        }
        func notices(_ loss: String) throws -> [String] {
            try document([
                Self.report("a.json", lost: [0], wifi("1%")),
                Self.report("b.json", lost: [0], wifi(loss)),
            ]).notices.filter { $0.contains("set up") }
        }
        #expect(try notices("1%") == [])
        #expect(try notices("5%") == ["network clean: set up in another way in b.json"])
    }

    @Test func aGateThatIsBrokenFails() throws {
        let document = try document(
            [
                Self.report("a.json", lost: [0, 1, 0, 1]),
                Self.report("b.json", lost: [200, 210, 190, 200]),
            ], gates: [Self.lossGate])
        #expect(document.verdict == .fail)
        #expect(document.verdict.exitStatus.rawValue == 99)
        #expect(document.gates.map(\.passed) == [false])
        #expect(
            document.reasons == [
                "voice on clean, calls: loss.ratio +0.1% does not hold: it was 0.005 % and is 2 %"
            ])
    }

    @Test("a bound is broken only where the table says worse, for 200 seeds")
    func tableAndGatesAgree() throws {
        var (broken, open) = (0, 0)
        for seed in UInt64(1)...200 {
            var generator = SeededGenerator(seed: seed)
            let runs = Int.random(in: 2...7, using: &generator)
            let shift = Int.random(in: 0...300, using: &generator)
            func lost(_ more: Int) -> [Int] {
                (0..<runs).map { _ in more + Int.random(in: 0...200, using: &generator) }
            }
            let document = try document(
                [
                    Self.report("a.json", lost: lost(0)), Self.report("b.json", lost: lost(shift)),
                    Self.report("c.json", lost: lost(0)),
                ],
                gates: [
                    Self.lossGate,
                    RegressionGate(
                        text: "ledger.forward_lost +0", path: ["ledger", "forward_lost"],
                        isOnRise: true, allowance: .absolute(0)),
                ])
            for gate in document.gates {
                let pair = document.pairs.first { $0.report == gate.report }
                let row = pair?.comparison.first { $0.figure == gate.figure }
                #expect(row?.primary == true, "seed \(seed)")
                if gate.passed == false {
                    #expect(row?.verdict == .worse, "seed \(seed)")
                    broken += 1
                } else if gate.passed == nil {
                    open += 1
                }
            }
        }
        #expect(broken > 50 && open > 50, "\(broken) and \(open)")
    }

    @Test func threeRunsDoNotBreakABound() throws {
        let document = try document(
            [
                Self.report("a.json", lost: [0, 1, 0]),
                Self.report("b.json", lost: [200, 210, 190]),
            ], gates: [Self.lossGate])
        #expect(document.verdict == .inconclusive)
        #expect(
            document.reasons == [
                "voice on clean, calls: loss.ratio +0.1% cannot be judged: it was 0 % and is 2 %: "
                    + "too few runs (3 and 3) to say that the bound is broken; it takes 4 of each"
            ])
    }

    @Test func aGateThatHoldsPasses() throws {
        let document = try document(
            [Self.report("a.json", lost: [0, 1, 0]), Self.report("b.json", lost: [3, 1, 2])],
            gates: [Self.lossGate])
        #expect(document.verdict == .pass)
        #expect(document.reasons == [])
        #expect(document.gates.map(\.passed) == [true])
    }

    @Test func whatCannotBeJudgedNeverPasses() throws {
        let few = try document(
            [Self.report("a.json", lost: [0]), Self.report("b.json", lost: [0])],
            gates: [Self.lossGate])
        #expect(few.verdict == .inconclusive)
        #expect(few.gates.map(\.passed) == [nil])
        #expect(
            few.reasons == [
                "voice on clean, calls: loss.ratio +0.1% cannot be judged: "
                    + "too few runs: 1 and 1; it takes 3 of each"
            ])
        let wide = try document(
            [Self.report("a.json", lost: [0, 30, 60]), Self.report("b.json", lost: [0, 40, 80])],
            gates: [Self.lossGate])
        #expect(wide.verdict == .inconclusive)
        #expect(
            wide.reasons == [
                "voice on clean, calls: loss.ratio +0.1% cannot be judged: it was 0.3 % and is "
                    + "0.4 %; the change may be 0.7 % within the bound or 0.7 % beyond it: "
                    + "too few runs (3 and 3)"
            ])
    }

    @Test func aFigureThatNoStreamHasIsNotJudged() throws {
        let gate = RegressionGate(
            text: "one_way.p99 +10%", path: ["one_way_ns", "p99"], isOnRise: true,
            allowance: .share(0.1))
        let document = try document(
            [Self.report("a.json", lost: [0, 0, 0]), Self.report("b.json", lost: [0, 0, 0])],
            gates: [gate])
        #expect(document.verdict == .inconclusive)
        #expect(
            document.reasons == ["one_way.p99 +10% cannot be judged: no stream has that figure"])
    }

    @Test func runsThatSayNothingAreLeftOut() throws {
        let document = try document(
            [
                Self.report("a.json", lost: [0, 0, 0]),
                Self.report("b.json", lost: [0, 9_000, 0, 0]) {
                    $0.runs[1].verdict = .inconclusive
                    $0.verdict = .inconclusive
                },
            ], gates: [Self.lossGate])
        #expect(document.verdict == .pass)
        #expect(document.reports.map(\.leftOut) == [0, 1])
        #expect(document.gates[0].b.values == [0, 0, 0])
        #expect(
            document.pairs[0].comparison[0].reasons.first
                == "1 of 4 runs of b.json is left out: #2 inconclusive")
    }

    @Test func reportsOfWhichNothingIsUsableDoNotPass() throws {
        let document = try document([
            Self.report("a.json", lost: [0, 0]),
            Self.report("b.json", lost: [0, 0]) {
                for index in $0.runs.indices { $0.runs[index].verdict = .inconclusive }
                $0.verdict = .inconclusive
            },
        ])
        #expect(document.verdict == .inconclusive)
    }

    // MARK: What is not compared

    static func unlike(
        _ change: (inout Report) -> Void
    ) throws -> [ComparedReport] {
        [try report("a.json", lost: [0, 0, 0]), try report("b.json", lost: [0, 0, 0], change)]
    }

    @Test func anotherPlanIsComparedByWhatItSends() throws {
        let reports = try Self.unlike {
            $0.plan.name = "other"
            $0.plan.sha256 = String(repeating: "1a", count: 32)
        }
        let document = try document(reports, gates: [Self.lossGate])
        #expect(document.verdict == .pass)
        #expect(document.reasons == [] && document.notices == [])
        #expect(document.pairs.count == 1)
    }

    @Test func reportsWithoutACommonStreamAreRefused() throws {
        let reports = try Self.unlike {
            for run in $0.runs.indices { $0.runs[run].scenario = "other" }
        }
        let error = #expect(throws: ComparisonError.self) { try document(reports) }
        #expect(error?.exitStatus == .usage)
        #expect(
            error.map { "\($0)" }
                == "the reports are of different things: no stream is in both; voice on clean, "
                + "calls: not in b.json; other on clean, calls: not in a.json; "
                + "--allow-different-plans compares what they have in common")
    }

    @Test func anotherResponderIsRefused() throws {
        let behaviours = [("echo", "chat"), ("echo", nil)] as [(String, String?)]
        for (before, after) in behaviours {
            func responder(_ behaviour: String?) -> (inout Report) -> Void {
                {
                    for run in $0.runs.indices {
                        $0.runs[run].responder = ResponderReport(
                            name: "it", behaviour: behaviour, address: "127.0.0.1:7")
                    }
                }
            }
            let reports = [
                try Self.report("a.json", lost: [0, 0, 0], responder(before)),
                try Self.report("b.json", lost: [0, 0, 0], responder(after)),
            ]
            let error = #expect(throws: ComparisonError.self) { try document(reports) }
            let words = "responder \(after ?? "of another program") and not echo"
            #expect(error.map { "\($0)".contains(words) } == true)
        }
    }

    @Test func anotherLoadIsRefused() throws {
        let changes: [(String, (inout Report) -> Void)] = [
            (
                "payload 1200 B and not 160 B",
                { for run in $0.runs.indices { $0.runs[run].streams[0].payloadBytes = 1_200 } }
            ),
            (
                "rate 2.00 kpps and not 1.00 kpps",
                {
                    for run in $0.runs.indices {
                        $0.runs[run].streams[0].pacing.intendedPps = 2_000
                    }
                }
            ),
            (
                "rate max and not 1.00 kpps",
                {
                    for run in $0.runs.indices { $0.runs[run].streams[0].pacing.intendedPps = nil }
                }
            ),
            (
                "flows 1 and not 20",
                { for run in $0.runs.indices { $0.runs[run].streams[0].flows = 1 } }
            ),
        ]
        for (words, change) in changes {
            let reports = try Self.unlike(change)
            let error = #expect(throws: ComparisonError.self) { try document(reports) }
            #expect(error.map { "\($0)".contains(words) } == true, "\(words): \(error as Any)")
            #expect(try document(reports, allows: true).pairs.count == 1)
        }
    }

    @Test func whatOnlyTheBaselineHasKeepsAGateOpen() throws {
        let reports = try Self.unlike {
            $0.plan.sha256 = "00"
            for run in $0.runs.indices { $0.runs[run].network = "elsewhere" }
        }
        let document = try document(reports, gates: [Self.lossGate], allows: true)
        #expect(document.verdict == .inconclusive)
        #expect(document.reasons.first == "voice on clean, calls: not in b.json")
        #expect(document.notices.contains("voice on elsewhere, calls: not in a.json"))
    }

    @Test func aReportFromBeforeThereWereNoticesIsCompared() throws {
        let text = Samples.report(
            runs: [Samples.run(streams: [Samples.stream(scheduled: 10, received: 10)])]
        ).sealed.text
        let old = text.replacing(/\s*"notices": \[\],/, with: "")
        #expect(!old.contains("notices") && old != text)
        let report = try ComparedReport(path: "old.json", bytes: Array(old.utf8))
        #expect(report.verdict == .pass)
        #expect(report.runs.count == 1)
    }

    @Test func aPartialReportIsNotCompared() {
        let error = #expect(throws: ComparisonError.self) {
            try Self.report("b.json", lost: [0]) {
                $0.status = .partial
                $0.verdict = .aborted
                $0.reasons = ["SIGINT: 2 runs were not begun"]
            }
        }
        #expect(error?.exitStatus == .inconclusive)
        #expect(
            error.map { "\($0)" }
                == "b.json: the report is partial: SIGINT: 2 runs were not begun")
    }

    @Test func anInvalidReportIsNotCompared() {
        let error = #expect(throws: ComparisonError.self) {
            try Self.report("b.json", lost: [0]) { $0.verdict = .invalid }
        }
        #expect(error?.exitStatus == .inconclusive)
        let words = "b.json: the report is invalid: a cause made up for a test"
        #expect(error.map { "\($0)" } == words)
    }

    @Test(
        "L19 a report of another format, and a file that is none, are told apart",
        arguments: [
            (
                "older-format", 75,
                "a report of format 0, of udplab 0.0.9; this udplab compares reports of format 1: "
                    + "make it anew with this udplab"
            ),
            (
                "newer-format", 75,
                "a report of format 2, of udplab 3.1.0; this udplab compares reports of format 1: "
                    + "compare it with the udplab that wrote it"
            ),
            ("other-tool", 64, "1:1: $: this is no report of udplab: it has no \"report\": 1"),
            ("plan", 64, "1:1: $: this is no report of udplab: it is a plan"),
            ("array", 64, "1:1: $: this is no report of udplab: it has no \"report\": 1"),
            (
                "format-as-text", 64,
                "1:13: $.report: this is no report of udplab: its format has no number"
            ),
            (
                "half-a-report", 64,
                "9:20: $.runs[0].streams[0]: this is no whole report: \"payload_bytes\" is missing"
            ),
            ("unknown-verdict", 64, "1:1: $: there is no verdict \"splendid\""),
            ("truncated", 64, "3:"), ("empty", 64, "1:1: $: "),
        ] as [(String, Int32, String)])
    func l19(name: String, code: Int32, words: String) throws {
        let path = RepositoryFiles.path("Tests/Reports/Corpus/\(name).json")
        let bytes = Array(try TemporaryDirectory.read(path).utf8)
        let error = #expect(throws: ComparisonError.self) {
            try ComparedReport(path: "x.json", bytes: bytes)
        }
        #expect(error?.exitStatus.rawValue == code)
        let message = error.map { "\($0)" } ?? ""
        #expect(message.hasPrefix("x.json:"), "\(message)")
        #expect(message.contains(words), "\(message)")
    }

    @Test("L19 the sample report, and one with keys of the future, are read") func l19Lenient()
        throws
    {
        let text = try TemporaryDirectory.read(RepositoryFiles.path("Reports/sample-run.json"))
        let sample = try ComparedReport(path: "sample.json", bytes: Array(text.utf8))
        #expect(sample.runs.count == 2)
        let future = text.replacing(
            "\"report\": 1,", with: "\"report\": 1, \"horoscope\": \"fair\",")
        #expect(try ComparedReport(path: "x.json", bytes: Array(future.utf8)).runs.count == 2)
        let past = text.replacing("\"comparison\": []", with: "\"x\": 1")
        #expect(try ComparedReport(path: "x.json", bytes: Array(past.utf8)).runs.count == 2)
    }

    @Test func aFileThatIsNoFileIsSaid() {
        for path in ["/nonexistent/report.json", "/tmp", "/dev/null"] {
            let error = #expect(throws: ComparisonError.self) { try ReportFile.load(path) }
            #expect(error?.exitStatus == .usage)
            #expect(error.map { "\($0)".hasPrefix("\(path): ") } == true)
        }
    }
}
