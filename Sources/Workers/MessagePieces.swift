import JSON
import Loops

/// The pieces of a message that is longer than a line: its text in parts, one per line.
///
///     {"message":"piece","of":"result","place":0,"text":"{\"message\":\"result\",\"sender\":…"}
///     {"message":"piece","of":"result","place":1,"text":"…"}
///     {"message":"piece","of":"result","place":2,"count":3,"text":"…}"}
///
/// A piece has the name of its message and its place; the last piece has the number of pieces.
/// Nothing else is sent between two pieces of a message. So the length of a line is bounded for any
/// message, and a piece that is missing, repeated or out of order is detected by its place.
package enum MessagePieces {
    package static let name = "piece"
    /// The maximum bytes of a message in one piece. In a string each may become two (`"` becomes
    /// `\"`), so that a piece with its keys is no longer than a line.
    static let textBytes = (WorkerProtocol.lineBytesLimit - 256) / 2

    /// Returns the lines that carry `message`, each with its line feed: one if it fits, else its
    /// pieces.
    /// - Throws: If the message is longer than the receiver accepts.
    package static func lines(of message: JSONValue) throws -> [UInt8] {
        let text = Array(try message.text(.compact).utf8)
        if text.count <= WorkerProtocol.lineBytesLimit { return text + [UInt8(ascii: "\n")] }
        guard case .string(let name)? = message["message"] else {
            throw ProtocolViolation(reason: "a line without a \"message\"")
        }
        guard text.count <= WorkerProtocol.messageBytesLimit else {
            throw ProtocolViolation(
                reason: "a \"\(name)\" of \(text.count) bytes, which is more than the "
                    + "\(WorkerProtocol.messageBytesLimit) of a message")
        }
        var lines: [UInt8] = []
        var (start, place) = (0, 0)
        while start < text.count {
            let end = cut(text, after: start)
            let isLast = end == text.count
            let piece: [JSONMember] = [
                JSONMember(key: "message", value: .string(Self.name)),
                JSONMember(key: "of", value: .string(name)),
                JSONMember(key: "place", value: .integer(place)),
                isLast ? JSONMember(key: "count", value: .integer(place + 1)) : nil,
                JSONMember(
                    key: "text", value: .string(String(decoding: text[start..<end], as: UTF8.self))),
            ].compactMap(\.self)
            lines += Array(try JSONValue.object(piece).text(.compact).utf8) + [UInt8(ascii: "\n")]
            (start, place) = (end, place + 1)
        }
        return lines
    }

    /// Returns the end of the piece that begins at `start`, never within a character of several
    /// bytes.
    private static func cut(_ text: [UInt8], after start: Int) -> Int {
        var end = min(text.count, start + textBytes)
        while end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}

/// Assembles messages from lines, whole or in pieces.
///
/// Its memory is bounded by `WorkerProtocol.messageBytesLimit`.
package struct MessageAssembler: Sendable {
    private var name: String?
    private var place = 0
    private var bytes: [UInt8] = []

    package init() {}

    /// Whether a message has begun and not ended.
    package var isInMessage: Bool { name != nil }

    /// Takes the next line.
    /// - Returns: A message that the line completes; nil while pieces are missing.
    package mutating func take(_ line: JSONValue) throws(ProtocolViolation) -> JSONValue? {
        guard line["message"] == .string(MessagePieces.name) else {
            if let name {
                throw ProtocolViolation(
                    reason: "sent another message between two pieces of its \"\(name)\"")
            }
            return line
        }
        guard case .string(let of)? = line["of"], case .integer(let place)? = line["place"],
            case .string(let text)? = line["text"]
        else { throw ProtocolViolation(reason: "sent a piece without its message, place or text") }
        try check(of, at: place, text)
        name = of
        self.place += 1
        bytes += Array(text.utf8)
        guard let count = line["count"] else { return nil }
        guard count == .integer(self.place) else {
            throw ProtocolViolation(
                reason: "sent \(self.place) pieces of its \"\(of)\" and another number of them "
                    + "with the last")
        }
        defer { self = MessageAssembler() }
        return try whole(of)
    }

    private func check(
        _ of: String, at place: Int, _ text: String
    ) throws(ProtocolViolation) {
        if let name, name != of {
            throw ProtocolViolation(
                reason: "sent a piece of another message between two pieces of its \"\(name)\"")
        }
        guard place == self.place else {
            throw ProtocolViolation(
                reason: "sent piece \(place) of its \(of.prefix(60).debugDescription) where piece "
                    + "\(self.place) was due")
        }
        guard bytes.count + text.utf8.count <= WorkerProtocol.messageBytesLimit else {
            throw ProtocolViolation(
                reason: "sent a message of more than \(WorkerProtocol.messageBytesLimit) bytes "
                    + "in pieces")
        }
    }

    private func whole(_ of: String) throws(ProtocolViolation) -> JSONValue {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(bytes, limits: .controlMessage)
        } catch {
            throw ProtocolViolation(reason: "sent pieces that make no JSON together (\(error))")
        }
        guard value["message"] == .string(of) else {
            throw ProtocolViolation(reason: "sent pieces of another message than they say")
        }
        return value
    }
}
