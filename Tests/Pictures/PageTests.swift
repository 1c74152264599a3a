import Harness
import JSON
import Testing

@testable import Metrics
@testable import Pictures
@testable import Reports

/// The page as a whole: its order, its size, and what it does with names from elsewhere.
@Suite("Pages")
struct PageTests {
    private func page(_ reports: Report...) -> String {
        ReportPage(reports: reports, names: reports.indices.map { "report-\($0).json" }).html()
    }

    private func place(_ text: String, in page: String) throws -> String.Index {
        try #require(page.firstRange(of: text), "the page has \(text)").lowerBound
    }

    @Test func theVerdictIsFirstThenTheSummaryThenThePictures() throws {
        let page = page(MadeReport().report)
        let places = try [
            "class=\"verdict v-", "class=\"matrix\"", "Where the datagrams went",
            "How long they took", "Do the networks differ?", "calls over time",
            "All runs, one by one",
        ].map { try place($0, in: page) }
        #expect(places == places.sorted())
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    }

    @Test func theDecidingReasonIsBesideTheVerdict() throws {
        var made = MadeReport(networks: ["a", "b", "slow"])
        made.probes = 900
        let report = made.report
        #expect(report.verdict == .fail)
        let page = page(report)
        let word = try place("fail</p>", in: page)
        let reason = try place(Markup.escaped(report.reasons[0]), in: page)
        #expect(word < reason)
        #expect(page.distance(from: word, to: reason) < 100)
    }

    @Test("a page asks no other machine for anything, and has no script")
    func pagesAreSelfContained() {
        let page = page(MadeReport().report, MadeReport(seed: 2).report)
        for word in ["<script", "http://", "https://", "@import", "src=", "onload", "javascript:"] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src &#39;none&#39;"))
    }

    @Test("35 runs with all that a report may hold fit into a mebibyte, and so does any number")
    func pagesAreBounded() {
        var made = MadeReport(
            networks: ["a", "b", "c", "d", "e"], repeats: 7, flows: 500, probes: 4_000,
            intervals: 300, lossShare: 0.3, isCompared: false)
        let large = page(made.report)
        #expect(large.utf8.count <= ReportPage.bytesMax)
        #expect(large.utf8.count > ReportPage.bytesMax / 8, "there is something to bound")
        #expect(large.hasSuffix("</html>\n"))
        made = MadeReport(
            networks: (0..<40).map { "n\($0)" }, repeats: 12, probes: 60, isCompared: false)
        let many = page(made.report)
        #expect(many.utf8.count <= ReportPage.bytesMax)
        #expect(many.contains("more pictures are left out, so that the page stays below 1 MiB"))
        #expect(many.hasSuffix("</html>\n"))
    }

    @Test func longAndManyNamesAndReasonsFitToo() {
        let long = String(repeating: "<&'\u{202E}", count: 1_100)
        let networks = (0..<16).map { "\($0)\(long)" }
        var report = MadeReport(
            networks: networks, repeats: 1, probes: 20, intervals: 2, isCompared: false
        ).report
        var judgement = Judgement(notices: networks)
        judgement.add(.fail, networks + networks + networks)
        report.state(judgement)
        let page = page(report, report)
        #expect(page.utf8.count <= ReportPage.bytesMax)
        #expect(page.contains("more; this page stays below 1 MiB"))
        var card = Self.card
        card.trials = networks.map { name in
            var trial = card.trials[0]
            (trial.id, trial.saw) = (name, name)
            return trial
        }
        let score = ScorePage(cards: [card, card, card], names: Array(networks.prefix(3))).html()
        #expect(score.utf8.count <= ReportPage.bytesMax)
    }

    // MARK: Names from elsewhere

    private static let hostile = [
        "<script>alert(1)</script>", "a\"b onload='x'", "</title><b>&amp;", "bell\u{7}\u{1B}[31m",
        "right\u{202E}left\u{2066}", "line\nbreak\ttab", "]]><!--", "\u{0}null",
    ]

    @Test(
        "names with markup, control and bidirectional characters are shown escaped",
        arguments: hostile)
    func namesAreEscaped(_ name: String) {
        var report = MadeReport(networks: [name, "other"], scenario: name, expression: name).report
        report.plan.name = name
        report.runs[0].timeline[0].event = name
        report.runs[0].timeline[0].detail = name
        report.runs[0].warnings = [name]
        report.runs[0].streams[0].sender = name
        report.skipped = [SkippedRunReport(scenario: name, network: name, reason: name)]
        let page = ReportPage(reports: [report, report], names: [name, "b"]).html()
        expectHarmless(page, name)
        var card = Self.card
        card.trials[0].saw = name
        card.trials[0].id = name
        card.trials[0].change = name
        card.server.command = [name]
        expectHarmless(ScorePage(cards: [card, card], names: [name, name]).html(), name)
    }

