import Datagrams
import Harness
import STAMP
import Testing

@testable import Loops

/// The sessions of a stateful reflector, against an obvious model, and at their limit.
@Suite struct ReflectedSessionsTests {
    private static func raw(_ host: String, _ port: UInt16) throws -> (octets: [UInt8], bytes: Int)
    {
        let address = try #require(SocketAddress(numericHost: host, port: port))
        var octets = [UInt8](repeating: 0, count: ReceiveBatch.addressBytes)
        var bytes = 0
        address.withRaw { raw, size in
            bytes = Int(size)
            octets.withUnsafeMutableBytes {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: Int(size)))
            }
        }
        return (octets, bytes)
    }

    private static func hear(
        _ sessions: inout ReflectedSessions, _ host: String, _ port: UInt16,
        _ identifier: UInt16 = 0, atNs: Int64
    ) throws -> Int? {
        let source = try raw(host, port)
        return sessions.heard(
            from: source.octets, bytes: source.bytes, identifier: identifier, atNs: atNs)
    }

    @Test("each address, port and identifier counts alone", arguments: [1, 2, 3])
    func countsAlone(seed: UInt64) throws {
        struct Name: Hashable {
            let host: String
            let port: UInt16
            let identifier: UInt16
        }
        var generator = SeededGenerator(seed: seed)
        var sessions = ReflectedSessions()
        var model: [Name: Reflection.SessionCounts] = [:]
        for step in 0..<20_000 {
            let name = Name(
                host: ["127.0.0.1", "127.0.0.2", "::1", "fe80::1"].randomElement(
                    using: &generator)!,
                port: [2_000, 2_001, 62_000].randomElement(using: &generator)!,
                identifier: [0, 1, 255, 256, 65_535].randomElement(using: &generator)!)
            let session = try #require(
                try Self.hear(
                    &sessions, name.host, name.port, name.identifier, atNs: Int64(step)))
            model[name, default: .init()].received += 1
            #expect(sessions[session] == model[name], "seed \(seed), step \(step): \(name)")
            // An answer that could not be sent takes no number.
            if generator.chance(0.8) {
                sessions.answered(session)
                model[name]?.sent += 1
            }
        }
        #expect(sessions.count == model.count)
        #expect(sessions.evicted == 0)
    }

    @Test("H8 running sessions keep their places, and silent ones give them up")
    func limit() throws {
        var sessions = ReflectedSessions(limit: 100)
        for port in 0..<100 as Range<UInt16> {
            let session = try #require(
                try Self.hear(&sessions, "127.0.0.1", 2_000 + port, atNs: 0))
            sessions.answered(session)
        }
        let idleNs = ReflectedSessions.idleNs
        // A flood from elsewhere takes no place, for as long as every session is running.
        for port in 0..<10_000 as Range<UInt16> {
            #expect(try Self.hear(&sessions, "127.0.0.9", 3_000 + port, atNs: idleNs - 1) == nil)
        }
        #expect(sessions.evicted == 0)
        // The session of port 2000 speaks; then one place at a time becomes free, of the others.
        let first = try #require(try Self.hear(&sessions, "127.0.0.1", 2_000, atNs: idleNs - 1))
        #expect(sessions[first] == Reflection.SessionCounts(received: 2, sent: 1))
        for port in 0..<10_000 as Range<UInt16> {
            _ = try Self.hear(&sessions, "127.0.0.9", 3_000 + port, atNs: idleNs)
        }
        #expect(sessions.evicted == 99)
        #expect(sessions.count == 100)
        let again = try #require(try Self.hear(&sessions, "127.0.0.1", 2_000, atNs: idleNs))
        #expect(sessions[again] == Reflection.SessionCounts(received: 3, sent: 1))
        // A session that was forgotten starts again.
        let other = try #require(try Self.hear(&sessions, "127.0.0.9", 3_000, atNs: idleNs))
        #expect(sessions[other] == Reflection.SessionCounts(received: 2))
    }
}
