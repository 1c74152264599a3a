import Glibc
import JSON
import Testing

@testable import Reports

@Suite("The report's schema")
struct ReportSchemaTests {
    @Test func everyKeyIsRequiredAndNoOtherAllowed() throws {
        guard case .object(let definitions) = try #require(ReportSchema.json()["$defs"]) else {
            throw JSONError(.mismatch, "no definitions", at: nil)
        }
        #expect(definitions.count == ReportFormat.objects.count - 1)
        for schema in definitions.map(\.value) + [ReportSchema.json()] {
            guard case .object(let properties) = try #require(schema["properties"]) else {
                throw JSONError(.mismatch, "no properties", at: nil)
            }
            #expect(schema["required"] == .array(properties.map { .string($0.key) }))
            #expect(schema["additionalProperties"] == .bool(false))
            for property in properties {
                #expect(property.value["description"] != nil, "\(property.key)")
            }
        }
    }

    @Test func aFieldSaysItsUnitItsSourceAndWhenItIsNull() throws {
        let ratio = ReportSchema.json()["$defs"]?["loss"]?["properties"]?["ratio"]
        #expect(
            try ratio?.text()
                == #"{"description":"count / sent. Unit: ratio. null: nothing was sent. "#
                + #"Source: RFC 7680 §4.1, RFC 6673 §6.1.","#
                + #""anyOf":[{"type":"number","minimum":0},{"type":"null"}]}"#)
    }

    /// Another implementation judges: Python's jsonschema. Its absence is seen in the output.
    @Test(.enabled(if: Python.hasJSONSchema, "Python's jsonschema is not installed"))
    func anotherValidatorAgrees() throws {
        let nothing = Samples.stream(scheduled: 0, received: 0)
        let sound = [
            Samples.full, Samples.report(.aborted, runs: []),
            Samples.report(runs: [Samples.run(streams: [nothing])]),
        ]
        let text = Samples.full.sealed.text
        let spoilt = try Self.spoils.map { what, by in
            let spoilt = text.replacing(what, with: by, maxReplacements: 1)
            try #require(spoilt != text)
            return try JSONValue.parse(Array(spoilt.utf8), limits: .report)
        }
        let values = try sound.map { try JSONCoding.encode($0) } + spoilt
        let validity = sound.map { _ in true } + spoilt.map { _ in false }
        #expect(try Python.validity(of: values) == validity)
        #expect(values.map { ReportFormat.problems(in: $0).isEmpty } == validity)
    }

    private static let spoils: [(what: String, by: String)] = [
        ("\"report\": 1", "\"report\": 2"), ("\"seed\": 42", "\"sead\": 42"),
        ("\"verdict\": \"inconclusive\"", "\"verdict\": \"undecided\""),
        ("\"kernel\": \"6.18.5\"", "\"kernel\": null"),
        ("\"cpus\": 2", "\"cpus\": 2.5"), ("\"cpus\": 2", "\"cpus\": -2"),
        ("\"2025-11-22T", "\"2025-11-22 "),
        ("\"EHOSTUNREACH\": 1", "\"EHOSTUNREACH\": -1"),
    ]
}

/// Python as another reader of what is written here.
enum Python {
    static let hasJSONSchema = run("import jsonschema")

    static func validity(
        of values: [JSONValue], by schema: JSONValue = ReportSchema.json()
    ) throws -> [Bool] {
        var answers: [Bool] = []
        try TemporaryDirectory.with { root in
            try TemporaryDirectory.write(try schema.text(), to: "\(root)/schema")
            try TemporaryDirectory.write(try JSONValue.array(values).text(), to: "\(root)/values")
            let program = """
                import json, jsonschema
                schema = json.load(open("\(root)/schema"))
                jsonschema.Draft202012Validator.check_schema(schema)
                validator = jsonschema.Draft202012Validator(schema)
                answers = [validator.is_valid(value) for value in json.load(open("\(root)/values"))]
                json.dump(answers, open("\(root)/answers", "w"))
                """
            try #require(run(program))
            let text = try TemporaryDirectory.read("\(root)/answers")
            let value = try JSONValue.parse(Array(text.utf8))
            answers = try JSONCoding.decode([Bool].self, from: value)
        }
        return answers
    }

    /// Whether the program ends well. What it says goes nowhere.
    private static func run(_ program: String) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] =
            [strdup("python3"), strdup("-c"), strdup(program), nil]
        defer { for argument in arguments { free(argument) } }
        var (pid, status) = (pid_t(), Int32())
        guard posix_spawnp(&pid, "python3", &actions, nil, &arguments, environ) == 0,
            waitpid(pid, &status, 0) == pid
        else { return false }
        return status == 0
    }
}
