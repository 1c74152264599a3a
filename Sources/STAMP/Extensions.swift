/// The TLVs behind a base packet (RFC 8972 §4), as a reflector treats them:
///
///      0 1 2 3 4 5 6 7
///     +-+-+-+-+-+-+-+-+---------------+-------------------------------+
///     |U|M|I|R|R|R|R|R|     Type      |            Length             |   Value …
///     +-+-+-+-+-+-+-+-+---------------+-------------------------------+
///
/// U: not understood. M: malformed; nothing behind it is read. I: the HMAC TLV does not hold; none
/// of the TLVs is read.
struct Extensions {
    enum Flag {
        static let unrecognized: UInt8 = 0x80
        static let malformed: UInt8 = 0x40
        static let integrity: UInt8 = 0x20
    }

    enum Kind {
        static let padding: UInt8 = 1
        static let timestampInformation: UInt8 = 3
        static let classOfService: UInt8 = 4
        static let directMeasurement: UInt8 = 5
        static let hmac: UInt8 = 8
    }

    /// One TLV. A malformed one reaches to the end of the packet.
    private struct Element {
        var offset: Int
        var kind: UInt8
        var valueBytes: Int
        var isWhole: Bool
        var value: Int { offset + Extensions.headBytes }
        var end: Int { value + valueBytes }
    }

    static let headBytes = 4
    /// The codepoint that marks the answers of udplab's responders, which is granted to nobody: the
    /// mark keeps two responders from answering each other forever.
    static let markedCodepoint: UInt8 = 3

    private let start: UnsafeMutableRawPointer
    private let packet: UnsafeMutableRawBufferPointer
    private let base: Int
    private let length: Int
    private let key: AuthenticationKey?

    init(_ start: UnsafeMutableRawPointer, base: Int, length: Int, key: AuthenticationKey?) {
        self.start = start
        packet = UnsafeMutableRawBufferPointer(start: start, count: length)
        self.base = base
        self.length = length
        self.key = key
    }

    private func element(at offset: Int) -> Element? {
        let left = length - offset
        guard left > 0 else { return nil }
        guard left >= Self.headBytes else {
            return Element(offset: offset, kind: 0, valueBytes: 0, isWhole: false)
        }
        let bytes = Int(packet[offset + 2]) << 8 | Int(packet[offset + 3])
        return Element(
            offset: offset, kind: packet[offset + 1], valueBytes: bytes,
            isWhole: bytes <= left - Self.headBytes)
    }

    /// Fills in the TLVs.
    /// - Parameters:
    ///   - sequence: The sequence number of the packet, which its HMAC TLV covers.
    ///   - ownSequence: That of the answer.
    /// - Returns: The codepoint for the answer, if one is asked for and granted.
    func reflect(
        arrival: Reflection.Arrival, isSynchronized: Bool,
        session: Reflection.SessionCounts?, sequence: UInt32, ownSequence: UInt32
    ) -> UInt8? {
        guard length > base else { return nil }
        guard key == nil ? !isTagged : hasIntegrity(sequence: sequence) else {
            flagAll()
            return nil
        }
        var codepoint: UInt8?
        var offset = base
        while let element = element(at: offset) {
            guard element.isWhole, hasValidLength(element) else {
                packet[offset] = Flag.malformed
                break
            }
            let wasUnrecognized = packet[offset] & Flag.unrecognized != 0
            packet[offset] = 0
            switch element.kind {
            case Kind.padding: break
            case Kind.timestampInformation:
                fillTimestampInformation(element.value, isSynchronized: isSynchronized)
            case Kind.classOfService:
                codepoint = fillClassOfService(
                    element.value, trafficClass: arrival.trafficClass, isRequest: wasUnrecognized)
            case Kind.directMeasurement:
                if let session {
                    put(session.received, at: element.value + 4)
                    put(session.sent &+ 1, at: element.value + 8)  // this answer included; wraps
                } else {
                    packet[offset] = Flag.unrecognized
                }
            case Kind.hmac:
                if let key {
                    tag(upTo: offset, sequence: ownSequence, key)
                        .write(at: address(element.value))
                }
            default: packet[offset] = Flag.unrecognized
            }
            offset = element.end
        }
        return codepoint
    }

