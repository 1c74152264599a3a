import Harness
import Testing

@testable import STAMP

/// The packets of the sender, through the reflector and back.
@Suite struct TestPacketTests {
    private static let key = AuthenticationKey(Array("a shared secret".utf8))
    private static let sentNs: Int64 = 1_767_225_600_123_456_789

    private static func made(
        _ packet: TestPacket, bytes: Int, session: UInt16 = 0x0102, sequence: UInt32 = 0x0304_0506
    ) -> [UInt8] {
        var octets = [UInt8](repeating: 0xee, count: bytes)
        octets.withUnsafeMutableBytes {
            packet.prepare($0.baseAddress!, bytes: bytes, seed: 9)
            packet.write(
                $0.baseAddress!, session: session, sequence: sequence, wallNs: sentNs)
        }
        return octets
    }

    @Test("RFC 8762 §4.2.1: a base packet, whose other bytes are zero")
    func base() {
        let packet = TestPacket(key: nil, format: .ptp, errorNs: nil)
        let octets = Self.made(packet, bytes: 44)
        #expect(
            octets
                == [3, 4, 5, 6] + [0x69, 0x55, 0xb9, 0x00, 0x07, 0x5b, 0xcd, 0x15]
                + [0x7f, 0xff, 1, 2] + [UInt8](repeating: 0, count: 28))
    }

    @Test("a longer packet has one padding TLV, with U, that fills it", arguments: [48, 49, 1_472])
    func padding(bytes: Int) {
        let octets = Self.made(TestPacket(key: nil, format: .ntp, errorNs: 5), bytes: bytes)
        let length = bytes - 48
        #expect(
            Array(octets[44..<48]) == [0x80, 1, UInt8(length >> 8), UInt8(length & 0xff)])
        if length > 100 { #expect(Set(octets[48...]).count > 100, "pseudo-random") }
    }

    @Test("the legal lengths")
    func lengths() {
        for (bytes, isAuthenticated, isLegal) in [
            (43, false, false), (44, false, true), (45, false, false), (47, false, false),
            (48, false, true), (65_507, false, true), (44, true, false), (112, true, true),
            (113, true, false), (116, true, true),
        ] {
            #expect(
                TestPacket.isLegal(bytes: bytes, isAuthenticated: isAuthenticated) == isLegal,
                "\(bytes)")
        }
    }

    @Test(
        "what the reflector answers is read as it was sent", arguments: [false, true],
        TimestampFormat.allCases)
    func roundTrip(isAuthenticated: Bool, format: TimestampFormat) throws {
        let key = isAuthenticated ? Self.key : nil
        let packet = TestPacket(key: key, format: format, errorNs: 7)
        for bytes in isAuthenticated ? [112, 116, 500] : [44, 48, 500] {
            var octets = Self.made(packet, bytes: bytes)
            // The reflector may have the other format.
            let reflection = Reflection(key: key, format: .ptp, errorNs: 1_000)
            #expect(octets.withUnsafeBytes { reflection.refusal($0) } == nil)
            let answer = octets.withUnsafeMutableBytes {
                reflection.reflect(
                    $0, length: bytes, arrival: .init(wallNs: Self.sentNs + 100),
                    session: .init(received: 3, sent: 2), nowNs: { Self.sentNs + 150 })
            }
            #expect(answer.length == bytes)
            let read = try #require(octets.withUnsafeBytes { packet.read($0.baseAddress!) })
            #expect(read.number == 2 && read.senderSequence == 0x0304_0506)
            #expect(read.session == 0x0102)
            #expect(format.wallNs(read.senderStamp, near: Self.sentNs) == Self.sentNs)
            #expect(read.estimate.format == .ptp)
            #expect(
                TimestampFormat.ptp.wallNs(read.receivedStamp, near: 0) == Self.sentNs + 100)
            #expect(TimestampFormat.ptp.wallNs(read.sentStamp, near: 0) == Self.sentNs + 150)
            guard isAuthenticated else { continue }
            for bit in 0..<8 * 112 {
                octets[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(
                    octets.withUnsafeBytes { packet.read($0.baseAddress!) == nil }, "bit \(bit)")
                octets[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
    }
}
