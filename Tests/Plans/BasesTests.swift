import Glibc
import Harness
import JSON
import Reports
import STAMP
import Testing

@testable import Plans

/// `"extends"`: a plan merged into another file's.
@Suite struct BasesTests {
    private let base = planText(
        networks: #""here": { "kind": "loopback" }, "far": { "kind": "emulated", "delay": "1ms" }"#,
        more: ", \"seed\": 3")

    private func message(_ path: String) -> String {
        do throws(PlanError) {
            _ = try PlanFile.load(path)
            return "a plan"
        } catch {
            return "\(error)"
        }
    }

    @Test func keysNamesAndNullAreMerged() throws {
        let folder = try TemporaryDirectory()
        try folder.write("base.json", base)
        let path = try folder.write(
            "plan.json",
            """
            { "plan": 1, "extends": "base.json", "name": "more", "seed": null,
              "networks": { "far": { "jitter": "100us" } },
              "scenarios": [
                { "name": "one", "repeat": 3, "networks": ["far"],
                  "senders": [ { "name": "calls", "duration": null, "count": 5 },
                               { "name": "new", "rate": "1pps", "payload": "64B", "count": 1 } ] },
                { "name": "two", "networks": ["here"], "responder": "echo",
                  "senders": [ { "name": "a", "rate": "1pps", "payload": "64B", "count": 1 } ] } ] }
            """)
        let plan = try PlanFile.load(path)
        #expect(plan.name == "more" && plan.seed == 0)
        #expect(plan.scenarios.map(\.name) == ["one", "two"])
        #expect(plan.scenarios[0].networks.map(\.name) == ["far"])
        #expect(plan.scenarios[0].senders.map(\.name) == ["calls", "new"])
        #expect(plan.scenarios[0].senders[0].length == .count(5))
        #expect(plan.scenarios[0].repeats == 3)
        #expect(
            plan.variation.bases == [
                PlanBaseReport(
                    path: "\(folder.path)/base.json", sha256: SHA256.hexDigest(of: Array(base.utf8))
                )
            ])
        #expect(!plan.effective.text.contains("extends"))
        let alone = try PlanReader.read(Array(plan.effective.text.utf8), path: "plan.json")
        #expect(alone.scenarios == plan.scenarios && alone.effective == plan.effective)
    }

    /// The examples of RFC 7396, appendix A, whose target and patch are objects.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func objectsMergeByRFC7396(base: String, patch: String, result: String) throws {
        let nodes = try [base, patch].map {
            try JSONDocument.read(file: "a", bytes: Array($0.utf8)).root
        }
        #expect(try PlanBases.merged(nodes[1], into: nodes[0]).value.text() == result)
    }

    @Test func aProblemIsAtItsLineOfItsFile() throws {
        let folder = try TemporaryDirectory()
        try folder.write("base.json", base.replacing("50pps", with: "50"))
        let path = try folder.write(
            "plan.json",
            "{ \"extends\": \"base.json\",\n  \"scenarios\": [ { \"name\": \"one\", \"repeat\": 0 } ] }"
        )
        let lines = message(path).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines.first?.hasPrefix("\(path):2:45: $.scenarios[0].repeat: 0 is out of range") == true
        )
        #expect(
            lines.last?.hasPrefix("\(folder.path)/base.json:3:") == true
                && lines.last?.contains("$.scenarios[0].senders[0].rate:") == true)
    }

    @Test func aTraceOfABaseIsBesideIt() throws {
        let folder = try TemporaryDirectory()
        try folder.write("delays.txt", "1ms\n")
        try folder.write(
            "base.json",
            planText(
                networks: """
                    "here": { "kind": "emulated", "delay": { "model": "trace", "file": "delays.txt" } }
                    """))
        let path = try folder.write("plan.json", #"{ "extends": "base.json" }"#)
        #expect(try PlanFile.load(path).filesRead == ["\(folder.path)/delays.txt"])
    }

    @Test(
        "What is no base is a problem at the key",
        arguments: [
            ("none.json", "cannot be opened: No such file"),
            ("../base.json", "is not legal: a file beside the plan is named"),
            ("/etc/passwd", "is not legal: a file beside the plan is named"),
            ("", "is not legal"), (".", "is a link out of the folder"),
            ("plan.json", "extends itself"), ("a.json", "extends itself"),
            ("out.json", "is a link out of the folder of the plan"),
            ("fifo", "is a FIFO"), ("array.json", "expected a plan (an object)"),
            ("two.json", "format 2 is unknown"), ("cut.json", "ends too early"),
            ("deep1.json", "at most 8 bases"),
        ])
    func faults(name: String, says: String) throws {
        let folder = try TemporaryDirectory()
        let other = try TemporaryDirectory()
        try other.write("base.json", base)
        try folder.write("a.json", #"{ "extends": "b.json" }"#)
        try folder.write("b.json", #"{ "extends": "a.json" }"#)
        try folder.write("array.json", "[]")
        try folder.write("two.json", #"{ "plan": 2 }"#)
        try folder.write("cut.json", "{")
        for depth in 1...9 {
            try folder.write("deep\(depth).json", #"{ "extends": "deep\#(depth + 1).json" }"#)
        }
        #expect(symlink("\(other.path)/base.json", "\(folder.path)/out.json") == 0)
        #expect(mkfifo("\(folder.path)/fifo", 0o600) == 0)
        let path = try folder.write("plan.json", "{ \"extends\": \"\(name)\" }")
        let said = message(path)
        #expect(said.contains(says), "\(said)")
        #expect(said.hasPrefix(folder.path), "\(said)")
    }

    @Test func aLinkToAFileBesideThePlanIsABase() throws {
        let folder = try TemporaryDirectory()
        try folder.write("base.json", base)
        #expect(symlink("base.json", "\(folder.path)/link.json") == 0)
        let path = try folder.write("plan.json", #"{ "extends": "link.json" }"#)
        #expect(try PlanFile.load(path).seed == 3)
    }
}
