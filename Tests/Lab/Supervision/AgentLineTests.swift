import Harness
import JSON
import Testing

@testable import Loops
@testable import Workers

/// The lines between runner and agent.
@Suite struct AgentLineTests {
    @Test("a line of a worker goes there and back unchanged, whatever is in it")
    func workers() throws {
        var random = Harness.SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }.filter { $0 != UInt8(ascii: "\n") }
            let number = Int.random(in: 0...99_999_999, using: &random)
            for line in [
                AgentLine.text(worker: number, text), .diagnostic(worker: number, text),
            ] {
                #expect(line.bytes.last == UInt8(ascii: "\n"))
                #expect(try AgentLine(line.bytes.dropLast()) == line)
            }
        }
    }

    @Test("a message goes there and back")
    func messages() throws {
        var lease = Lease()
        lease.stopped = [3, 9]
        let line = AgentLine.message(try AgentReply.lease(lease).json())
        guard case .message(let value) = try AgentLine(Array(line.bytes.dropLast())),
            case .lease(let read) = try AgentReply(value)
        else { throw HarnessError("no lease") }
        #expect(read.stopped == [3, 9])
    }

    @Test(
        "what is none of the protocol is refused",
        arguments: [
            "", "@", "!", "@ x", "@-1 x", "@12", "@1234567890 x", "@1x y", "Welcome to b", "{",
            #"{"message":"#, "@+1 x",
        ])
    func refused(line: String) {
        #expect(throws: ProtocolViolation.self) { try AgentLine(Array(line.utf8)) }
    }

    @Test("an unknown message is refused", arguments: [#"{"message":"boo"}"#, #"{"x":1}"#, "7"])
    func unknown(line: String) throws {
        guard case .message(let value)? = try? AgentLine(Array(line.utf8)) else { return }
        #expect(throws: (any Error).self) { try AgentReply(value) }
        #expect(throws: (any Error).self) { try AgentOrder(value) }
    }
}
