import Harness
import JSON
import Testing

@testable import Plans

/// Mistakes that people make in their first plans: each is answered with what to write instead,
/// and what the answer says works. Those of the command line are in `Process`.
@Suite struct NewcomerTests {
    /// A mistake in a plan that is otherwise legal.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let right: String
        let wrong: String
        let says: [String]

        /// - Parameters:
        ///   - right: A part of the plan below, or what the answer says to write in its place.
        ///   - wrong: What somebody wrote there.
        ///   - says: The words of the answer; by default the part that is right.
        init(_ right: String, _ wrong: String, says: String...) {
            self.right = right
            self.wrong = wrong
            self.says = says
        }

        var testDescription: String { wrong }
    }

    /// The plan, and the places where something else may stand.
    private static func plan(
        head: String = #""name": "x","#,
        network: String = #""kind": "emulated", "delay": "10ms", "loss": "1%""#,
        responder: String = #""behaviour": "echo""#, scenario: String = #""networks": ["net"]"#,
        sender: String = #""rate": "100pps", "payload": "100B", "duration": "1s", "flows": 1"#,
        threshold: String = #""thresholds": ["loss.ratio < 1%"]"#
    ) -> String {
        """
        { "plan": 1, \(head)
          "networks": { "net": { \(network) } },
          "responders": { "svc": { \(responder) } },
          "scenarios": [ { "name": "a", \(scenario), "responder": "svc",
            "senders": [ { "name": "s", \(sender) } ],
            \(threshold) } ] }
        """
    }

    private func fault(_ text: [UInt8]) throws -> String {
        let error = try #require(throws: PlanError.self, "it is a plan") {
            try PlanReader.read(text, path: "plan.json")
        }
        return error.description
    }

    /// The answer to `wrong` has the words, and with `right` the plan is one.
    private func judge(_ mistake: Mistake, in plan: (String) -> String) throws {
        let answer = try fault(Array(plan(mistake.wrong).utf8))
        for words in mistake.says { #expect(answer.contains(words), "\(answer)") }
        _ = try PlanReader.read(Array(plan(mistake.right).utf8), path: "plan.json")
    }

    // MARK: - The file

    @Test(
        "JSON of other habits",
        arguments: [
            Mistake(#""name": "x", "x-my": "remark","#, #""name": "x", // remark"#, says: "x-"),
            Mistake(#""name": "x","#, "\"name\": \"x\",\n# remark", says: "JSON has no comments"),
            Mistake(#""name": "x","#, #""name": 'x',"#, says: "in double quotes"),
            Mistake(#""name": "x","#, #"name: "x","#, says: "keys are written in double quotes"),
            Mistake(#""name": "x","#, #"“name”: "x","#, says: "quotes are the plain \""),
            Mistake(#""name": "x","#, #""name": "x""#, says: "is a comma missing?"),
            Mistake(#""name": "x","#, #""name": "x", "seed": None,"#, says: "did you mean null?"),
            Mistake(
                #""name": "x","#, #""name": "x", "name": "y","#, says: "duplicate key", "1:14"),
            Mistake(
                #""name": "my-plan","#, #""name": "my plan","#,
                says: #"did you mean "my-plan"?"#, #""title" has any text"#),
            Mistake(
                #""name": "x", "title": "Café","#, #""name": "Café","#, says: "A-Z a-z 0-9"),
        ])
    func json(_ mistake: Mistake) throws {
        try judge(mistake) { Self.plan(head: $0) }
    }

    @Test("files that are no JSON, or JSON of another editor")
    func file() throws {
        let text = Self.plan()
        let wide = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        for (bytes, says) in [
            ([0xEF, 0xBB, 0xBF] + Array(text.utf8), "save it as UTF-8 without one"),
            ([0xFF, 0xFE] + wide, "save it as UTF-8"),
            (Array("plan: 1\nname: x\n".utf8), "not YAML"),
            (Array("# a plan\n\(text)".utf8), "JSON has no comments"),
            (Array(text.replacing("\"", with: "'").utf8), "in double quotes"),
            (Array(text.replacing(#""flows": 1"#, with: #""flows": 1,"#).utf8), "trailing comma"),
            (Array((text + text).utf8), "nothing behind it"), ([], "the document is empty"),
            (Array(text.dropLast(3).utf8), "is not closed"),
            (
                Array(text.replacing(#""plan": 1"#, with: #""plan": 2"#).utf8),
                "this udplab reads format 1"
            ), (Array(text.replacing(#""plan": 1,"#, with: "").utf8), #"e.g. "plan": 1"#),
            (
                Array(text.replacing(#""plan": 1"#, with: #""version": 1"#).utf8),
                #"did you mean "plan"?"#
            ),
        ] {
            let answer = try fault(bytes)
            #expect(answer.contains(says), "\(answer)")
        }
        // Line ends of Windows are no mistake.
        let windows = text.replacing("\n", with: "\r\n")
        _ = try PlanReader.read(Array(windows.utf8), path: "plan.json")
    }

    @Test("a plan's name without its ending, of a plan inside udplab, of a folder")
    func names() throws {
        let directory = try TemporaryDirectory()
        try directory.write("voice.json", Self.plan())
        for (path, says) in [
            (directory.file("voice"), #"did you mean "\#(directory.file("voice.json"))"?"#),
            (directory.file("vioce.json"), #"did you mean "\#(directory.file("voice.json"))"?"#),
            (directory.file("voice.yaml"), #"did you mean "\#(directory.file("voice.json"))"?"#),
            (directory.path, #"did you mean "\#(directory.file("voice.json"))"?"#),
            (directory.file("other.json"), "udplab init FILE writes a plan"),
            ("quickstart", #"did you mean ":quickstart""#),
            (":quickstrat", #"did you mean ":quickstart"?"#),
        ] {
            let error = try #require(throws: PlanError.self) { try PlanFile.load(path) }
            #expect(error.description.contains(says), "\(error)")
        }
        _ = try PlanFile.load(directory.file("voice.json"))
        _ = try PlanFile.load(":quickstart")
    }

    // MARK: - Quantities

    private static let rest = #", "payload": "100B", "duration": "1s""#

    @Test(
        "quantities of a sender",
        arguments: [
            Mistake(#""rate": "10Mbit""#, #""rate": "10 Mbps""#, says: "10Mbit"),
            Mistake(#""rate": "100pps""#, #""rate": 100"#, says: "100pps"),
            Mistake(#""rate": "100pps""#, #""rate": "100""#, says: "100pps"),
            Mistake(#""rate": "100pps""#, #""rate": "100/s""#, says: "100pps"),
            Mistake(#""rate": "1kpps""#, #""rate": "1k""#, says: "1kpps"),
            Mistake(#""rate": "1000pps""#, #""rate": "1,000pps""#, says: "1000pps"),
        ])
    func rates(_ mistake: Mistake) throws {
        try judge(mistake) { Self.plan(sender: $0 + Self.rest) }
    }

    @Test(
        "sizes and durations of a sender",
        arguments: [
            Mistake(#""payload": "1KiB", "duration": "1s""#, #""payload": "1kB""#, says: "1KiB"),
            Mistake(#""payload": "1200B", "duration": "1s""#, #""payload": 1200"#, says: "1200B"),
            Mistake(
                #""payload": "1200B", "duration": "1s""#, #""payload": "1200 bytes""#,
                says: "1200B"),
            Mistake(
                #""payload": "1536B", "duration": "1s""#, #""payload": "1.5KiB""#, says: "1536B"),
            Mistake(
                #""duration": "5s", "payload": "20B""#, #""duration": "5 sec""#, says: "\"5s\""),
            Mistake(#""duration": "5s", "payload": "20B""#, #""duration": 5"#, says: "\"5s\""),
            Mistake(
                #""duration": "100ms", "payload": "20B""#, #""duration": "100""#,
                says: "\"100ms\" or \"100s\""),
            Mistake(
                #""duration": "1.5s", "payload": "20B""#, #""duration": "1,5s""#, says: "\"1.5s\""),
            Mistake(
                #""duration": "5min", "payload": "20B""#, #""duration": "5m""#, says: "\"5min\""),
            Mistake(
                #""duration": "90s", "payload": "20B""#, #""duration": "1m30s""#, says: "\"90s\""),
            Mistake(
                #""count": 100, "payload": "20B""#, #""count": "100""#,
                says: "write 100, without quotes"),
        ])
    func lengths(_ mistake: Mistake) throws {
        try judge(mistake) { Self.plan(sender: #""rate": "100pps", "# + $0) }
    }

    @Test(
        "quantities of a network",
        arguments: [
            Mistake(#""loss": "50%""#, #""loss": "50 %""#, says: "50%"),
            Mistake(#""loss": "1%""#, #""loss": 0.01"#, says: "\"1%\"", "\"0.01%\""),
            Mistake(#""loss": "1%""#, #""loss": "0.01""#, says: "\"1%\"", "\"0.01%\""),
            Mistake(#""loss": "5%""#, #""loss": 5"#, says: "5%"),
            Mistake(#""delay": "10ms""#, #""delay": 10"#, says: "\"10ms\" or \"10s\""),
            Mistake(#""delay": "10ms""#, #""delay": "10 msec""#, says: "10ms"),
            Mistake(
                #""rate": "10Mbit", "queue": "64KiB""#, #""rate": "10 Mbps", "queue": "64KiB""#,
                says: "10Mbit"),
            Mistake(
                #""rate": "80Mbit", "queue": "64KiB""#, #""rate": "10MB/s", "queue": "64KiB""#,
                says: "\"80Mbit\" where B is a byte"),
            Mistake(#""delay": "10ms""#, #""latency": "10ms""#, says: "delay"),
            Mistake(#""delay": "10ms""#, #""lateny": "10ms""#, says: "delay"),
            Mistake(
                #""rate": "1Mbit", "queue": "64KiB""#, #""bandwidth": "1Mbit", "queue": "64KiB""#,
                says: "rate"),
            Mistake(
                #""rate": "1Mbit", "queue": "64KiB""#, #""bandwith": "1Mbit", "queue": "64KiB""#,
                says: "rate"),
        ])
    func networks(_ mistake: Mistake) throws {
        try judge(mistake) { Self.plan(network: #""kind": "emulated", "# + $0) }
    }

    // MARK: - Keys

    private static func sender(_ key: String) -> String {
        #""rate": "100pps", "duration": "1s", "# + key
    }

    @Test(
        "keys of other tools and other spellings",
        arguments: [
            Mistake(#""payload": "100B""#, #""packetsize": "100B""#, says: #""payload"?"#),
            Mistake(#""payload": "100B""#, #""packetSize": "100B""#, says: #""payload"?"#),
            Mistake(#""payload": "100B""#, #""size": "100B""#, says: #""payload"?"#),
            Mistake(#""payload": "100B""#, #""Payload": "100B""#, says: #""payload"?"#),
            Mistake(
                #""payload": "100B", "flows": 2"#, #""payload": "100B", "vus": 2"#, says: "flows"),
            Mistake(
                #""payload": "100B", "max_burst": 2"#, #""payload": "100B", "maxBurst": 2"#,
                says: "max_burst"),
            Mistake(
                #""payload": "100B", "flows": 2"#, #""payload": "100B", "flows": "2""#,
                says: "write 2, without quotes"),
        ])
    func keys(_ mistake: Mistake) throws {
        try judge(mistake) { Self.plan(sender: Self.sender($0)) }
    }

    @Test(
        "keys and values of a scenario",
        arguments: [
            Mistake(#""networks": ["net"]"#, #""networks": "net""#, says: #"write ["net"]"#),
            Mistake(#""networks": ["net"]"#, #""network": ["net"]"#, says: #""networks"?"#),
            Mistake(#""networks": ["net"]"#, #""networks": ["nte"]"#, says: #""net"?"#),
            Mistake(
                #""networks": ["net"], "warm_up": "1s""#, #""networks": ["net"], "warmUp": "1s""#,
                says: #""warm_up"?"#),
            Mistake(
                #""networks": ["net"]"#, #""networks": ["net"], "hosts": ["a"]"#,
                says: #""hosts" is a key of the plan"#),
            Mistake(
                #""networks": ["net"]"#, #""networks": ["net"], "ip": "127.0.0.1"# + "\"",
                says: #""address" is a key of a network or a responder"#),
            Mistake(
                #""networks": ["net"]"#, #""networks": ["net"], "port": 5000"#,
                says: #""address" is a key of a network or a responder"#),
            Mistake(
                #""networks": ["net"]"#, #""networks": ["net"], "duration": "1s""#,
                says: #""duration" is a key of a sender"#),
        ])
    func scenarios(_ mistake: Mistake) throws { try judge(mistake) { Self.plan(scenario: $0) } }

    @Test(
        "addresses and programs of a responder",
        arguments: [
            Mistake(#""behaviour": "echo""#, #""behavior": "echo""#, says: #""behaviour"?"#),
            Mistake(#""behaviour": "echo""#, #""behaviour": "Echo""#, says: #""echo"?"#),
            Mistake(
                #""command": ["./server", "{port}"], "address": "127.0.0.1:0""#,
                #""command": "./server {port}", "address": "127.0.0.1:0""#,
                says: #"write ["./server", "{port}"]"#),
            Mistake(
                #""behaviour": "echo", "address": "127.0.0.1:5000""#,
                #""behaviour": "echo", "address": "127.0.0.1""#, says: #""127.0.0.1:5000""#),
            Mistake(
                #""behaviour": "echo", "address": "127.0.0.1:5000""#,
                #""behaviour": "echo", "address": "5000""#, says: #""127.0.0.1:5000""#),
            Mistake(
                #""behaviour": "echo", "address": "127.0.0.1:5000""#,
                #""behaviour": "echo", "address": ":5000""#, says: #""127.0.0.1:5000""#),
            Mistake(
                #""behaviour": "echo", "address": "127.0.0.1:5000""#,
                #""behaviour": "echo", "address": "127.0.0.1 5000""#, says: #""127.0.0.1:5000""#),
            Mistake(
                #""behaviour": "echo", "address": "127.0.0.1:5000""#,
                #""behaviour": "echo", "address": "udp://127.0.0.1:5000/""#,
                says: #""127.0.0.1:5000""#),
            Mistake(
                #""behaviour": "echo", "address": "[::1]:5000""#,
                #""behaviour": "echo", "address": "::1:5000""#, says: #""[::1]:5000""#),
        ])
    func responders(_ mistake: Mistake) throws { try judge(mistake) { Self.plan(responder: $0) } }

    @Test("arrays for objects and objects for arrays")
    func brackets() throws {
        let text = Self.plan()
        for (right, wrong, says) in [
            (#""senders": [ {"#, #""senders": { "s": {"#, "write [ {…}, … ]"),
            (#""networks": { "net": {"#, #""networks": [ {"#, #"write { "NAME": {…}, … }"#),
        ] {
            let closing = text.replacing(right, with: wrong)
                .replacing(
                    #""flows": 1 } ]"#,
                    with: wrong.contains("senders") ? "\"flows\": 1 } }" : "\"flows\": 1 } ]"
                )
                .replacing(
                    #""loss": "1%" } }"#,
                    with: wrong.contains("networks")
                        ? "\"loss\": \"1%\" } ]" : "\"loss\": \"1%\" } }")
            let answer = try fault(Array(closing.utf8))
            #expect(answer.contains(says), "\(answer)")
        }
    }

    // MARK: - Thresholds and options

    @Test(
        "thresholds",
        arguments: [
            ("packetloss < 1%", "loss.ratio < 1%", "loss.ratio"),
            ("loss_ratio < 1%", "loss.ratio < 1%", "loss.ratio"),
            ("latency.p95 < 10ms", "rtt.p95 < 10ms", "rtt.p95"),
            ("rtt.avg < 10ms", "rtt.mean < 10ms", "rtt.mean"),
            ("p95 < 10ms", "rtt.p95 < 10ms", "rtt.p95"),
            ("avg < 10ms", "rtt.mean < 10ms", "rtt.mean"),
            ("p(95) < 200ms", "rtt.p95 < 200ms", "rtt.p95"),
            ("loss.ratio = 0", "loss.ratio == 0", "\"==\""),
            ("loss.ratio =< 1%", "loss.ratio <= 1%", "\"<=\""),
            ("loss.ratio below 1%", "loss.ratio < 1%", "loss.ratio < 1%"),
            ("1% > loss.ratio", "loss.ratio < 1%", "the figure stands first"),
            ("rtt.p99 < 50", "rtt.p99 < 50ms", "\"50ms\" or \"50s\""),
            ("loss.ratio < 5", "loss.ratio < 5%", "\"5%\""),
            ("quality > 3", "loss.ratio < 1%", "udplab explain lists all"),
        ])
    func thresholds(wrong: String, right: String, says: String) throws {
        try judge(Mistake("[\"\(right)\"]", "[\"\(wrong)\"]", says: says)) {
            Self.plan(threshold: "\"thresholds\": \($0)")
        }
        try judge(Mistake("[\"\(right)\"]", "\"\(right)\"", says: "write [\"\(right)\"]")) {
            Self.plan(threshold: "\"thresholds\": \($0)")
        }
    }

    @Test("an unfilled variable does not hide what else is wrong, and adds nothing to it")
    func unfilled() throws {
        let sender =
            #""rate": "${RATE}", "payload": "${SIZE:-100}", "flos": 1, "duration": "1s""#
        let answer = try fault(
            Array(Self.plan(responder: #""behaviour": "${KIND}""#, sender: sender).utf8))
        let lines = answer.split(separator: "\n")
        #expect(lines.count == 4, "\(answer)")
        #expect(lines.contains { $0.contains("${RATE} has no value: type --var RATE=VALUE") })
        #expect(lines.contains { $0.contains("${KIND} has no value") })
        #expect(lines.contains { $0.contains(#"did you mean "flows"?"#) })
        #expect(lines.contains { $0.contains(#""100" needs B"#) })
        // A variable alone is told alone.
        let alone = try fault(
            Array(Self.plan(sender: Self.sender(#""payload": "${SIZE}""#)).utf8))
        #expect(alone.split(separator: "\n").count == 1, "\(alone)")
    }

    @Test(
        "explain knows misspelt words of other tools",
        arguments: [
            ("bandwith", "bandwidth"), ("lateny", "latency"), ("trhoughput", "throughput"),
            ("reodering", "reordering"),
        ])
    func explain(word: String, nearest: String) {
        guard case .unknown(let suggested) = Explanations.of(word) else {
            Issue.record("\(word) is known")
            return
        }
        #expect(suggested == nearest)
        if case .unknown = Explanations.of(nearest) { Issue.record("\(nearest) is unknown") }
    }
}
