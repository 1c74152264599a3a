import Glibc
import Harness
import JSON
import Testing

/// Rows L12, L13 and L20, and what goes to which of the standard streams.
@Suite struct OutputTests {
    @Test("standard output has the report's path, and nothing else")
    func path() async throws {
        let (_, ended) = try await Trial().report(0)
        #expect(ended.output == "report.json\n")
        #expect(ended.errors.contains("short on net"))
    }

    @Test("--json prints the report that is written, and nothing else")
    func json() async throws {
        let trial = try Trial()
        let (_, ended) = try await trial.report(0, "--json")
        #expect(try Array(ended.output.utf8) == trial.directory.read("report.json"))
    }

    @Test("--quiet says nothing of a run that passes")
    func quiet() async throws {
        let (_, ended) = try await Trial().report(0, "--quiet")
        #expect(ended.errors == "")
    }

    @Test("--quiet says in one line why a run does not pass")
    func quietFailure() async throws {
        var plan = PlanText()
        plan.thresholds = ["rtt.p50 < 1ns"]
        let (_, ended) = try await Trial(plan).report(99, "--quiet")
        #expect(ended.errors.contains("rtt.p50 < 1ns does not hold"))
        #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.all)")
    }

    @Test(
        "L12 standard streams that are closed or full do not touch the run or its report",
        arguments: [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", ">/dev/full 2>&1"])
    func l12(redirect: String) async throws {
        let trial = try Trial()
        let ended = try await trial.run("--json", redirect: redirect)
        // Nobody has the result that was asked for.
        #expect(ended.code == (redirect.contains("full") ? 75 : 0), "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "complete")
        #expect(report.ledgerFaults == [])
    }

    @Test(
        "L12 a result that is nowhere else, and is not written, is no success",
        arguments: [["check", "plan.json"], ["schema"], ["doctor", "--json"]])
    func l12Results(verb: [String]) async throws {
        let ended = try await Execution.run(
            verb, in: try Trial().directory, redirect: ">/dev/full")
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("ENOSPC"), "\(ended.all)")
    }

    @Test("L12 a report's path that nobody can be told changes nothing: the report is there")
    func l12Path() async throws {
        let ended = try await Trial().run(redirect: ">/dev/full")
        #expect(ended.code == 0, "\(ended.all)")
    }

    @Test("L12 a reader that leaves after the first line does not end the run")
    func l12Head() async throws {
        let trial = try Trial()
        let script = #""$@" --json | head -n 1; echo left"#
        let ended = try await Execution.run(
            ["-c", script, "sh", Program.path] + Trial.arguments, program: "sh",
            in: trial.directory)
        #expect(ended.output == "{\nleft\n", "\(ended.all)")
        #expect(!ended.errors.contains("not written"), "\(ended.all)")
        #expect(try trial.report().status == "complete")
    }

    @Test("L13 of two runs with one report name one wins and the other is refused")
    func l13() async throws {
        let trial = try Trial(PlanText(senders: [PlanText.endless]))
        var second: Execution.Ended?
        let first = try await trial.during { execution in
            second = try await trial.runBeside()
            execution.signal(SIGINT)
        }
        #expect(first.code == 105, "\(first.all)")
        #expect(second?.code == 64, "\(second?.all ?? "")")
        #expect(second?.errors.contains("another run") == true, "\(second?.all ?? "")")
        #expect(try trial.report().status == "partial")
        #expect(trial.directory.names == ["plan.json", "report.json"])
    }

    @Test("L20 locale and time zone change no number and no time")
    func l20() async throws {
        let trial = try Trial()
        let ended = try await trial.run(
            environment: ["LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Asia/Kathmandu"])
        #expect(ended.code == 0, "\(ended.all)")
        let report = try trial.report()
        for key in ["started", "finished"] {
            let time = try #require(report.json[key]?.string)
            #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil)
            #expect(try abs(Self.seconds(time) - Glibc.time(nil)) < 3600)
        }
        let text = String(decoding: try trial.directory.read("report.json"), as: UTF8.self)
        #expect(text.contains(/"sent_pps": \d+\.\d/))
        #expect(!ended.errors.contains(/\d,\d\d?\s/), "\(ended.all)")
    }

    /// Of the UTC time in a report.
    private static func seconds(_ text: String) throws -> Int {
        let parts = text.split { !$0.isNumber }.compactMap { Int32($0) }
        try #require(parts.count >= 6)
        var fields = tm()
        fields.tm_year = parts[0] - 1900
        fields.tm_mon = parts[1] - 1
        fields.tm_mday = parts[2]
        fields.tm_hour = parts[3]
        fields.tm_min = parts[4]
        fields.tm_sec = parts[5]
        return timegm(&fields)
    }

    @Test("without --report the report goes to Reports, under the plan's name and the time")
    func defaultPlace() async throws {
        let trial = try Trial()
        for _ in 0..<2 {
            let ended = try await Execution.run(["run", "plan.json"], in: trial.directory)
            #expect(ended.code == 0, "\(ended.all)")
            #expect(
                ended.output.wholeMatch(of: /Reports\/trial-\d{8}T\d{6}\.\d{3}Z\.json\n/) != nil)
        }
        let reports = TemporaryDirectory.names(in: trial.directory.file("Reports"))
        #expect(reports.count == 2)
    }
}

extension Trial {
    /// As `run`, for the place of a run that stands there already.
    func runBeside() async throws -> Execution.Ended {
        try await Execution(Self.arguments, in: directory).end()
    }
}
