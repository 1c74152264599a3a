@testable import STAMP

/// Packets of anybody to the STAMP reflector, with a good HMAC or a made-up one, and its answers
/// back to it.
enum StampTarget {
    private static let key = AuthenticationKey(Array("a shared secret".utf8))
    private static let nowNs: Int64 = 1_767_225_600_123_456_789

    /// The first byte: bit 0 with a key, 1 with a good HMAC, 2 stateful, 3 PTP, 4 synchronized.
    static func test(_ octets: [UInt8], _ findings: Findings) {
        guard let flags = octets.first else { return }
        func has(_ bit: UInt8) -> Bool { flags >> bit & 1 == 1 }
        var packet = Array(octets.dropFirst())
        if has(0), has(1), packet.count >= PacketLayout.authenticatedBytes {
            packet.withUnsafeMutableBytes { packet in
                guard let start = packet.baseAddress else { return }
                key.tag(UnsafeRawBufferPointer(start: start, count: PacketLayout.macOffset))
                    .write(at: start + PacketLayout.macOffset)
            }
        }
        let reflection = Reflection(
            key: has(0) ? key : nil, format: has(3) ? .ptp : .ntp,
            errorNs: has(4) ? 1_000 : nil)
        let session =
            has(2) ? Reflection.SessionCounts(received: .max, sent: UInt32(flags)) : nil
        guard packet.withUnsafeBytes({ reflection.refusal($0) }) == nil else { return }
        let (answer, _) = reflect(packet, reflection, session, findings)
        let read = answer.withUnsafeBytes { octets in
            octets.baseAddress.flatMap { start in
                TestPacket(key: has(0) ? key : nil, format: .ntp, errorNs: nil).read(start)
            }
        }
        findings.require(read != nil, "the answer's own HMAC does not hold")
        let sequence = packet[..<4].reduce(0) { $0 << 8 | UInt32($1) }
        findings.require(read?.senderSequence == sequence, "the answer is to another packet")
        findings.require(
            read?.number == session?.sent ?? sequence, "the answer has another number")
        readExtensions(of: answer, key: has(0) ? key : nil, findings)
        // An answer that comes back asks for nothing any more.
        let (_, codepoint) = reflect(answer, reflection, session, findings)
        findings.require(codepoint == nil, "an answer is granted a class of service")
    }

    /// Reads an answer as one to a sender that asks for all facts: only TLVs without a flag, in
    /// their places, tell any.
    private static func readExtensions(
        of answer: [UInt8], key: AuthenticationKey?, _ findings: Findings
    ) {
        let packet = TestPacket(
            key: key, format: .ntp, errorNs: nil, asking: RequestedExtension.allCases)
        guard answer.count >= packet.extensions.end else { return }
        answer.withUnsafeBytes { octets in
            guard let slot = octets.baseAddress, let read = packet.read(slot) else { return }
            let told = packet.extensions(slot, of: read)
            let isEmpty = told.timestamping == nil && told.classOfService == nil
            if told.condition == .unauthentic {
                findings.require(isEmpty && told.counters == nil, "facts without a good HMAC")
            }
            if told.condition == .told {
                findings.require(!isEmpty && told.counters != nil, "no facts in good TLVs")
            }
        }
    }

    private static func reflect(
        _ packet: [UInt8], _ reflection: Reflection, _ session: Reflection.SessionCounts?,
        _ findings: Findings
    ) -> (octets: [UInt8], codepoint: UInt8?) {
        let spare = [UInt8](repeating: 0xee, count: PacketLayout.authenticatedBytes)
        var memory = packet + spare
        let answer = memory.withUnsafeMutableBytes {
            reflection.reflect(
                $0, length: packet.count,
                arrival: .init(wallNs: nowNs, trafficClass: 0xff, hopLimit: 64),
                session: session, nowNs: { nowNs + 1 })
        }
        let length = max(packet.count, reflection.layout.baseBytes)
        findings.require(answer.length == length, "\(answer.length) B for \(packet.count) B")
        findings.require(
            memory[length...].allSatisfy { $0 == 0xee }, "written behind the answer")
        return (Array(memory[..<length]), answer.codepoint)
    }
}
