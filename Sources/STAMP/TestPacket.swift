/// The packets of a Session-Sender (RFC 8762 §4.2), and what it reads out of their answers.
///
/// Behind the base are the TLVs with which the sender asks for facts, see ``SenderExtensions``, and
/// then an Extra Padding TLV (RFC 8972 §4.1) with pseudo-random bytes in a packet that is longer.
package struct TestPacket: Sendable {
    /// The fields of an answer whose HMAC holds.
    package struct Answer: Sendable {
        /// The number that the reflector gave the answer.
        package var number: UInt32
        /// The session identifier; 0 from a reflector that has none (RFC 8972 §3).
        package var session: UInt16
        package var senderSequence: UInt32
        package var senderStamp: UInt64
        package var receivedStamp: UInt64
        package var sentStamp: UInt64
        package var estimate: ErrorEstimate
    }

    package let layout: PacketLayout
    package let format: TimestampFormat
    private let key: AuthenticationKey?
    private let estimate: ErrorEstimate
    let extensions: SenderExtensions
    /// DSCP1 of a Class of Service TLV: the codepoint that the answers are to have.
    let codepoint: UInt8

    /// - Parameters:
    ///   - errorNs: The largest error of the sender's clock; nil if it is not known.
    ///   - asked: The facts that the reflector is asked for.
    ///   - codepoint: The differentiated services codepoint of the packets, 0 to 63.
    package init(
        key: AuthenticationKey?, format: TimestampFormat, errorNs: Int64?,
        asking asked: [RequestedExtension] = [], codepoint: UInt8 = 0
    ) {
        self.key = key
        self.format = format
        self.codepoint = codepoint
        layout = PacketLayout(isAuthenticated: key != nil)
        extensions = SenderExtensions(asked, isAuthenticated: key != nil)
        estimate = ErrorEstimate(errorNs: errorNs, format: format)
    }

    /// Returns the length of the smallest packet: the base, and the TLVs that ask for something.
    package static func smallestBytes(
        isAuthenticated: Bool, asking asked: [RequestedExtension] = []
    ) -> Int {
        SenderExtensions(asked, isAuthenticated: isAuthenticated).end
    }

    /// Whether a packet can have this length: the smallest, or that with padding.
    package static func isLegal(
        bytes: Int, isAuthenticated: Bool, asking asked: [RequestedExtension] = []
    ) -> Bool {
        let smallest = smallestBytes(isAuthenticated: isAuthenticated, asking: asked)
        return bytes == smallest || bytes >= smallest + Extensions.headBytes
    }

    /// Writes what is equal in all packets: error estimate, the heads of TLVs, and padding.
    /// - Parameter seed: That of the padding.
    package func prepare(_ slot: UnsafeMutableRawPointer, bytes: Int, seed: UInt32) {
        let end = extensions.end
        precondition(bytes == end || bytes >= end + Extensions.headBytes, "a legal length")
        slot.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        slot.put(estimate.bits, at: layout.errorEstimate)
        extensions.prepare(slot)
        if let place = extensions.classOfService {
            slot.put(codepoint << 2, at: place + Extensions.headBytes)
        }
        guard bytes > end else { return }
        let value = end + Extensions.headBytes
        SenderExtensions.writeHead(
            slot + end, kind: Extensions.Kind.padding, valueBytes: bytes - value)
        var pattern = seed | 1
        for offset in value..<bytes {
            pattern = pattern &* 1_664_525 &+ 1_013_904_223  // wraps: a generator, no count
            slot.storeBytes(of: UInt8(pattern >> 24), toByteOffset: offset, as: UInt8.self)
        }
    }

    /// Writes what differs between packets.
    package func write(
        _ slot: UnsafeMutableRawPointer, session: UInt16, sequence: UInt32, wallNs: Int64
    ) {
        slot.put(sequence, at: 0)
        slot.put(format.stamp(wallNs: wallNs), at: layout.timestamp)
        slot.put(session, at: layout.session)
        if let place = extensions.directMeasurement {
            slot.put(Self.counter(sequence), at: place + Extensions.headBytes)
        }
        guard let key else { return }
        if let place = extensions.hmac {
            tag(slot, key).write(at: slot + place + Extensions.headBytes)
        }
        key.tag(UnsafeRawBufferPointer(start: slot, count: PacketLayout.macOffset))
            .write(at: slot + PacketLayout.macOffset)
    }

    /// Returns the packets that a session has sent, that with this sequence number included. It
    /// wraps, as its 32 bits on the wire.
    static func counter(_ sequence: UInt32) -> UInt32 { sequence &+ 1 }

    /// Returns the tag of the sequence number of a packet or an answer, and of its TLVs
    /// (RFC 8972 §4.8).
    private func tag(_ slot: UnsafeRawPointer, _ key: AuthenticationKey) -> AuthenticationTag {
        key.tag(
            UnsafeRawBufferPointer(start: slot, count: 4),
            UnsafeRawBufferPointer(
                start: slot + extensions.base,
                count: (extensions.hmac ?? extensions.base) - extensions.base))
    }

    /// Whether the HMAC TLV of an answer holds, if its packet has one.
    func isTagged(_ slot: UnsafeRawPointer) -> Bool {
        guard let key, let place = extensions.hmac else { return true }
        return tag(slot, key).isAt(slot + place + Extensions.headBytes)
    }

    /// Reads an answer of at least a base packet's length; nil if its HMAC does not hold.
    package func read(_ slot: UnsafeRawPointer) -> Answer? {
        if let key {
            let covered = UnsafeRawBufferPointer(start: slot, count: PacketLayout.macOffset)
            guard key.tag(covered).isAt(slot + PacketLayout.macOffset) else { return nil }
        }
        return Answer(
            number: slot.big(0, as: UInt32.self),
            session: slot.big(layout.session, as: UInt16.self),
            senderSequence: slot.big(layout.senderSequence, as: UInt32.self),
            senderStamp: slot.big(layout.senderTimestamp, as: UInt64.self),
            receivedStamp: slot.big(layout.receiveTimestamp, as: UInt64.self),
            sentStamp: slot.big(layout.timestamp, as: UInt64.self),
            estimate: ErrorEstimate(bits: slot.big(layout.errorEstimate, as: UInt16.self)))
    }
}
