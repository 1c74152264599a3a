import Testing

@testable import JSON

private enum Verdict: String, Codable { case pass, fail }

private struct Summary: Codable, Equatable {
    var count: UInt64
    var rttP99Ns: Int?
    var lossRatio: Double?
    var cpuModel: String
}

private struct Run: Codable, Equatable {
    var verdict: Verdict
    var summaries: [Summary]
    var byName: [String: Summary?]
    var flags: [Bool?]
    var remarks: JSONValue
    var missing: JSONValue?
    var small: UInt8
    var single: Float
    var startedAt: Int64?
}

@Suite struct CodingTests {
    private enum Rate: Codable, Equatable {
        case perFlow(pps: Double, burstLength: Int)
        case max
    }

    @Test("a case of an enum is a key in snake case, and is found again")
    func cases() throws {
        let value = try JSONCoding.encode([Rate.perFlow(pps: 2.5, burstLength: 3), .max])
        #expect(
            try value.text(.compact)
                == #"[{"per_flow":{"pps":2.5,"burst_length":3}},{"max":{}}]"#)
        #expect(
            try JSONCoding.decode([Rate].self, from: value)
                == [.perFlow(pps: 2.5, burstLength: 3), .max])
    }

    private let run = Run(
        verdict: .fail,
        summaries: [Summary(count: 3, rttP99Ns: nil, lossRatio: 0, cpuModel: "x")],
        byName: [
            "zNet": nil, "aNet": Summary(count: 0, rttP99Ns: 7, lossRatio: nil, cpuModel: ""),
        ],
        flags: [true, nil], remarks: .object([JSONMember(key: "camelCase", value: .integer(1))]),
        missing: nil, small: 255, single: 0.1, startedAt: -1)

    private let text =
        #"{"verdict":"fail","summaries":[{"count":3,"rtt_p99_ns":null,"loss_ratio":0.0,"#
        + #""cpu_model":"x"}],"by_name":{"aNet":{"count":0,"rtt_p99_ns":7,"loss_ratio":null,"#
        + #""cpu_model":""},"zNet":null},"flags":[true,null],"remarks":{"camelCase":1},"#
        + #""missing":null,"small":255,"single":0.1,"started_at":-1}"#

    @Test func structsAreWrittenInOrderWithSnakeCaseKeysAndNulls() throws {
        #expect(try JSONCoding.encode(run).text() == text)
    }

    @Test func whatWasWrittenIsReadBack() throws {
        #expect(try JSONCoding.decode(Run.self, from: parse(text)) == run)
    }

    @Test func anAbsentKeyIsNullForAnOptionalOnly() throws {
        let summary = try JSONCoding.decode(
            Summary.self, from: parse(#"{"count": 1, "cpu_model": "x", "unknown": []}"#))
        #expect(summary == Summary(count: 1, rttP99Ns: nil, lossRatio: nil, cpuModel: "x"))
        #expect(
            refusal(Summary.self, #"{"count": 1}"#) == #"$: the key "cpu_model" is missing"#)
    }

    @Test(
        "a decoding error names the path",
        arguments: [
            (#"{"verdict":"maybe"}"#, "$.verdict: "),
            (#"{"verdict":1}"#, "$.verdict: expected a string, found the integer 1"),
            (
                #"{"verdict":"pass","summaries":{}}"#,
                "$.summaries: expected an array, found an empty object"
            ),
            (
                #"{"verdict":"pass","summaries":[{"count":-1}]}"#,
                "$.summaries[0].count: expected an integer of 0"
            ),
            (
                #"{"verdict":"pass","summaries":[{"count":1.0}]}"#,
                "$.summaries[0].count: expected an integer of 0"
            ),
            (
                #"{"verdict":"pass","summaries":[{"count":"1"}]}"#,
                "$.summaries[0].count: expected an integer of 0"
            ),
            (
                #"{"verdict":"pass","summaries":[{"count":1,"rtt_p99_ns":true}]}"#,
                "$.summaries[0].rtt_p99_ns: expected an integer"
            ),
            (
                #"{"verdict":"pass","summaries":[],"by_name":{"camelName":{"count":0}}}"#,
                "$.by_name.camelName: the key \"cpu_model\" is missing"
            ),
            (
                #"{"verdict":"pass","summaries":[null]}"#,
                "$.summaries[0]: expected an object, found null"
            ),
            ("[]", "$: expected an object, found an empty array"),
        ])
    func decodingErrors(text: String, prefix: String) {
        let message = refusal(Run.self, text)
        #expect(message?.hasPrefix(prefix) == true, "\(message ?? "accepted")")
    }

    private func refusal<Value: Decodable>(_ type: Value.Type, _ text: String) -> String? {
        do throws(JSONError) {
            _ = try JSONCoding.decode(type, from: parse(text))
            return nil
        } catch {
            #expect(error.code == .mismatch)
            return error.description
        }
    }

    @Test func numbersThatDoNotFitAreErrors() throws {
        #expect(
            refusal([UInt8].self, "[255, 256]")?.hasPrefix("$[1]: expected an integer of 0 to 255")
                == true)
        #expect(
            refusal([Double].self, "[9007199254740993]")?.hasPrefix("$[0]: expected a number")
                == true)
        #expect(try JSONCoding.decode([Double].self, from: parse("[2, 2.5]")) == [2, 2.5])
        #expect(refusal([Float].self, "[1e300]") != nil)
    }

    private func refusal(_ value: some Encodable) -> String? {
        do throws(JSONError) {
            _ = try JSONCoding.encode(value)
            return nil
        } catch {
            #expect(error.code == .unwritable)
            return error.description
        }
    }

    @Test func valuesThatJSONCannotSayAreErrorsWithTheirPath() throws {
        struct Figures: Encodable { var lossRatio: Double?, list: [UInt64] }
        #expect(
            refusal(Figures(lossRatio: .nan, list: []))
                == "$.loss_ratio: nan cannot be written as JSON")
        #expect(
            refusal(Figures(lossRatio: 1, list: [0, .max]))
                == "$.list[1]: 18446744073709551615 cannot be written as JSON")
        #expect(refusal(Figures(lossRatio: nil, list: [UInt64(Int.max)])) == nil)
        #expect(refusal(["aB": Double.infinity]) == "$.aB: inf cannot be written as JSON")
    }

    @Test(
        "an underscore stands before every capital letter",
        arguments: [
            ("rttP99Ns", "rtt_p99_ns"), ("cpuModel", "cpu_model"), ("count", "count"),
            ("n1Reordering", "n1_reordering"), ("Name", "name"), ("already_snake", "already_snake"),
            ("meanURL", "mean_u_r_l"), ("", ""),
        ])
    func snakeCase(name: String, key: String) {
        #expect(JSONCoding.snakeCase(name) == key)
    }

    @Test func rootsOfEveryKindAreCoded() throws {
        #expect(try JSONCoding.encode(1) == .integer(1))
        #expect(try JSONCoding.encode("x") == .string("x"))
        #expect(try JSONCoding.encode([Int]()) == .array([]))
        #expect(try JSONCoding.encode(Int?.none) == .null)
        #expect(try JSONCoding.encode(JSONValue.number(1.5)) == .number(1.5))
        #expect(try JSONCoding.encode([String: Int]()) == .object([]))
        #expect(try JSONCoding.encode(Verdict.pass) == .string("pass"))
        #expect(try JSONCoding.decode(Verdict.self, from: .string("pass")) == .pass)
        #expect(try JSONCoding.decode(Int?.self, from: .null) == nil)
        #expect(try JSONCoding.decode(JSONValue.self, from: .bool(true)) == .bool(true))
        #expect(try JSONCoding.decode([String: Int].self, from: parse(#"{"aB":1}"#)) == ["aB": 1])
    }

    @Test func enumsWithPayloadsRoundTrip() throws {
        enum Message: Codable, Equatable {
            case start(atNs: Int, flowNames: [String])
            case stop
        }
        for message in [Message.start(atNs: 5, flowNames: ["a"]), .stop] {
            let value = try JSONCoding.encode(message)
            #expect(try JSONCoding.decode(Message.self, from: value) == message)
        }
        #expect(
            try JSONCoding.encode(Message.start(atNs: 5, flowNames: [])).text()
                == #"{"start":{"at_ns":5,"flow_names":[]}}"#)
    }

    @Test func classesAndNestedContainersRoundTrip() throws {
        let derived = Derived()
        derived.baseValue = 3
        derived.innerList = [[1, 2], [], [3]]
        let value = try JSONCoding.encode(derived)
        #expect(
            try value.text() == #"{"inner_list":[[1,2],[],[3]],"super":{"base_value":3}}"#)
        let back = try JSONCoding.decode(Derived.self, from: value)
        #expect(back.baseValue == 3 && back.innerList == derived.innerList)
    }

    @Test func freeFormJSONSurvivesAnyCoder() throws {
        let value = try parse(richDocument)
        #expect(try JSONCoding.encode(value) == value)
        #expect(try JSONCoding.decode(JSONValue.self, from: value) == value)
        // Without the short cut that JSONCoding takes, as another encoder would do it.
        let slot = EncodedSlot()
        try value.encode(to: JSONValueEncoder(slot: slot, codingPath: []))
        #expect(slot.resolved == value)
        #expect(try JSONValue(from: JSONValueDecoder(value: value, codingPath: [])) == value)
    }
}

private class Base: Codable {
    var baseValue = 0
}

private final class Derived: Base {
    var innerList: [[Int]] = []

    private enum CodingKeys: String, CodingKey { case innerList }

    override init() { super.init() }

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var list = try container.nestedUnkeyedContainer(forKey: .innerList)
        while !list.isAtEnd { innerList.append(try list.decode([Int].self)) }
        try super.init(from: container.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        var list = container.nestedUnkeyedContainer(forKey: .innerList)
        for inner in innerList {
            var nested = list.nestedUnkeyedContainer()
            for value in inner { try nested.encode(value) }
        }
        try super.encode(to: container.superEncoder())
    }
}
