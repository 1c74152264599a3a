import JSON
import Reports
import Testing

@testable import Exports

@Suite("Annotations of a build")
struct AnnotationTests {
    private let plan = """
        { "plan": 1, "name": "p",
          "scenarios": [
            { "name": "steady",
              "thresholds": [
                "loss.ratio < 1%",
                "rtt.p99 < 1ms"
              ] },
            { "name": "other", "thresholds": ["loss.ratio < 1%"] }
          ] }
        """

    private func failing(_ expressions: [String], repeats: Int = 1) throws -> Report {
        var report = try Exported.sample()
        var run = report.runs[0]
        run.thresholds = expressions.map {
            ThresholdReport(
                sender: "calls", expression: $0, figure: "loss.ratio", value: 0.02, passed: false)
        }
        run.state(Judgement(causes: [Cause(.fail, "a threshold does not hold")]))
        report.runs = (1...repeats).map { number in
            var copy = run
            copy.repeat = number
            return copy
        }
        report.state(Judgement(causes: [Cause(.fail, "a threshold does not hold")]))
        return report
    }

    private func commands(_ report: Report) -> [String] {
        Annotations.commands(
            for: report, file: "plans/p.json", lines: PlanLines(Array(plan.utf8)))
    }

    @Test("a threshold that does not hold is an error at its line in the plan")
    func line() throws {
        let commands = commands(try failing(["rtt.p99 < 1ms", "loss.ratio < 1%"]))
        #expect(
            commands == [
                "::error file=plans/p.json,line=6,title=udplab%3A steady::calls: rtt.p99 < 1ms does "
                    + "not hold: it is 2 %25 in steady on loopback",
                "::error file=plans/p.json,line=5,title=udplab%3A steady::calls: loss.ratio < 1%25 "
                    + "does not hold: it is 2 %25 in steady on loopback",
            ])
    }

    @Test("the repeats of a run share an annotation")
    func repeats() throws {
        let commands = commands(try failing(["loss.ratio < 1%"], repeats: 6))
        #expect(commands.count == 1)
        #expect(commands[0].contains("steady on loopback #4 and in 2 more runs"))
    }

    @Test("there are at most ten, and the last says how many more findings there are")
    func most() throws {
        let many = (1...30).map { "rtt.p99 < \($0)us" }
        let commands = commands(try failing(many))
        #expect(commands.count == Annotations.most)
        #expect(commands.last?.hasPrefix("::notice ") == true)
        #expect(commands.last?.contains("21 more") == true)
    }

    @Test("a verdict without a threshold is at the plan's first line; a pass says nothing")
    func reasons() throws {
        var report = try Exported.sample()
        #expect(commands(report) == [])
        report.state(Judgement(causes: [Cause(.inconclusive, "too busy, 50 %")]))
        #expect(
            commands(report) == [
                "::warning file=plans/p.json,line=1,title=udplab%3A inconclusive::too busy, 50 %25"
            ])
    }

    @Test("without the plan that was run there is a file and no line")
    func changedPlan() throws {
        let report = try failing(["loss.ratio < 1%"])
        let commands = Annotations.commands(for: report, file: "p.json", lines: nil)
        #expect(commands[0].hasPrefix("::error file=p.json,title="))
    }

    @Test("hostile text ends neither the command nor a property")
    func hostile() throws {
        var report = try Exported.hostileReport()
        report.plan.path = Exported.hostile
        let commands = Annotations.commands(for: report, file: report.plan.path, lines: nil)
        #expect(!commands.isEmpty)
        for command in commands {
            #expect(Exported.isHarmless(command) && !command.contains("\n"))
            let properties = try #require(command.wholeMatch(of: /::error (.+?)::(.*)/)).1
            #expect(properties.split(separator: ",").count == 2, "\(properties)")
            #expect(!properties.contains(":"))
        }
    }

    @Test("the path is the one from the root of the checkout")
    func paths() {
        func path(_ path: String, _ directory: String, _ root: String?) -> String {
            CheckoutPath.of(path, from: directory, root: root)
        }
        #expect(path("p.json", "/w/repo", "/w/repo") == "p.json")
        #expect(path("p.json", "/w/repo/sub", "/w/repo") == "sub/p.json")
        #expect(path("../p.json", "/w/repo/sub", "/w/repo/") == "p.json")
        #expect(path("/w/repo/a/./p.json", "/", "/w/repo") == "a/p.json")
        #expect(path("/elsewhere/p.json", "/", "/w/repo") == "/elsewhere/p.json")
        #expect(path("../../p.json", "/w/repo", "/w/repo") == "../../p.json")
        #expect(path("p.json", "/w/repo", nil) == "p.json")
    }

    @Test("a plan that is none has no lines", arguments: ["", "[]", #"{"scenarios": 1}"#])
    func noPlan(text: String) {
        #expect(PlanLines(Array(text.utf8)).line(of: "loss.ratio < 1%", in: "steady") == nil)
    }

    @Test("the errors of a refused plan are at their lines")
    func refused() {
        let errors = (1...12).map { (file: "p.json", line: $0, message: "wrong, 100 %") }
        let commands = Annotations.commands(for: errors)
        #expect(commands.count == 10)
        #expect(
            commands[1]
                == "::error file=p.json,line=2,title=udplab%3A the plan is invalid::wrong, 100 %25")
    }
}
