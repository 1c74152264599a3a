/// The answer of a Session-Reflector (RFC 8762 §4.3, RFC 8972 §4) to one test packet, made in the
/// packet's own memory. Nothing of a packet is used before its HMAC holds.
package struct Reflection: Sendable {
    /// The smallest packet that is answered without a key. TWAMP Light's may be as small as 14
    /// bytes (RFC 8762 §4.6), and a reflector that answered those with 44 would amplify what a
    /// forged source asks for; from 41 on the answer is at most 1.07 times the packet.
    package static let minimumBytes = 41

    package enum Refusal: Sendable, Equatable {
        /// The packet is shorter than the smallest that is answered.
        case short
        /// The packet's HMAC is not that of its content and the key.
        case authentication
    }

    /// The facts about a packet that its bytes do not have.
    package struct Arrival: Sendable {
        package var wallNs: Int64
        package var trafficClass: UInt8
        package var hopLimit: UInt8

        package init(wallNs: Int64, trafficClass: UInt8 = 0, hopLimit: UInt8 = 0) {
            self.wallNs = wallNs
            self.trafficClass = trafficClass
            self.hopLimit = hopLimit
        }
    }

    /// The counts of a session, by which a stateful reflector numbers its answers.
    package struct SessionCounts: BitwiseCopyable, Sendable, Equatable {
        /// The packets received, this one included.
        package var received: UInt32
        /// The answers sent before this one.
        package var sent: UInt32

        package init(received: UInt32 = 0, sent: UInt32 = 0) {
            self.received = received
            self.sent = sent
        }
    }

    package let layout: PacketLayout
    package let format: TimestampFormat
    private let key: AuthenticationKey?
    /// The estimate of this host's clock, to be kept up to date.
    package var estimate: ErrorEstimate

    package init(key: AuthenticationKey?, format: TimestampFormat, errorNs: Int64?) {
        self.key = key
        self.format = format
        layout = PacketLayout(isAuthenticated: key != nil)
        estimate = ErrorEstimate(errorNs: errorNs, format: format)
    }

    /// Returns the reason why a packet is not answered; nil if it is.
    package func refusal(_ packet: UnsafeRawBufferPointer) -> Refusal? {
        guard let start = packet.baseAddress else { return .short }
        guard let key else { return packet.count < Self.minimumBytes ? .short : nil }
        guard packet.count >= layout.baseBytes else { return .short }
        let covered = UnsafeRawBufferPointer(start: start, count: PacketLayout.macOffset)
        return key.tag(covered).isAt(start + PacketLayout.macOffset) ? nil : .authentication
    }

    /// Returns the session identifier of a packet that is not refused.
    package func session(_ packet: UnsafeRawBufferPointer) -> UInt16 {
        guard let start = packet.baseAddress, packet.count >= Self.minimumBytes else { return 0 }
        return start.big(layout.session, as: UInt16.self)
    }

    /// Turns a packet that is not refused into its answer.
    /// - Parameters:
    ///   - packet: The packet's memory, of at least ``PacketLayout/baseBytes``.
    ///   - length: The packet's length.
    ///   - session: The session's counts; nil for a stateless reflector.
    ///   - nowNs: The wall time, read when all but the timestamp and the HMAC is written.
    /// - Returns: The answer's length, and its differentiated services codepoint if the packet asks
    ///   for one (RFC 8972 §4.4).
    package func reflect(
        _ packet: UnsafeMutableRawBufferPointer, length: Int, arrival: Arrival,
        session: SessionCounts?, nowNs: () -> Int64
    ) -> (length: Int, codepoint: UInt8?) {
        guard let start = packet.baseAddress, packet.count >= layout.baseBytes else {
            preconditionFailure("memory for a base packet")
        }
        for index in length..<max(length, layout.baseBytes) { packet[index] = 0 }
        let read = UnsafeRawPointer(start)
        let sequence = read.big(0, as: UInt32.self)
        let stamp = read.big(layout.timestamp, as: UInt64.self)
        let senderEstimate = read.big(layout.errorEstimate, as: UInt16.self)
        let identifier = read.big(layout.session, as: UInt16.self)
        for index in 0..<layout.baseBytes { packet[index] = 0 }
        let ownSequence = session?.sent ?? sequence
        start.put(ownSequence, at: 0)
        start.put(estimate.bits, at: layout.errorEstimate)
        start.put(identifier, at: layout.session)
        start.put(sequence, at: layout.senderSequence)
        start.put(stamp, at: layout.senderTimestamp)
        start.put(senderEstimate, at: layout.senderErrorEstimate)
        packet[layout.senderHopLimit] = arrival.hopLimit
        let extensions = Extensions(start, base: layout.baseBytes, length: length, key: key)
        let codepoint = extensions.reflect(
            arrival: arrival, isSynchronized: estimate.isSynchronized, session: session,
            sequence: sequence, ownSequence: ownSequence)
        let nowNs = nowNs()
        // The wall clock may have been stepped back since.
        start.put(
            format.stamp(wallNs: min(arrival.wallNs, nowNs)), at: layout.receiveTimestamp)
        start.put(format.stamp(wallNs: nowNs), at: layout.timestamp)
        if let key {
            key.tag(UnsafeRawBufferPointer(start: start, count: PacketLayout.macOffset))
                .write(at: start + PacketLayout.macOffset)
        }
        return (max(length, layout.baseBytes), codepoint)
    }
}
