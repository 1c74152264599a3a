import Harness
import JSON
import Testing

@testable import Plans

/// The files of Corpus/: plans that are legal, and plans with one fault each.
enum Corpus {
    /// One line of Corpus/index.json: what the reader says about a plan with a fault.
    struct Fault: Sendable, CustomTestStringConvertible {
        /// Below Corpus/.
        let file: String
        /// Of faults.md.
        let row: String
        /// "LINE:COLUMN".
        let at: String
        let path: String
        /// A part of the message.
        let says: String
        /// Whether the JSON Schema cannot say this and accepts the file.
        let isBeyondSchema: Bool

        var testDescription: String { file }
    }

    static let root = folder(of: "Tests") + "/Tests/Plans/Corpus"
    static let scenarios = folder(of: "Tests") + "/Scenarios"

    static let faults: [Fault] = {
        guard let bytes = try? Corpus.bytes("\(root)/index.json"),
            case .array(let lines)? = try? JSONValue.parse(bytes)
        else { return [] }
        return lines.compactMap { line in
            guard case .string(let file)? = line["file"], case .string(let row)? = line["row"],
                case .string(let at)? = line["at"], case .string(let path)? = line["path"],
                case .string(let says)? = line["says"],
                case .bool(let isBeyondSchema)? = line["beyond_schema"]
            else { return nil }
            return Fault(
                file: file, row: row, at: at, path: path, says: says,
                isBeyondSchema: isBeyondSchema)
        }
    }()

    static let good: [String] = files("good")
    static let shipped: [String] =
        names(in: scenarios).filter { $0.hasSuffix(".json") && $0 != "plan.schema.json" }

    static func files(_ kind: String) -> [String] {
        names(in: "\(root)/\(kind)").map { "\(kind)/\($0)" }
    }

    static func bytes(_ path: String) throws -> [UInt8] { try TemporaryDirectory.read(path) }

    private static func names(in folder: String) -> [String] {
        TemporaryDirectory.names(in: folder).filter { !$0.hasPrefix(".") }
    }

    /// The folder of the package: what stands before `/Tests/` in the path of this file.
    private static func folder(of part: String, file: String = #filePath) -> String {
        var parts = file.split(separator: "/", omittingEmptySubsequences: false)
        while let last = parts.popLast(), last != part {}
        return parts.joined(separator: "/")
    }
}

/// A plan of text and what the reader makes of it.
func read(_ text: String) throws(PlanError) -> Plan {
    try PlanReader.read(Array(text.utf8), path: "plan.json")
}

/// The problems of a text that is no plan; none if it is one.
func problems(of text: String) -> [JSONProblem] {
    do throws(PlanError) {
        _ = try read(text)
        return []
    } catch {
        guard case .invalid(let problems, _) = error else { return [] }
        return problems
    }
}

/// A plan with one scenario and one sender; every part can be replaced.
func planText(
    networks: String = "\"here\": { \"kind\": \"loopback\" }",
    responders: String = "\"echo\": { \"behaviour\": \"echo\" }",
    scenario: String = "\"networks\": [\"here\"], \"responder\": \"echo\"",
    sender: String = "\"rate\": \"50pps\", \"payload\": \"160B\", \"duration\": \"10s\"",
    more: String = ""
) -> String {
    """
    { "plan": 1, "name": "test", "networks": { \(networks) }, "responders": { \(responders) },
      "scenarios": [
        { "name": "one", \(scenario), "senders": [ { "name": "calls", \(sender) } ] } ] \(more) }
    """
}
