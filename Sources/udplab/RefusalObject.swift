import JSON
import Plans
import Reports

/// The output of `--json` for a verb that is refused before there is a result: one object, so that
/// a script finds the reasons in place of the result.
///
/// ```json
/// { "errors": [ { "file": "plan.json", "line": 3, "column": 5, "path": "$.name",
///                 "message": "…" } ], "errors_omitted": 0, "exit_code": 104 }
/// ```
enum RefusalObject {
    static func text(_ error: any Error, _ status: ExitStatus) -> String {
        var errors: [JSONValue] = []
        var omitted = 0
        switch error {
        case PlanError.invalid(let problems, let more):
            errors = problems.map(object)
            omitted = more
        default: errors = [object((error as? Refusal)?.sentence ?? "\(error)")]
        }
        let value = JSONValue.object([
            JSONMember(key: "errors", value: .array(errors)),
            JSONMember(key: "errors_omitted", value: .integer(omitted)),
            JSONMember(key: "exit_code", value: .integer(Int(status.rawValue))),
        ])
        // Texts, numbers and null, all of which JSON can express.
        return (try? value.text(.pretty)) ?? ""
    }

    /// A reason that is no error of its own.
    struct Refusal: Error {
        let sentence: String
    }

    /// The verbs whose `--json` prints a single document.
    private static let verbs: Set<String> = [
        "run", "search", "compare", "relay", "listen", "resilience", "doctor", "report",
    ]

    /// Prints the object, if the words of the command line ask for JSON, for a reason that is found
    /// before the verb begins.
    static func write(_ sentence: String, _ status: ExitStatus, for words: [String]) {
        let options = words.prefix { $0 != "--" }
        guard let verb = words.first, verbs.contains(verb), options.contains("--json") else {
            return
        }
        Console.result(text(Refusal(sentence: sentence), status))
    }

    private static func object(_ problem: JSONProblem) -> JSONValue {
        .object([
            JSONMember(key: "file", value: .string(problem.file)),
            JSONMember(key: "line", value: problem.line.map(JSONValue.integer) ?? .null),
            JSONMember(key: "column", value: problem.column.map(JSONValue.integer) ?? .null),
            JSONMember(key: "path", value: .string(problem.path)),
            JSONMember(key: "message", value: .string(problem.message)),
        ])
    }

    private static func object(_ sentence: String) -> JSONValue {
        .object(
            ["file", "line", "column", "path"].map { JSONMember(key: $0, value: .null) }
                + [JSONMember(key: "message", value: .string(sentence))])
    }
}
