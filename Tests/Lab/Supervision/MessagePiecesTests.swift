import JSON
import Testing

@testable import Lab
@testable import Loops
@testable import Workers

/// Messages that are longer than a line.
@Suite struct MessagePiecesTests {
    private func message(_ name: String = "result", texts: Int, of text: String) -> JSONValue {
        .object([
            JSONMember(key: "message", value: .string(name)),
            JSONMember(
                key: "texts", value: .array(Array(repeating: .string(text), count: texts))),
        ])
    }

    private func lines(of message: JSONValue) throws -> [JSONValue] {
        let bytes = try MessagePieces.lines(of: message)
        #expect(bytes.last == UInt8(ascii: "\n"))
        return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            #expect(line.count <= WorkerProtocol.lineBytesLimit)
            return try JSONValue.parse(Array(line), limits: .controlMessage)
        }
    }

    private func assembled(_ lines: [JSONValue]) throws -> [JSONValue] {
        var assembler = MessageAssembler()
        return try lines.compactMap { try assembler.take($0) }
    }

    private func complaint(_ lines: [JSONValue]) -> String? {
        do {
            _ = try assembled(lines)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("T16 a message of any length comes out as it went in, and no line is too long")
    func t16RoundTrip() throws {
        // Nothing of it is one byte in a string: quotes, backslashes, two, three and four bytes.
        for text in ["plain", "\"\\\"\\", "ä€𝄞", "\u{1}\n\t"] {
            for texts in [0, 1, 5_000, 40_000] {
                let message = message(texts: texts, of: text)
                let lines = try lines(of: message)
                let isLong = try message.text().utf8.count > WorkerProtocol.lineBytesLimit
                #expect((lines.count > 1) == isLong)
                #expect(try assembled(lines) == [message], "\(texts) × \(text.debugDescription)")
            }
        }
    }

    @Test("T16 pieces that are missing, repeated, out of order or too many are told")
    func t16Complaints() throws {
        let pieces = try lines(of: message(texts: 40_000, of: "some text"))
        #expect(pieces.count == 4)
        let other = try lines(of: message("ready", texts: 40_000, of: "some text"))
        #expect(complaint([pieces[1]]) == "sent piece 1 of its \"result\" where piece 0 was due")
        #expect(
            complaint([pieces[0], pieces[2]])
                == "sent piece 2 of its \"result\" where piece 1 was due")
        #expect(
            complaint([pieces[0], pieces[0]])
                == "sent piece 0 of its \"result\" where piece 1 was due")
        #expect(complaint(pieces + [pieces[3]])?.contains("where piece 0 was due") == true)
        #expect(complaint([pieces[0], other[1]])?.contains("a piece of another message") == true)
        let whole = message("interval", texts: 0, of: "")
        #expect(
            complaint([pieces[0], whole])
                == "sent another message between two pieces of its \"result\"")
        let count = #"{"message":"piece","of":"result","place":0,"count":2,"text":"{}"}"#
        #expect(complaint([try value(count)])?.contains("another number of them") == true)
        for text in [#""message":"ready""#, #""message":"piece""#, ""] {
            let piece = piece("{\(text)}")
            #expect(complaint([piece]) == "sent pieces of another message than they say")
        }
        #expect(complaint([piece("{ nonsense")])?.contains("make no JSON together") == true)
        let incomplete = #"{"message":"piece","of":"result","place":0}"#
        #expect(complaint([try value(incomplete)])?.contains("without its message") == true)
    }

    private func value(_ text: String) throws -> JSONValue {
        try JSONValue.parse(Array(text.utf8), limits: .controlMessage)
    }

    private func piece(_ text: String) -> JSONValue {
        .object([
            JSONMember(key: "message", value: .string("piece")),
            JSONMember(key: "of", value: .string("result")),
            JSONMember(key: "place", value: .integer(0)),
            JSONMember(key: "count", value: .integer(1)),
            JSONMember(key: "text", value: .string(text)),
        ])
    }

    @Test("T16 pieces without an end are bounded, and so is what is sent")
    func t16Bounds() throws {
        var assembler = MessageAssembler()
        let text = JSONValue.string(String(repeating: "x", count: MessagePieces.textBytes))
        var place = 0
        var reason = ""
        while reason.isEmpty {
            let piece = JSONValue.object([
                JSONMember(key: "message", value: .string("piece")),
                JSONMember(key: "of", value: .string("result")),
                JSONMember(key: "place", value: .integer(place)),
                JSONMember(key: "text", value: text),
            ])
            do throws(ProtocolViolation) {
                let whole = try assembler.take(piece)
                #expect(whole == nil)
                place += 1
            } catch {
                reason = error.reason
            }
        }
        #expect(reason == "sent a message of more than 16777216 bytes in pieces")
        #expect(place == WorkerProtocol.messageBytesLimit / MessagePieces.textBytes)
        let tooLong = message(texts: 20, of: String(repeating: "x", count: 1 << 20))
        let refusal = #expect(throws: ProtocolViolation.self) {
            try MessagePieces.lines(of: tooLong)
        }
        #expect(refusal?.reason.contains("which is more than the 16777216 of a message") == true)
    }

    private static let inPieces = """
        echo '{"message":"piece","of":"result","place":0,"text":"{\\"message\\":"}'
        """

    @Test("T16 a worker's answer in pieces is an answer")
    func t16Answer() async throws {
        let script = """
            \(Self.inPieces)
            echo '{"message":"piece","of":"result","place":1,"count":2,"text":"\\"result\\",\\"n\\":7}"}'
            """
        try await withWorker(FakeWorker.shell(script)) { worker in
            let message = try await worker.expect("result", within: patience)
            #expect(message.body["n"] == .integer(7))
        }
    }

    @Test("T16 L7 a worker that ends between two pieces, or sends another message, has broken off")
    func t16Broken() async throws {
        let rests = [
            "": "ended in the middle of a message",
            #"echo '{"message":"ready"}'; exec sleep 1000"#:
                "sent another message between two pieces of its \"result\"",
        ]
        for (rest, sentence) in rests {
            try await withWorker(FakeWorker.shell("\(Self.inPieces)\n\(rest)")) { worker in
                let error = try await workerError {
                    _ = try await worker.expect("result", within: patience)
                }
                #expect(error.reason == .violation(.init(sentence)))
            }
        }
    }
}
