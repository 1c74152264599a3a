import JSON
import Loops

/// A line between the runner and an agent: a message of the agent, or a line of one of its workers.
package enum AgentLine: Sendable, Equatable {
    case message(JSONValue)
    /// Of a worker's standard output, or for its standard input.
    case text(worker: Int, [UInt8])
    /// Of a worker's standard error.
    case diagnostic(worker: Int, [UInt8])

    private static let textMark = UInt8(ascii: "@")
    private static let diagnosticMark = UInt8(ascii: "!")
    private static let blank = UInt8(ascii: " ")
    /// More digits than any number of a worker has.
    private static let digitsLimit = 9

    /// Reads a line, without its line feed.
    /// - Throws: If it is none of the protocol.
    package init(_ line: [UInt8]) throws(ProtocolViolation) {
        switch line.first {
        case Self.textMark?:
            let (worker, text) = try Self.parts(of: line)
            self = .text(worker: worker, text)
        case Self.diagnosticMark?:
            let (worker, text) = try Self.parts(of: line)
            self = .diagnostic(worker: worker, text)
        default:
            do throws(JSONError) {
                self = .message(try JSONValue.parse(line, limits: .controlMessage))
            } catch {
                throw ProtocolViolation(reason: "a line that is neither JSON nor a worker's")
            }
        }
    }

    /// The bytes of the line with its line feed.
    package var bytes: [UInt8] {
        switch self {
        case .message(let value):
            // Messages of an agent are short, and have no text that cannot be written.
            (try? value.text(.compact)).map { Array($0.utf8) + [UInt8(ascii: "\n")] } ?? []
        case .text(let worker, let text): Self.marked(Self.textMark, worker, text)
        case .diagnostic(let worker, let text): Self.marked(Self.diagnosticMark, worker, text)
        }
    }

    private static func marked(_ mark: UInt8, _ worker: Int, _ text: [UInt8]) -> [UInt8] {
        [mark] + Array("\(worker) ".utf8) + text + [UInt8(ascii: "\n")]
    }

    private static func parts(
        of line: [UInt8]
    ) throws(ProtocolViolation) -> (worker: Int, text: [UInt8]) {
        let digits = line.dropFirst().prefix { $0 != blank }
        let areDigits = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...digitsLimit).contains(digits.count), areDigits,
            let worker = Int(String(decoding: digits, as: UTF8.self)),
            digits.endIndex < line.endIndex
        else { throw ProtocolViolation(reason: "a line without the number of its worker") }
        return (worker, Array(line[(digits.endIndex + 1)...]))
    }
}
