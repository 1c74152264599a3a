/// The packets of a Session-Sender (RFC 8762 §4.2), and what it reads out of their answers.
///
/// A packet longer than the base has an Extra Padding TLV (RFC 8972 §4.1) with pseudo-random bytes.
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

    /// - Parameter errorNs: The largest error of the sender's clock; nil if it is not known.
    package init(key: AuthenticationKey?, format: TimestampFormat, errorNs: Int64?) {
        self.key = key
        self.format = format
        layout = PacketLayout(isAuthenticated: key != nil)
        estimate = ErrorEstimate(errorNs: errorNs, format: format)
    }

    /// Whether a packet can have this length: the base's, or that with a TLV.
    package static func isLegal(bytes: Int, isAuthenticated: Bool) -> Bool {
        let base = PacketLayout(isAuthenticated: isAuthenticated).baseBytes
        return bytes == base || bytes >= base + Extensions.headBytes
    }

    /// Writes what is equal in all packets: error estimate and padding.
    /// - Parameter seed: That of the padding.
    package func prepare(_ slot: UnsafeMutableRawPointer, bytes: Int, seed: UInt32) {
        precondition(Self.isLegal(bytes: bytes, isAuthenticated: layout.isAuthenticated))
        slot.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        slot.put(estimate.bits, at: layout.errorEstimate)
        guard bytes > layout.baseBytes else { return }
        let value = layout.baseBytes + Extensions.headBytes
        // A sender sets U in each TLV (RFC 8972 §4).
        slot.storeBytes(
            of: Extensions.Flag.unrecognized, toByteOffset: layout.baseBytes, as: UInt8.self)
        slot.storeBytes(
            of: Extensions.Kind.padding, toByteOffset: layout.baseBytes + 1, as: UInt8.self)
        slot.put(UInt16(bytes - value), at: layout.baseBytes + 2)
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
        guard let key else { return }
        key.tag(UnsafeRawBufferPointer(start: slot, count: PacketLayout.macOffset))
            .write(at: slot + PacketLayout.macOffset)
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
