import Datagrams
import JSON
import Loops
import Workers

/// A message of the control protocol: a JSON object on one line, its name under `message`.
///
///     {"message":"ready","addresses":["127.0.0.1:40001"]}
package struct WorkerMessage: Sendable, Equatable {
    /// The key that holds the name of a message, in both directions.
    package static let nameKey = "message"
    /// The key of the reason, a sentence, in a `failed` message.
    package static let reasonKey = "reason"

    package let name: String
    /// The whole object, the name included.
    package let body: JSONValue

    /// Makes a message.
    /// - Parameter members: the message's content besides its name.
    package init(_ name: String, _ members: [JSONMember] = []) {
        self.name = name
        body = .object([JSONMember(key: Self.nameKey, value: .string(name))] + members)
    }

    /// Reads the next line; nil while pieces of its message are missing. The error gives the reason
    /// why it is not a message, and never quotes more than a few bytes.
    init?(line: [UInt8], after pieces: inout MessageAssembler) throws(WorkerProtocolViolation) {
        let whole: JSONValue?
        let body = try Self.named(line).body
        do throws(ProtocolViolation) {
            whole = try pieces.take(body)
        } catch {
            throw WorkerProtocolViolation(error.reason)
        }
        guard let whole, case .string(let name)? = whole[Self.nameKey] else { return nil }
        self.name = name
        self.body = whole
    }

    private static func named(
        _ line: [UInt8]
    ) throws(WorkerProtocolViolation) -> (name: String, body: JSONValue) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(line, limits: .controlMessage)
        } catch
            where error.code == .memory
            || error.code == .disagreement && HostRefusal.isShortOfMemory
        {
            throw WorkerProtocolViolation(
                "wrote a line that the runner had no memory to read: raise its limit (ulimit -v, "
                    + "ulimit -d)", isOfHost: true)
        } catch {
            throw WorkerProtocolViolation(
                "wrote a line that is not JSON (\(error)): \(Self.excerpt(line))")
        }
        guard case .object = value else {
            throw WorkerProtocolViolation("wrote JSON that is no object: \(Self.excerpt(line))")
        }
        guard case .string(let name)? = value[Self.nameKey] else {
            throw WorkerProtocolViolation(
                "wrote an object without a \"\(Self.nameKey)\": \(Self.excerpt(line))")
        }
        return (name, value)
    }

    private static let excerptBytes = 60

    /// Returns the start of a line for an error, with all characters escaped that could control a
    /// terminal.
    private static func excerpt(_ line: [UInt8]) -> String {
        let text = String(decoding: line.prefix(excerptBytes), as: UTF8.self).debugDescription
        return line.count > excerptBytes ? text + "…" : text
    }
}

/// A breach of the control protocol by a worker, as the end of a sentence that begins with the
/// worker.
package struct WorkerProtocolViolation: Error, Sendable, Equatable {
    package let sentence: String
    /// Whether the runner's own host is to blame, and not the worker.
    package let isOfHost: Bool

    init(_ sentence: String, isOfHost: Bool = false) {
        self.sentence = sentence
        self.isOfHost = isOfHost
    }
}

/// The messages that a worker may send, by the way in which the runner handles them.
package struct WorkerVocabulary: Sendable {
    /// The replies, each awaited by name and in order.
    package let answers: Set<String>
    /// The messages that may arrive at any time; they are passed to the specification's `onEvent`.
    package let events: Set<String>
    /// The message by which a worker reports that it cannot continue.
    package let failure: String

    package init(answers: Set<String>, events: Set<String>, failure: String) {
        self.answers = answers
        self.events = events
        self.failure = failure
    }

    /// The messages of sender and responder workers.
    package static let worker = WorkerVocabulary(
        answers: ["hello", "ready", "armed", "settled", "result", "tail"],
        events: ["interval", "feedback", "port"],
        failure: "failed")
}
