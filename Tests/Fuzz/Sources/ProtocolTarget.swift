import JSON

@testable import Workers

/// The lines between runner and worker, in both directions: whole messages and those in pieces.
enum ProtocolTarget {
    /// What a worker reads.
    static func testOrders(_ octets: [UInt8], _ findings: Findings) {
        messages(octets, findings) { try RunnerMessage($0).json() }
    }

    /// What the runner reads: results among them.
    static func testReplies(_ octets: [UInt8], _ findings: Findings) {
        messages(octets, findings) { try WorkerReply($0).json() }
    }

    /// Each message is read, or refused with a reason; read and written again it is the same.
    private static func messages(
        _ octets: [UInt8], _ findings: Findings, _ rewritten: (JSONValue) throws -> JSONValue
    ) {
        var assembler = MessageAssembler()
        for line in octets.split(separator: UInt8(ascii: "\n")) {
            do {
                let value = try JSONValue.parse(Array(line), limits: .controlMessage)
                guard let whole = try assembler.take(value) else { continue }
                let written = try rewritten(whole)
                findings.require(
                    try rewritten(written) == written, "read again it is another message")
                var second = MessageAssembler()
                let lines = try MessagePieces.lines(of: written)
                let again = try lines.split(separator: UInt8(ascii: "\n")).compactMap {
                    try second.take(JSONValue.parse(Array($0), limits: .controlMessage))
                }
                findings.require(again == [written], "sent and received it is another message")
            } catch {
                // Whoever sent this ends here; the reader says why.
                findings.require(!"\(error)".isEmpty, "refused without a reason")
                return
            }
        }
    }
}
