import JSON
import Load

/// A request as options of a command line have it: each a word, or JSON as in a sender.
package enum RequestOption {
    /// Reads a request.
    /// - Parameters:
    ///   - request: The value of `request`.
    ///   - answer: The value of `answer`; nil leaves it to the request.
    ///   - valid: The value of `valid`; nil leaves it to the request.
    package static func read(
        request: String, answer: String?, valid: String?
    ) throws(PlanError) -> RequestDefinition {
        let drafts = try value(request, of: "request", RequestShape.shape)
        let match = try optional(answer, of: "answer", AnswerShape.shape)
        let checks = try optional(valid, of: "valid", checksShape)
        let problems = JSONProblems(file: "--request")
        let object = ObjectValues(
            node: try node(request, of: "request"), problems: problems, extras: [])
        guard
            let definition = RequestRules.request(
                drafts, answer: match, valid: checks, in: object)
        else { throw PlanError(problems) }
        guard !definition.isOneWay else {
            throw .file(
                "--answer: a server that answers nothing cannot be tried, because nothing tells "
                    + "whether it still serves")
        }
        return definition
    }

    private static let checksShape = Shape.array(
        of: AnswerCheckShape.shape, named: "properties of a right answer",
        count: PlanLimits.checks)

    private static func optional<Value>(
        _ text: String?, of key: String, _ shape: Shape<Value>
    ) throws(PlanError) -> Value? {
        guard let text else { return nil }
        return try value(text, of: key, shape)
    }

    private static func value<Value>(
        _ text: String, of key: String, _ shape: Shape<Value>
    ) throws(PlanError) -> Value {
        let problems = JSONProblems(file: "--\(key)")
        guard let value = shape.read(try node(text, of: key), problems) else {
            throw PlanError(problems)
        }
        return value
    }

    /// Returns the value of an option: JSON if it begins as an object or an array, else a word.
    private static func node(_ text: String, of key: String) throws(PlanError) -> JSONNode {
        let isJSON = text.hasPrefix("{") || text.hasPrefix("[")
        let json = isJSON ? text : (try? JSONValue.string(text).text()) ?? ""
        do throws(JSONError) {
            return try JSONDocument.read(file: "--\(key)", bytes: Array(json.utf8)).root
        } catch {
            throw .invalid(problems: [error.problem(file: "--\(key)")], more: 0)
        }
    }
}