    private func hasValidLength(_ element: Element) -> Bool {
        switch element.kind {
        case Kind.timestampInformation: element.valueBytes >= 4
        case Kind.classOfService: element.valueBytes == 4
        case Kind.directMeasurement: element.valueBytes == 12
        case Kind.hmac: element.valueBytes == AuthenticationTag.bytes
        default: true
        }
    }

    // MARK: - Values

    /// RFC 8972 §4.3: source of synchronization and method, at the ingress and at the egress.
    private func fillTimestampInformation(_ value: Int, isSynchronized: Bool) {
        // Table 7: NTP, by whose algorithms the kernel keeps its clock, or free-running. Table 9:
        // software on this host.
        let source: UInt8 = isSynchronized ? 1 : 5
        let method: UInt8 = 2
        packet[value] = source
        packet[value + 1] = method
        packet[value + 2] = source
        packet[value + 3] = method
    }

    /// RFC 8972 §4.4: `DSCP1 6 bits · DSCP2 6 · ECN 2 · RP 2 · reserved 16`.
    ///
    /// A TLV whose U flag is not set is no request of a sender, which has to set it (§4), but comes
    /// out of another reflector: granting it, two reflectors would answer each other forever, so
    /// its answer keeps the mark of answers.
    private func fillClassOfService(
        _ value: Int, trafficClass: UInt8, isRequest: Bool
    ) -> UInt8? {
        let asked = packet[value] >> 2
        let isGranted = isRequest && asked != Self.markedCodepoint
        let (codepoint, ecn) = (trafficClass >> 2, trafficClass & 3)
        packet[value] = asked << 2 | codepoint >> 4
        packet[value + 1] = (codepoint & 0x0f) << 4 | ecn << 2 | (isGranted ? 0 : 1)
        packet[value + 2] = 0
        packet[value + 3] = 0
        return isGranted ? asked : nil
    }

    // MARK: - Integrity

    /// Whether there is an HMAC TLV, which has to be verified in unauthenticated mode too before
    /// any TLV is used (RFC 8972 §4.8): without a key it cannot be.
    private var isTagged: Bool {
        var offset = base
        while let element = element(at: offset), element.isWhole, hasValidLength(element) {
            if element.kind == Kind.hmac { return true }
            offset = element.end
        }
        return false
    }

    /// Whether the HMAC TLV holds: it is behind all TLVs but padding, and has to be there unless a
    /// single padding is the only TLV (RFC 8972 §4.8).
    private func hasIntegrity(sequence: UInt32) -> Bool {
        var tagged: Element?
        var count = 0
        var hasOthers = false
        var offset = base
        while let element = element(at: offset) {
            if tagged != nil, element.kind != Kind.padding { return false }
            guard element.isWhole else {
                // Nothing can be known about the TLVs before it; without any it is only malformed.
                return tagged == nil ? count == 0 : isTagged(tagged, sequence: sequence)
            }
            count += 1
            if element.kind == Kind.hmac {
                guard element.valueBytes == AuthenticationTag.bytes else { return false }
                tagged = element
            } else if element.kind != Kind.padding {
                hasOthers = true
            }
            offset = element.end
        }
        guard tagged != nil else { return count == 1 && !hasOthers }
        return isTagged(tagged, sequence: sequence)
    }

    private func isTagged(_ element: Element?, sequence: UInt32) -> Bool {
        guard let element, let key else { return false }
        return tag(upTo: element.offset, sequence: sequence, key)
            .isAt(UnsafeRawPointer(address(element.value)))
    }

    /// Returns the tag of a sequence number and the TLVs before an offset.
    private func tag(
        upTo offset: Int, sequence: UInt32, _ key: AuthenticationKey
    ) -> AuthenticationTag {
        var sequence = sequence.bigEndian
        return withUnsafeBytes(of: &sequence) {
            key.tag($0, UnsafeRawBufferPointer(rebasing: packet[base..<offset]))
        }
    }

    private func flagAll() {
        var offset = base
        while let element = element(at: offset) {
            packet[offset] |= Flag.integrity
            guard element.isWhole else {
                packet[offset] |= Flag.malformed
                return
            }
            offset = element.end
        }
    }

    private func put(_ word: UInt32, at offset: Int) { address(offset).put(word, at: 0) }

    private func address(_ offset: Int) -> UnsafeMutableRawPointer {
        precondition(offset >= base && offset < length, "a byte of the packet")
        return start + offset
    }
}
