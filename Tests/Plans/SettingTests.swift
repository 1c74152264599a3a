import Harness
import JSON
import Testing

@testable import Plans

/// `--set`: every value of a plan can be set, and nothing else.
@Suite struct SettingTests {
    /// A scalar of a plan with its path, by numbers and by names.
    private struct Place {
        let value: JSONValue
        let paths: [String]
        /// The value as on a command line.
        var spelling: String {
            get throws { if case .string(let text) = value { text } else { try value.text() } }
        }
    }

    private func places(in value: JSONValue, _ paths: [String] = ["", ""]) -> [Place] {
        switch value {
        case .object(let members):
            members.flatMap { member in
                places(
                    in: member.value,
                    paths.map {
                        $0 + (member.key.contains(".") ? "[\"\(member.key)\"]" : ".\(member.key)")
                    })
            }
        case .array(let values):
            values.enumerated().flatMap { index, value in
                let name: String? = if case .string(let text)? = value["name"] { text } else { nil }
                return places(
                    in: value, [paths[0] + "[\(index)]", paths[1] + ".\(name ?? "\(index)")"])
            }
        default:
            [Place(value: value, paths: ["$" + paths[0], String(paths[1].drop { $0 == "." })])]
        }
    }

    private func vary(_ plan: [UInt8], _ settings: [String]) throws(PlanError) -> Plan {
        var variation = PlanVariation()
        variation.settings = settings.compactMap { try? PlanSetting($0) }
        return try PlanReader.read(plan, path: "plan.json", variation: variation)
    }