    /// Every `<` of a page begins an element that this program writes.
    private func expectHarmless(_ page: String, _ name: String) {
        let controls = page.unicodeScalars.filter {
            $0 != "\n" && ($0.value < 0x20 || $0.value == 0x7F)
        }
        #expect(controls.isEmpty)
        #expect(
            !page.unicodeScalars.contains {
                (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
            })
        #expect(!page.contains("<script") && !page.contains("<b>") && !page.contains("<!--"))
        #expect(page.components(of: "</title>") == page.components(of: "<title>"))
        #expect(page.contains(Markup.escaped(name)), "the name is there")
    }

    @Test("numbers of any size, and of any sign, make no page fail")
    func numbersFromElsewhereAreShown() throws {
        var count = 0
        for seed in 1...UInt64(Sweep.seeds(12, wide: 200)) {
            var random = SeededGenerator(seed: seed)
            let made = MadeReport(
                seed: seed, networks: ["a", "b"], repeats: 1, probes: 40, intervals: 4)
            let value = Self.altered(try JSONCoding.encode(made.report), &random)
            guard let report = try? JSONCoding.decode(Report.self, from: value) else { continue }
            let page = page(report, report)
            #expect(page.hasSuffix("</html>\n"), "seed \(seed)")
            count += 1
        }
        #expect(count > 3, "few of these reports can be read")
    }

    /// Replaces some of the integers by the extremes that a stored report may have.
    private static func altered(
        _ value: JSONValue, _ random: inout SeededGenerator
    ) -> JSONValue {
        switch value {
        case .integer where random.chance(0.2):
            .integer([0, -1, 1, 1 << 53, -(1 << 53)].randomElement(using: &random) ?? 0)
        case .array(let values): .array(values.map { altered($0, &random) })
        case .object(let members):
            .object(
                members.map { member in
                    let isFormat = ["report", "repeat"].contains(member.key)
                    return isFormat
                        ? member
                        : JSONMember(key: member.key, value: altered(member.value, &random))
                })
        default: value
        }
    }

    // MARK: Reports that lack something

    @Test func anEarlierReportSaysWhatItLacks() {
        let page = page(MadeReport(isEarlier: true).report)
        #expect(page.contains("This report has no map of the single losses"))
        #expect(page.contains("This report has no delays by time and size"))
        #expect(page.contains("How long they took"))
    }

    @Test func aReportWithoutRunsHasAPage() {
        var report = MadeReport().report
        report.runs = []
        report.comparison = []
        #expect(page(report).contains("made-up"))
        #expect(page(report, report).contains("there is no trend"))
    }

    @Test func theHostsOfAStreamAreListedAndBounded() {
        var report = MadeReport(networks: ["a"], repeats: 1).report
        #expect(!page(report).contains("The hosts of a stream"))
        let hosts = (1...3_000).map { number in
            var host = FleetHostReport(host: "node-\(number)<b>", flows: 1)
            host.ledger = report.runs[0].streams[0].ledger
            host.startNs = 1_500
            return host
        }
        report.runs[0].streams[0].fleet = FleetReport(hosts: hosts)
        let text = page(report)
        #expect(text.contains("node-1&lt;b&gt;"))
        #expect(text.contains("1.50 µs"))
        #expect(!text.contains("node-3000&lt;"))
        #expect(text.utf8.count < 4 << 20)
    }

    @Test func aProgramsFullBufferIsNoLossOfThisHost() {
        var report = MadeReport(networks: ["a"], repeats: 1).report
        report.runs[0].streams[0].ledger.responderOverflow = 4_321
        #expect(page(report).contains("responder overflow 4,321"))
        report.runs[0].streams[0].ledger.responderReceived = nil
        #expect(!page(report).contains("responder overflow 4,321"))
    }

    @Test func aLedgerIsNamedByItsSenderWhereThereAreSeveral() {
        var report = MadeReport(networks: ["a"], repeats: 1).report
        #expect(page(report).contains("<strong>a</strong>"))
        var other = report.runs[0].streams[0]
        other.sender = "second<b>"
        report.runs[0].streams.append(other)
        let text = page(report)
        #expect(text.contains("<strong>a, second&lt;b&gt;</strong>"))
        #expect(!text.contains("<strong>a</strong>"))
    }

