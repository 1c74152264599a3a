import Testing

@testable import STAMP

/// The TLVs of a sender, and what it believes of those that come back (RFC 8972 §4).
@Suite struct SenderExtensionsTests {
    private static let key = AuthenticationKey(Array("a shared secret".utf8))
    private static let sentNs: Int64 = 1_767_225_600_123_456_789
    private static let all = RequestedExtension.allCases

    private static func packet(
        _ asked: [RequestedExtension] = all, isAuthenticated: Bool
    ) -> TestPacket {
        TestPacket(
            key: isAuthenticated ? key : nil, format: .ntp, errorNs: nil, asking: asked,
            codepoint: 46)
    }

    private static func made(_ packet: TestPacket, bytes: Int) -> [UInt8] {
        var octets = [UInt8](repeating: 0xee, count: bytes)
        octets.withUnsafeMutableBytes {
            packet.prepare($0.baseAddress!, bytes: bytes, seed: 9)
            packet.write($0.baseAddress!, session: 1, sequence: 7, wallNs: sentNs)
        }
        return octets
    }

    /// The answer of the reflector to a packet that came with DSCP 10 and ECN 1.
    private static func answer(
        _ octets: [UInt8], isAuthenticated: Bool, stateful: Bool = true
    ) -> [UInt8] {
        let reflection = Reflection(
            key: isAuthenticated ? key : nil, format: .ntp, errorNs: 1_000)
        var octets = octets
        let length = octets.withUnsafeMutableBytes {
            reflection.reflect(
                $0, length: $0.count,
                arrival: .init(wallNs: sentNs + 100, trafficClass: 10 << 2 | 1),
                session: stateful ? .init(received: 6, sent: 4) : nil, nowNs: { sentNs + 150 }
            ).length
        }
        #expect(length == octets.count)
        return octets
    }

    private static func read(_ octets: [UInt8], _ packet: TestPacket) -> ReturnedExtensions? {
        octets.withUnsafeBytes { bytes in
            bytes.baseAddress.flatMap { slot in
                packet.read(slot).map { packet.extensions(slot, of: $0) }
            }
        }
    }

