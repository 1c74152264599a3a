import Harness
import Testing

@testable import STAMP

/// The answer to each packet, whole, truncated and hostile.
@Suite struct ReflectionTests {
    private static let key = AuthenticationKey(Array("a shared secret".utf8))
    private static let receivedNs: Int64 = 1_767_225_600_123_456_789
    private static let sentNs = receivedNs + 4_321

    /// Reflects a packet as the server does; nil if it is refused.
    private func reflected(
        _ packet: [UInt8], key: AuthenticationKey? = nil, format: TimestampFormat = .ntp,
        errorNs: Int64? = 1_000, trafficClass: UInt8 = 0,
        session: Reflection.SessionCounts? = nil
    ) -> (bytes: [UInt8], codepoint: UInt8?)? {
        let reflection = Reflection(key: key, format: format, errorNs: errorNs)
        guard packet.withUnsafeBytes({ reflection.refusal($0) }) == nil else { return nil }
        var memory = packet
        memory += [UInt8](repeating: 0xee, count: max(0, 200 - packet.count))
        let answer = memory.withUnsafeMutableBytes {
            reflection.reflect(
                $0, length: packet.count,
                arrival: Reflection.Arrival(
                    wallNs: Self.receivedNs, trafficClass: trafficClass, hopLimit: 61),
                session: session, nowNs: { Self.sentNs })
        }
        let spare = memory[answer.length...]
        #expect(spare.allSatisfy { $0 == 0xee }, "written behind the answer")
        return (Array(memory[..<answer.length]), answer.codepoint)
    }

    private static func tlv(_ kind: UInt8, _ value: [UInt8], flags: UInt8 = 0x80) -> [UInt8] {
        [flags, kind, UInt8(value.count >> 8), UInt8(value.count & 0xff)] + value
    }

    /// A sender's packet: sequence 7, a timestamp, an error estimate, session 0xabcd.
    private static func packet(
        authenticated: Bool = false, tlvs: [UInt8] = [], tagged: Bool = false
    ) -> [UInt8] {
        let head: [UInt8] = [0, 0, 0, 7]
        let stamp = Array(1...8).map { UInt8($0) } + [0x81, 0x05, 0xab, 0xcd]
        guard authenticated else {
            return head + stamp + [UInt8](repeating: 0, count: 28) + tlvs
        }
        var packet = head + [UInt8](repeating: 0, count: 12) + stamp
        packet += [UInt8](repeating: 0, count: 68)
        packet += mac(packet)
        return packet + tlvs + (tagged ? tlv(8, mac(head + tlvs)) : [])
    }

