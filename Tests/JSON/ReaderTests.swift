import Testing

@testable import JSON

@Suite struct ReaderTests {
    private let problems = JSONProblems(file: "plan.json")

    private func document(_ text: String) throws -> JSONNode {
        try JSONDocument.read(file: "plan.json", bytes: Array(text.utf8)).root
    }

    private func reader(_ text: String) throws -> JSONObjectReader {
        try #require(JSONObjectReader(document(text), problems: problems, expected: "a sender"))
    }

    @Test func aRightObjectIsReadWithoutProblems() throws {
        var reader = try reader(
            """
            {"name": "calls", "flows": 20, "share": 0.5, "whole": 2, "on": true, "kind": "b",
             "list": [1], "names": {"x": null}, "inner": {"a": "1"}, "$schema": "s", "x-note": {"by": 1}}
            """)
        #expect(reader.string("name", .required, example: "calls") == "calls")
        #expect(reader.integer("flows", in: 1...100, example: 4) == 20)
        #expect(reader.number("share", in: 0...1, example: 0.1) == 0.5)
        #expect(reader.number("whole", example: 0.1) == 2)
        #expect(reader.bool("on") == true)
        #expect(reader.choice("kind", among: ["a", "b"]) == "b")
        #expect(reader.elements("list", of: "integers")?.count == 1)
        #expect(reader.members("names", of: "things")?.map(\.key) == ["x"])
        let nested = reader.object("inner", expected: "an inner thing")
        var inner = try #require(nested)
        let one = inner.convert("a", .required, example: "1") { text throws(JSONComplaint) in
            guard let number = Int(text) else { throw JSONComplaint("no number") }
            return number
        }
        #expect(one == 1)
        #expect(inner.finish().isEmpty)
        #expect(reader.string("$schema", example: "s") == "s")
        #expect(reader.string("absent", example: "s") == nil)
        #expect(reader.contains("name") && !reader.contains("absent"))
        let free = JSONMember(key: "x-note", value: try parse(#"{"by": 1}"#))
        #expect(reader.finish() == [free])
        #expect(problems.lines == [])
    }

    @Test("P16 an unknown key is reported with its nearest match; x- keys are free")
    func p16() throws {
        var reader = try reader(
            """
            {
              "duratoin": "1s",
              "x-anything": 1, "X-remark": 2,
              "colour": "red"
            }
            """)
        #expect(reader.string("duration", .required, example: "10s") == nil)
        #expect(reader.string("rate", example: "50pps") == nil)
        #expect(reader.finish() == [JSONMember(key: "x-anything", value: .integer(1))])
        #expect(
            problems.lines == [
                #"plan.json:2:3: $.duratoin: unknown key "duratoin"; did you mean "duration"?"#,
                "plan.json:3:20: $.X-remark: unknown key \"X-remark\"; legal keys are \"duration\", \"rate\""
                    + "; free keys start with x-",
                #"plan.json:4:3: $.colour: unknown key "colour"; legal keys are "duration", "rate""#
                    + "; free keys start with x-",
            ])
    }

    @Test("P17 a value of another type is reported, never converted", arguments: mismatches)
    func p17(value: String, found: String) throws {
        var reader = try reader(
            #"{"s": \#(value), "i": \#(value), "n": \#(value), "b": \#(value), "l": \#(value), "#
                + #""m": \#(value), "o": \#(value), "q": \#(value), "c": \#(value)}"#)
        let node = try #require(reader.node["s"])
        let isString = node.kind == .string
        #expect((reader.string("s", example: "calls") == nil) == !isString)
        #expect(reader.integer("i", example: 1000) == nil || node.kind == .integer)
        let isNumber = node.kind == .integer || node.kind == .number
        #expect((reader.number("n", example: 0.5) == nil) == !isNumber)
        #expect((reader.bool("b") == nil) == (node.kind != .bool))
        #expect((reader.elements("l", of: "senders") == nil) == (node.kind != .array))
        #expect((reader.members("m", of: "networks") == nil) == (node.kind != .object))
        #expect((reader.object("o", expected: "a sender") == nil) == (node.kind != .object))
        #expect(reader.convert("q", example: "10s") { $0.isEmpty ? nil : $0 } == nil || isString)
        #expect(reader.choice("c", among: ["echo", "sink"]) == nil)
        let expected = [
            #"a string such as "calls""#, "an integer such as 1000", "a number such as 0.5",
            "true or false", "an array of senders", "an object of networks by name",
            "a sender (an object)", #"a string such as "10s""#, #"a string such as "echo""#,
        ]
        #expect(reader.finish().isEmpty)
        #expect(!problems.isEmpty)
        let legal =
            expected.map { "expected \($0), found \(found)" }
            + [#""1000" is none of "echo", "sink""#]
        for problem in problems.sorted {
            // Behind it may stand what to write instead.
            let message = problem.message.split(separator: "; write ").first.map { String($0) }
            #expect(legal.contains(message ?? ""), "\(problem)")
        }
    }

    private static let mismatches: [(String, String)] = [
        (#""1000""#, #"the string "1000""#), ("true", "true"), ("false", "false"), ("null", "null"),
        ("[]", "an empty array"), ("[1]", "an array"), ("{}", "an empty object"),
        (#"{"x-a": 1}"#, "an object"), ("1000", "the integer 1000"), ("1.0", "the number 1.0"),
    ]

    @Test func theRootMayBeOfTheWrongType() throws {
        for text in ["null", "[]", "1"] {
            #expect(
                JSONObjectReader(try document(text), problems: problems, expected: "a plan") == nil)
        }
        #expect(problems.lines[0] == "plan.json:1:1: $: expected a plan (an object), found null")
    }

    @Test func missingKeysAreReportedAtTheirObject() throws {
        var reader = try reader(" {}")
        #expect(reader.string("name", .required, example: "calls") == nil)
        #expect(reader.integer("flows", .required, example: 4) == nil)
        #expect(reader.elements("senders", .required, of: "senders") == nil)
        #expect(reader.finish().isEmpty)
        #expect(
            problems.lines == [
                #"plan.json:1:2: $: the key "name" is missing, e.g. "name": "calls""#,
                #"plan.json:1:2: $: the key "flows" is missing, e.g. "flows": 4"#,
                #"plan.json:1:2: $: the key "senders" is missing, e.g. "senders": […] of senders"#,
            ])
    }

    @Test func rangesAndChoicesSayWhatIsLegal() throws {
        var reader = try reader(
            #"{"a": 0, "b": -1, "c": 1.5, "d": [], "e": {}, "f": "ehco", "g": "x"}"#)
        #expect(reader.integer("a", in: 1...65_535, example: 4) == nil)
        #expect(reader.integer("b", in: 0 ... .max, example: 4) == nil)
        #expect(reader.number("c", in: 0...1, example: 0.5) == nil)
        #expect(reader.elements("d", of: "senders", count: 1...16) == nil)
        #expect(reader.members("e", of: "networks", count: 1...16) == nil)
        #expect(reader.choice("f", among: ["echo", "sink"]) == nil)
        #expect(
            reader.convert("g", example: "10s") { _ throws(JSONComplaint) -> Int in
                throw JSONComplaint("a duration is a number and a unit: ns, us, ms, s")
            } == nil)
        #expect(reader.finish().isEmpty)
        #expect(
            problems.sorted.map(\.message) == [
                "0 is out of range: 1 to 65535", "-1 is out of range: 0 or more",
                "1.5 is out of range: 0.0 to 1.0", "an array of 0 senders; legal are 1 to 16",
                "an object of 0 networks; legal are 1 to 16",
                #""ehco" is none of "echo", "sink"; did you mean "echo"?"#,
                "a duration is a number and a unit: ns, us, ms, s",
            ])
    }

    @Test func problemsStandInTheOrderOfTheFile() throws {
        var reader = try reader("{\n\"b\": 1,\n\"inner\": {\"z\": 1},\n\"a\": 2}")
        #expect(reader.string("a", example: "x") == nil)
        let inner = reader.object("inner", expected: "an inner thing")
        #expect(inner?.finish() == [])
        #expect(reader.string("b", example: "x") == nil)
        reader.report("a and b exclude each other", at: "b")
        reader.report("something about the whole", at: "nowhere")
        #expect(reader.finish().isEmpty)
        #expect(problems.sorted.map(\.line) == [1, 2, 2, 3, 4])
        #expect(problems.sorted.map(\.path) == ["$", "$.b", "$.b", "$.inner.z", "$.a"])
    }

    @Test func laterFeaturesAreRefusedByName() throws {
        var reader = try reader(#"{"timeline": []}"#)
        reader.notSupportedYet("timeline")
        reader.notSupportedYet("chat")
        #expect(reader.finish().isEmpty)
        #expect(problems.lines == [#"plan.json:1:14: $.timeline: "timeline" is not supported yet"#])
    }

    @Test func aHundredProblemsAreListedAndTheRestCounted() throws {
        let members = (0..<130).map { "\"key\($0)\": 1" }.joined(separator: ",")
        #expect(try reader("{\(members)}").finish().isEmpty)
        #expect(problems.count == 130)
        #expect(problems.sorted.count == 100)
        #expect(problems.lines.count == 101)
        #expect(problems.lines.last == "plan.json: 30 more problems are not shown")
    }
}

@Suite struct NearestMatchTests {
    private let keys = ["duration", "rate", "flows", "warm_up", "at", "count"]

    @Test(
        "slips of one or two keys are recognised",
        arguments: [
            ("duratoin", "duration"), ("durations", "duration"), ("Duration", "duration"),
            ("rat", "rate"), ("rtae", "rate"), ("warmup", "warm_up"), ("warm-up", "warm_up"),
            ("flow", "flows"), ("ta", "at"), ("cuont", "count"),
        ])
    func slips(word: String, right: String) {
        #expect(NearestMatch.of(word, among: keys) == right)
    }

    @Test(
        "other words are not guessed at",
        arguments: [
            "", "x", "a", "colour", "dur", "zz", "seconds", "duxxxion", "host", "rota", "cold",
            "flock", "dictation",
            String(repeating: "a", count: 9_999),
        ])
    func strangers(word: String) {
        #expect(NearestMatch.of(word, among: keys) == nil)
    }

    @Test(
        "words of other tools are known where udplab's word for it can stand",
        arguments: [
            ("bandwidth", "rate"), ("bitrate", "rate"), ("Size", "payload"), ("port", "address"),
            ("host", "address"), ("latency", "delay"), ("jitter", "jitter"),
            ("latency.p99", "rtt.p99"), ("latency.avg", "rtt.mean"), ("rtt.average", "rtt.mean"),
            ("jiter", "jitter"), ("latency.max", nil), ("a.b.c.d.e", nil), ("mos", nil),
        ] as [(String, String?)])
    func synonyms(word: String, right: String?) {
        let keys = [
            "rate", "payload", "address", "delay", "jitter", "rtt.p50", "rtt.p99", "rtt.mean",
        ]
        #expect(NearestMatch.of(word, among: keys) == right)
    }

    @Test func theDistanceCountsASwapAsOneSlip() {
        #expect(NearestMatch.distance("", "") == 0)
        #expect(NearestMatch.distance("abc", "abc") == 0)
        #expect(NearestMatch.distance("abc", "acb") == 1)
        #expect(NearestMatch.distance("abc", "") == 3)
        #expect(NearestMatch.distance("kitten", "sitting") == 3)
        #expect(NearestMatch.distance("ca", "abc") == 3, "restricted: no insertion inside a swap")
    }
}