    private func message(_ plan: [UInt8], _ setting: String) -> String {
        do throws(PlanError) {
            _ = try vary(plan, [setting])
            return "a plan"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: Corpus.shipped)
    func theValueThatIsThereGivesTheSamePlan(file: String) throws {
        let bytes = try Corpus.bytes("\(Corpus.scenarios)/\(file)")
        let root = try JSONDocument.read(file: "plan.json", bytes: bytes).root
        let plan = try PlanReader.read(bytes, path: "plan.json")
        let all = places(in: root.value)
        #expect(all.count > 10)
        var settings: [String] = []
        for place in all {
            for path in place.paths {
                let setting = try PlanSetting("\(path)=\(try place.spelling)")
                #expect(try setting.applied(to: root, source: 0).value == root.value, "\(path)")
                settings.append("\(path)=\(try place.spelling)")
            }
        }
        let varied = try vary(bytes, settings)
        #expect(varied.effective == plan.effective && varied.scenarios == plan.scenarios)
    }

    /// A path with one wrong letter is no path, and the nearest is the right one. A word of fewer
    /// than three letters has no nearest one.
    @Test(arguments: Corpus.shipped)
    func aWrongLetterIsFoundWithTheRightWord(file: String) throws {
        let bytes = try Corpus.bytes("\(Corpus.scenarios)/\(file)")
        var random = SeededGenerator(seed: 1)
        let all = places(in: try JSONValue.parse(bytes, limits: .plan))
        for place in all.shuffled(using: &random).prefix(24) {
            let words = place.paths[1].split(separator: ".").map(String.init)
            // An element without a name has its number there, and a free key any name.
            let long = words.indices.filter { index in
                words[index].count > 2 && !words[..<(index + 1)].contains { $0.hasPrefix("x-") }
                    && !words[index].contains("[") && words[index] != "$schema"
            }
            guard let index = long.randomElement(using: &random), !place.paths[1].contains("[")
            else {
                continue
            }
            var wrong = words
            // A letter that no key has, so that the word is not another legal one.
            let letters = Array(words[index])
            let spot = Int.random(in: 0..<letters.count, using: &random)
            wrong[index] = String(letters[..<spot] + ["~"] + letters[(spot + 1)...])
            let path = wrong.joined(separator: ".")
            let said = message(bytes, "\(path)=\(try place.spelling)")
            #expect(said.hasPrefix("--set \(path)="), "\(said)")
            // Another key may be as near.
            #expect(said.contains("; did you mean \""), "\(path): \(said)")
        }
    }

    private let plan = Array(
        planText(sender: #""rate": "5pps", "payload": "64B", "duration": "1s""#).utf8)

    @Test(
        "A value is JSON, or text where the key takes text",
        arguments: [
            ("scenarios.one.senders.calls.flows=2", ["flows", "2"]),
            ("scenarios.one.senders[\"calls\"].duration=2s", ["duration", "\"2s\""]),
            ("$.scenarios[0].senders[0].rate=max", ["rate", "\"max\""]),
            ("name=5", ["name", "\"5\""]),
            ("name=true", ["name", "\"true\""]),
            ("name=\"quoted\"", ["name", "\"quoted\""]),
            ("scenarios.0.repeat=3", ["repeat", "3"]),
            ("scenarios.one.senders.calls.offload.gso=off", ["gso", "\"off\""]),
            ("scenarios.one.thresholds=[\"loss.ratio < 1%\"]", ["loss.ratio < 1%", "]"]),
            ("x-note.any.key=7", ["\"any\"", "7"]),
            ("networks.here={\"kind\":\"emulated\",\"delay\":\"1ms\"}", ["delay", "\"1ms\""]),
            ("scenarios.one.senders.calls.x-a=7", ["x-a", "7"]),
        ])
    func values(setting: String, expected: [String]) throws {
        let text = try vary(plan, [setting]).effective.text
        for part in expected { #expect(text.contains(part), "\(text)") }
    }

    @Test("null removes a key or an element")
    func removes() throws {
        let varied = try vary(
            plan,
            ["scenarios.one.senders.calls.duration=null", "scenarios.one.senders.calls.count=5"])
        #expect(varied.scenarios[0].senders[0].length == .count(5))
        #expect(message(plan, "scenarios.one=null").contains("an array of 0 scenarios"))
    }

    @Test(
        "A path that the plan does not have is a problem of the option",
        arguments: [
            (
                "scenarios.oen.repeat=3",
                "$.scenarios: there is no \"oen\" here; did you mean \"one\"?"
            ),
            ("scenarios.other.repeat=3", "there is no \"other\" here: known are \"one\""),
            ("scenarios.1.repeat=3", "there is no element \"1\" here: its elements are 0 to 0"),
            (
                "networks.hree.kind=loopback",
                "$.networks: there is no \"hree\" here; did you mean \"here\"?"
            ),
            (
                "networks.new={\"kind\":\"loopback\"}",
                "there is no \"new\" here: known are \"here\""
            ),
            (
                "scenarios.one.name.first=a",
                "$.scenarios[0].name: the string \"one\" has no \"first\" in it"
            ),
            (
                "scenarios.one.thresholds.0=a",
                "the plan has no \"thresholds\" here: set it as a whole, as JSON"
            ),
            ("scenarios.one.ofload.gso=on", "unknown key \"ofload\""),
            ("scenarios.one.senders.calls.flows=many", "expected an integer such as 4"),
            ("extends=base.json", "write \"extends\" into the plan"),
        ])
    func faults(setting: String, says: String) {
        let said = message(plan, setting)
        #expect(said.hasPrefix("--set \(setting): $"), "\(said)")
        #expect(said.contains(says), "\(said)")
    }

    @Test(
        "What is no path and value is not a setting",
        arguments: [
            "", "=", "a", "a.=1", ".a=1", "a..b=1", "a[=1", "a[x]=1", "a[0]b=1", "a[-1]=1",
            "[\"a=1",
        ])
    func malformed(text: String) {
        #expect(throws: JSONComplaint.self) { try PlanSetting(text) }
    }

    @Test("An equals sign in a name or a value is part of it")
    func equalsSigns() throws {
        #expect(
            try PlanSetting("a[\"b=c\"].d=e=f").steps == [.word("a"), .name("b=c"), .word("d")])
        #expect(try PlanSetting("a=e=f").value == "e=f")
    }
}