    private static func mac(_ bytes: [UInt8]) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: 16)
        let made = bytes.withUnsafeBytes { key.tag($0) }
        tag.withUnsafeMutableBytes { made.write(at: $0.baseAddress!) }
        return tag
    }

    private static func word(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
    }

    @Test("RFC 8762 §4.3.1: the fields of an answer", arguments: TimestampFormat.allCases)
    func unauthenticated(format: TimestampFormat) throws {
        let answer = try #require(reflected(Self.packet(), format: format)).bytes
        #expect(answer.count == 44)
        #expect(Self.word(answer, 0, 4) == 7)
        #expect(Self.word(answer, 4, 8) == format.stamp(wallNs: Self.sentNs))
        let estimate = ErrorEstimate(errorNs: 1_000, format: format)
        #expect(Self.word(answer, 12, 2) == UInt64(estimate.bits))
        #expect(Self.word(answer, 14, 2) == 0xabcd)
        #expect(Self.word(answer, 16, 8) == format.stamp(wallNs: Self.receivedNs))
        #expect(Self.word(answer, 24, 4) == 7)
        #expect(Self.word(answer, 28, 8) == 0x0102_0304_0506_0708)
        #expect(Self.word(answer, 36, 2) == 0x8105)
        #expect(Self.word(answer, 38, 2) == 0)
        #expect(answer[40] == 61)
        #expect(Self.word(answer, 41, 3) == 0)
    }

    @Test("RFC 8762 §4.3.2: the fields of an authenticated answer, and its HMAC")
    func authenticated() throws {
        let packet = Self.packet(authenticated: true)
        let counts = Reflection.SessionCounts(received: 9, sent: 5)
        let answer = try #require(reflected(packet, key: Self.key, session: counts)).bytes
        #expect(answer.count == 112)
        #expect(Self.word(answer, 0, 4) == 5, "a stateful reflector's own number")
        #expect(Self.word(answer, 16, 8) == TimestampFormat.ntp.stamp(wallNs: Self.sentNs))
        #expect(Self.word(answer, 26, 2) == 0xabcd)
        #expect(Self.word(answer, 32, 8) == TimestampFormat.ntp.stamp(wallNs: Self.receivedNs))
        #expect(Self.word(answer, 48, 4) == 7)
        #expect(Self.word(answer, 64, 8) == 0x0102_0304_0506_0708)
        #expect(Self.word(answer, 72, 2) == 0x8105)
        #expect(answer[80] == 61)
        #expect(Array(answer[96...]) == Self.mac(Array(answer[..<96])))
        for zero in [4..<16, 28..<32, 40..<48, 52..<64, 74..<80, 81..<96] {
            #expect(answer[zero].allSatisfy { $0 == 0 }, "\(zero) must be zero")
        }
    }

    @Test("a packet is answered from 41 bytes on, and by at most 1.07 times its bytes")
    func neverAmplifies() {
        for length in 0...200 {
            let packet = Array((Self.packet() + [UInt8](repeating: 9, count: 200)).prefix(length))
            let answer = reflected(packet)?.bytes
            #expect((answer == nil) == (length < 41), "\(length)")
            guard let answer else { continue }
            #expect(answer.count == max(44, length))
            #expect(Double(answer.count) <= 1.074 * Double(length))
        }
    }

    @Test("every truncation of an authenticated packet, and every bit of it, is refused")
    func authenticatedOrNothing() {
        let packet = Self.packet(authenticated: true)
        for length in 0..<packet.count {
            #expect(reflected(Array(packet.prefix(length)), key: Self.key) == nil)
        }
        for bit in 0..<8 * packet.count {
            var altered = packet
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(reflected(altered, key: Self.key) == nil, "bit \(bit)")
        }
        #expect(reflected(packet, key: AuthenticationKey(Array("another".utf8))) == nil)
        #expect(reflected(packet, key: Self.key) != nil)
    }

    // MARK: - TLVs

    private func tlvs(_ answer: (bytes: [UInt8], codepoint: UInt8?)?, from base: Int = 44)
        -> [UInt8]
    {
        Array(answer?.bytes.dropFirst(base) ?? [])
    }

    @Test("padding comes back as it was, understood")
    func padding() {
        let answer = reflected(Self.packet(tlvs: Self.tlv(1, [1, 2, 3])))
        #expect(tlvs(answer) == Self.tlv(1, [1, 2, 3], flags: 0))
    }

    @Test("what is not understood comes back with U", arguments: [0, 2, 6, 7, 9, 175, 252, 255])
    func unrecognized(kind: UInt8) {
        let sent = Self.tlv(kind, [5, 6], flags: 0x7f) + Self.tlv(1, [])
        let back = Self.tlv(kind, [5, 6], flags: 0x80) + Self.tlv(1, [], flags: 0)
        #expect(tlvs(reflected(Self.packet(tlvs: sent))) == back)
    }

    @Test("timestamp information: the source of synchronization, and that software stamps")
    func timestampInformation() {
        let packet = Self.packet(tlvs: Self.tlv(3, [0, 0, 0, 0]))
        #expect(tlvs(reflected(packet)) == Self.tlv(3, [1, 2, 1, 2], flags: 0))
        #expect(tlvs(reflected(packet, errorNs: nil)) == Self.tlv(3, [5, 2, 5, 2], flags: 0))
    }

    @Test("class of service: the codepoint and ECN of the packet, and the one asked for")
    func classOfService() {
        // DSCP1 46 asked, the packet came with DSCP 10 and ECN 1.
        let packet = Self.packet(tlvs: Self.tlv(4, [46 << 2, 0, 0, 0]))
        let granted = reflected(packet, trafficClass: 10 << 2 | 1)
        #expect(granted?.codepoint == 46)
        #expect(tlvs(granted) == Self.tlv(4, [46 << 2, 10 << 4 | 1 << 2, 0, 0], flags: 0))
        // The codepoint of answers is granted to nobody.
        let marked = reflected(
            Self.packet(tlvs: Self.tlv(4, [3 << 2, 0, 0, 0])), trafficClass: 0xff)
        #expect(marked?.codepoint == nil)
        #expect(tlvs(marked) == Self.tlv(4, [3 << 2 | 3, 0xfd, 0, 0], flags: 0))
        // Another reflector's answer asks for nothing: two would answer each other forever.
        let answered = reflected(Self.packet(tlvs: Self.tlv(4, [46 << 2, 0, 0, 0], flags: 0)))
        #expect(answered?.codepoint == nil)
        #expect(tlvs(answered) == Self.tlv(4, [46 << 2, 1, 0, 0], flags: 0))
    }

    @Test("direct measurement: the session's counts, of a stateful reflector alone")
    func directMeasurement() {
        let packet = Self.packet(tlvs: Self.tlv(5, [0, 0, 0, 9] + [UInt8](repeating: 0, count: 8)))
        let counts = Reflection.SessionCounts(received: 0x0102_0304, sent: .max)
        #expect(
            tlvs(reflected(packet, session: counts))
                == Self.tlv(5, [0, 0, 0, 9, 1, 2, 3, 4, 0, 0, 0, 0], flags: 0))
        #expect(
            tlvs(reflected(packet))
                == Self.tlv(5, [0, 0, 0, 9] + [UInt8](repeating: 0, count: 8), flags: 0x80))
    }

    @Test(
        "a TLV of a wrong length is malformed, and nothing behind it is touched",
        arguments: [(3, 3), (4, 3), (4, 5), (5, 11), (5, 13), (3, 0), (8, 15), (8, 17)])
    func malformed(kind: UInt8, length: Int) {
        let value = [UInt8](repeating: 0x55, count: length)
        let behind = Self.tlv(3, [9, 9, 9, 9])
        let answer = reflected(Self.packet(tlvs: Self.tlv(kind, value) + behind))
        #expect(tlvs(answer) == Self.tlv(kind, value, flags: 0x40) + behind)
    }

    @Test("a TLV that reaches behind the packet is malformed, wherever the packet ends")
    func truncatedTLV() {
        let whole = Self.tlv(4, [1, 0, 0, 0])
        for length in 1..<whole.count {
            let cut = Array(whole.prefix(length))
            #expect(
                tlvs(reflected(Self.packet(tlvs: cut))) == [0x40] + cut.dropFirst(), "\(length)")
        }
    }

    // MARK: - HMAC TLV

    @Test("TLVs of an authenticated packet hold together with their HMAC, and so do the answer's")
    func taggedTLVs() throws {
        let sent = Self.tlv(3, [0, 0, 0, 0]) + Self.tlv(99, [7])
        let packet = Self.packet(authenticated: true, tlvs: sent, tagged: true) + Self.tlv(1, [4])
        let counts = Reflection.SessionCounts(received: 3, sent: 2)
        let back = tlvs(reflected(packet, key: Self.key, session: counts), from: 112)
        let filled = Self.tlv(3, [1, 2, 1, 2], flags: 0) + Self.tlv(99, [7], flags: 0x80)
        let tag = Self.tlv(8, Self.mac([0, 0, 0, 2] + filled), flags: 0)
        #expect(back == filled + tag + Self.tlv(1, [4], flags: 0))
    }

    @Test("RFC 8972 §4.8: without a key an HMAC TLV cannot be verified, and no TLV is used")
    func tagWithoutKey() {
        let tag = Self.tlv(8, [UInt8](repeating: 3, count: 16))
        #expect(tlvs(reflected(Self.packet(tlvs: tag))).first == 0xa0)
        let asks = Self.tlv(4, [46 << 2, 0, 0, 0]) + Self.tlv(3, [0, 0, 0, 0])
        let answer = reflected(Self.packet(tlvs: asks + tag), trafficClass: 0xff)
        #expect(answer?.codepoint == nil)
        #expect(
            tlvs(answer)
                == Self.tlv(4, [46 << 2, 0, 0, 0], flags: 0xa0)
                + Self.tlv(3, [0, 0, 0, 0], flags: 0xa0)
                + Self.tlv(8, [UInt8](repeating: 3, count: 16), flags: 0xa0))
    }

    @Test("TLVs whose HMAC is wrong, missing or misplaced come back with I, and nothing filled in")
    func integrity() {
        let asks = Self.tlv(3, [0, 0, 0, 0])
        let good = Self.mac([0, 0, 0, 7] + asks)
        var wrong = good
        wrong[15] ^= 1
        for sent in [
            asks, asks + Self.tlv(8, wrong), Self.tlv(8, good) + asks,
            asks + Self.tlv(8, good) + asks, asks + Self.tlv(8, Array(good.prefix(15))),
            asks + Self.tlv(1, [2]) + Self.tlv(1, [2]),
            Self.tlv(1, [2]) + Self.tlv(1, [2]),
        ] {
            let packet = Self.packet(authenticated: true, tlvs: sent)
            let back = tlvs(reflected(packet, key: Self.key), from: 112)
            #expect(back.count == sent.count)
            for index in sent.indices where index != 0 && sent[index] != 0x80 {
                #expect(back[index] == sent[index], "\(index) of \(sent)")
            }
            #expect(back[0] == 0xa0, "\(back)")
        }
        let padded = Self.packet(authenticated: true, tlvs: Self.tlv(1, [2]))
        #expect(tlvs(reflected(padded, key: Self.key), from: 112) == Self.tlv(1, [2], flags: 0))
    }

    @Test("H1 whatever arrives, an answer has the bytes of its packet")
    func noise() {
        var generator = SeededGenerator(seed: 8972)
        for round in 0..<20_000 {
            let length = Int.random(in: 0...400, using: &generator)
            var packet = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Short lengths, so that there are TLVs at all.
            for index in packet.indices.dropFirst(44) where index % 4 == 2 { packet[index] = 0 }
            let counts =
                round.isMultiple(of: 2) ? Reflection.SessionCounts(received: 1) : nil
            guard let answer = reflected(packet, session: counts)?.bytes else { continue }
            #expect(answer.count == max(44, length))
            // The same with a base packet that is authenticated.
            let signed = Self.packet(authenticated: true, tlvs: Array(packet.dropFirst(44)))
            let authenticated = reflected(signed, key: Self.key, session: counts)
            #expect(authenticated?.bytes.count == signed.count)
        }
    }
}