    @Test func theOtherHostsAreListedWithTheirClocks() {
        var report = MadeReport(networks: ["a"], repeats: 1).report
        report.hosts = []
        #expect(!page(report).contains("The other hosts"))
        func host(_ name: String, isConsistent: Bool = true) -> OtherHostReport {
            OtherHostReport(
                name: name, launch: ["ssh", name], hostname: "node<b>", version: "0.1.0",
                build: "-", kernel: "6.1.0", cpus: 2, rmemMax: nil, addresses: [],
                wallClockErrorNs: nil,
                clock: OtherHostReport.Clock(
                    exchanges: 266, roundTripMinNs: 120_000, offsetNs: -1_500_000_000,
                    errorNs: 60_000, driftPpm: -12.46, isConsistent: isConsistent),
                lost: nil)
        }
        var (steady, stepped, lost) = (
            host("b"), host("c", isConsistent: false), host("d")
        )
        (steady.clock.statedErrorNs, steady.clock.statedBy) = (24_000_000, "ntp")
        stepped.clock.statedRefusal = "host \"c\" is not synchronized"
        lost.lost = "host \"d\" has said nothing for 5 seconds"
        report.hosts = [steady, stepped, lost]
        let text = page(report)
        for words in [
            "node&lt;b&gt;", "<td>steady</td>", "<td>stepped, or its drift changed</td>",
            "has said nothing for 5 seconds", "<td>60.0 µs</td>", "<td>−12.5 ppm</td>",
            "<td>24.0 ms (ntp)</td>", "<td>host &quot;c&quot; is not synchronized</td>",
            "1.50 s</td>",
        ] { #expect(text.contains(words), "\(words)") }
        report.hosts = (1...3_000).map { host("n\($0)") }
        #expect(page(report).utf8.count <= ReportPage.bytesMax)
    }

    @Test func runsThatThisHostLimitedAreGreyOnlyWhereThereAreNoOthers() {
        var report = MadeReport(networks: ["a"], repeats: 2).report
        let limited = Judgement(causes: [Cause(.inconclusive, "this host was the limit")])
        report.runs[0].state(limited)
        #expect(!page(report).contains("class=\"limited\""))
        #expect(page(report).contains("1 of 2 on a (inconclusive)"))
        report.runs[1].state(limited)
        #expect(page(report).contains("class=\"limited\""))
    }

    @Test func figuresOfInvalidRunsAreNotShown() {
        var report = MadeReport(networks: ["a"], repeats: 1).report
        report.runs[0].state(Judgement(causes: [Cause(.invalid, "the ledger does not balance")]))
        #expect(!page(report).contains("data-figure"))
    }

    // MARK: Several reports, score cards

    @Test func aChangeBetweenReportsIsMarked() {
        var before = MadeReport(networks: ["a"], repeats: 8)
        let old = before.report
        before.seed = 9
        var new = before.report
        for run in new.runs.indices {
            new.runs[run].streams[0].rttNs?.p99 = 90_000_000 + run
        }
        let trends = Trend.all([old, new], names: ["old", "new"])
        let p99 = trends.first { $0.trend.figure.name == "rtt.p99" }
        #expect(p99?.changes == [1])
        #expect(p99?.markup.text.contains("changed") == true)
        #expect(Trend.all([old, old], names: ["old", "old"]).allSatisfy { $0.changes.isEmpty })
    }

    static var card: ScoreCard {
        let trial = TrialReport(
            id: "burst", title: "A burst", verdict: .degraded, failsProfile: false,
            did: "sent 100 at once", expected: "all are answered", saw: "98 were answered",
            change: "ask for a larger receive buffer", restarted: false, durationNs: 20_000_000,
            datagrams: TrialDatagrams())
        return ScoreCard(
            tool: ToolReport(version: "0.1.0"),
            server: ServerReport(
                command: ["python3", "server.py"], address: "127.0.0.1:7788", starts: 1),
            profile: "basic", seed: 1, host: MadeReport().report.host,
            started: MadeReport.started, finished: MadeReport.started, status: .complete,
            judgement: Judgement(causes: [Cause(.fail, "burst: 98 were answered")]),
            trials: [trial])
    }

    @Test func aScoreCardSaysWhatToChange() {
        let one = ScorePage(cards: [Self.card], names: ["card.json"]).html()
        #expect(one.contains("98 were answered") && one.contains("ask for a larger receive buffer"))
        var other = Self.card
        other.trials[0].id = "restart"
        let two = ScorePage(cards: [Self.card, other], names: ["a.json", "b.json"]).html()
        #expect(two.contains("class=\"runs score\""))
        #expect(two.contains(">restart<") && two.contains(">burst<"))
    }
}

extension String {
    /// The number of places of a text in this one.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