    @Test("the smallest packets, and the lengths that no TLV fills")
    func lengths() {
        let sizes: [([RequestedExtension], Bool, Int)] = [
            ([], false, 44), ([], true, 112), ([.timestampInformation], false, 52),
            ([.classOfService], true, 140), ([.directMeasurement], false, 60),
            (Self.all, false, 76), (Self.all, true, 164),
        ]
        for (asked, isAuthenticated, least) in sizes {
            #expect(
                TestPacket.smallestBytes(isAuthenticated: isAuthenticated, asking: asked) == least)
            let legal = (0...least + 5).filter {
                TestPacket.isLegal(bytes: $0, isAuthenticated: isAuthenticated, asking: asked)
            }
            #expect(legal == [least, least + 4, least + 5])
        }
    }

    @Test("the bytes of all TLVs: U set, the sender's own fields, then padding")
    func layout() {
        let octets = Self.made(Self.packet(isAuthenticated: false), bytes: 84)
        #expect(Array(octets[44..<52]) == [0x80, 3, 0, 4, 0, 0, 0, 0])
        #expect(Array(octets[52..<60]) == [0x80, 4, 0, 4, 46 << 2, 0, 0, 0])
        #expect(
            Array(octets[60..<76])
                == [0x80, 5, 0, 12, 0, 0, 0, 8] + [UInt8](repeating: 0, count: 8))
        #expect(Array(octets[76..<80]) == [0x80, 1, 0, 4])
    }

    @Test("RFC 8972 §4.8: the HMAC TLV is of the sequence number and the TLVs before it")
    func tagged() {
        let octets = Self.made(Self.packet(isAuthenticated: true), bytes: 168)
        #expect(Array(octets[144..<148]) == [0x80, 8, 0, 16])
        var tag = [UInt8](repeating: 0, count: 16)
        let covered = [0, 0, 0, 7] + octets[112..<144]
        let made = covered.withUnsafeBytes { Self.key.tag($0) }
        tag.withUnsafeMutableBytes { made.write(at: $0.baseAddress!) }
        #expect(Array(octets[148..<164]) == tag)
        #expect(Array(octets[164..<168]) == [0x80, 1, 0, 0])
    }

    @Test(
        "what the reflector tells is read, with and without padding",
        arguments: [(false, 76), (false, 200), (true, 164), (true, 300)])
    func told(isAuthenticated: Bool, bytes: Int) {
        let packet = Self.packet(isAuthenticated: isAuthenticated)
        let octets = Self.answer(
            Self.made(packet, bytes: bytes), isAuthenticated: isAuthenticated)
        let read = Self.read(octets, packet)
        #expect(read?.condition == .told)
        #expect(
            read?.timestamping
                == .init(sourceIn: 1, methodIn: 2, sourceOut: 1, methodOut: 2))
        #expect(read?.classOfService == .init(trafficClass: 10 << 2 | 1, isGranted: true))
        #expect(read?.counters == .init(received: 6, sent: 5))
    }

    @Test("a TLV that the reflector has not understood tells nothing, and the others do")
    func unrecognized() {
        let packet = Self.packet(isAuthenticated: true)
        let octets = Self.answer(
            Self.made(packet, bytes: 164), isAuthenticated: true, stateful: false)
        let read = Self.read(octets, packet)
        #expect(read?.condition == .unrecognized)
        #expect(read?.counters == nil)
        #expect(read?.classOfService != nil && read?.timestamping != nil)
    }

    @Test("a reflector without RFC 8972 returns the TLVs as they were", arguments: [false, true])
    func copied(isAuthenticated: Bool) {
        let packet = Self.packet(isAuthenticated: isAuthenticated)
        let sent = Self.made(packet, bytes: isAuthenticated ? 164 : 76)
        let base = isAuthenticated ? 112 : 44
        let octets =
            Self.answer(sent, isAuthenticated: isAuthenticated).prefix(base) + sent[base...]
        #expect(
            Self.read(Array(octets), packet)
                == ReturnedExtensions(condition: .unrecognized))
    }

    @Test("the flags I and M, and TLVs of another kind, length or content")
    func disbelieved() {
        let packet = Self.packet(isAuthenticated: false)
        let good = Self.answer(Self.made(packet, bytes: 76), isAuthenticated: false)
        func read(_ place: Int, _ value: UInt8) -> ReturnedExtensions? {
            var octets = good
            octets[place] = value
            return Self.read(octets, packet)
        }
        for place in [44, 52, 60] {
            #expect(read(place, 0x20) == ReturnedExtensions(condition: .unauthentic))
        }
        #expect(read(44, 0x40) == ReturnedExtensions(condition: .malformed))
        let malformed = read(60, 0x40)
        #expect(malformed?.condition == .malformed && malformed?.counters == nil)
        #expect(malformed?.classOfService != nil, "TLVs before the malformed one are read")
        // Another kind, another length, another DSCP1, another S_TxC.
        for (place, value) in [(45, 4), (47, 5), (56, 45 << 2 | 2), (67, 9)] as [(Int, UInt8)] {
            #expect(
                read(place, value) == ReturnedExtensions(condition: .altered), "\(place)")
        }
        // Reserved flags are ignored on receipt.
        #expect(read(44, 0x1f)?.condition == .told)
    }

    @Test("in authenticated mode no altered bit of the TLVs is believed")
    func everyBit() {
        let packet = Self.packet(isAuthenticated: true)
        let good = Self.answer(Self.made(packet, bytes: 164), isAuthenticated: true)
        let told = Self.read(good, packet)
        for bit in 8 * 112..<8 * 164 {
            var octets = good
            octets[bit / 8] ^= 1 << UInt8(bit % 8)
            let read = Self.read(octets, packet)
            let isOfTagFlags = bit / 8 == 144
            #expect(isOfTagFlags || read?.condition != .told, "bit \(bit)")
            #expect(read?.counters == nil || read?.counters == told?.counters, "bit \(bit)")
            #expect(
                read?.classOfService == nil || read?.classOfService == told?.classOfService,
                "bit \(bit)")
            #expect(
                read?.timestamping == nil || read?.timestamping == told?.timestamping, "bit \(bit)")
        }
    }

    @Test("the tables of RFC 8972 §5, and values that are not in them")
    func tables() {
        let sources = (UInt8.min ... .max).compactMap { SynchronizationSource(code: $0) }
        #expect(sources == SynchronizationSource.allCases)
        let methods = (UInt8.min ... .max).compactMap { TimestampingMethod(code: $0) }
        #expect(methods == TimestampingMethod.allCases)
        let told = ReflectorTimestamping(sourceIn: 1, methodIn: 77, sourceOut: 6, methodOut: 77)
        #expect(told.unknownCodes == [6, 77])
    }
}
