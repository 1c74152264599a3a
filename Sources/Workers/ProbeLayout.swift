import Glibc

/// The probe: the sender packet of RFC 8762 §4.2.1 (STAMP, unauthenticated), cut to the payload.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                        Sequence Number                        |  0
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                          Timestamp                            |  4  PTPv2: seconds,
/// |                                                               |  8  nanoseconds
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |         Error Estimate        |    Session (RFC 8972 §3)      | 12  one per flow
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                            Run id                             | 16  from 24 B on
/// |                                                               | 20
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                  Sequence Number, high half                   | 24  from 28 B on
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                 zero to octet 43, then a fill                 | 28
/// ```
///
/// All fields are in network byte order. The probes of one batch carry timestamps one nanosecond
/// apart, so that sequence number and timestamp together name one probe: an altered sequence
/// number is found out even in a payload of 16 octets.
package struct ProbeLayout: Sendable {
    /// Sequence number, timestamp, error estimate and session: the smallest payload.
    package static let minimumBytes = 16
    /// RFC 768 and RFC 791: 65,535 less the two headers.
    package static let maximumBytes = 65_507
    /// Where STAMP's fields end and the fill begins.
    static let stampBytes = 44
    /// RFC 8762 §4.2.1: not synchronised to UTC (S=0), PTPv2 format (Z=1), multiplier 1.
    static let errorEstimate: UInt16 = 0x4001

    package let payloadBytes: Int
    package let runID: UInt64
    /// Wall time less monotonic time, the same in every worker of a run.
    package let anchorNs: Int64

    package init(payloadBytes: Int, runID: UInt64, anchorNs: Int64) {
        precondition(payloadBytes >= ProbeLayout.minimumBytes, "a probe has at least 16 octets")
        self.payloadBytes = payloadBytes
        self.runID = runID
        self.anchorNs = anchorNs
    }

    var hasRunID: Bool { payloadBytes >= 24 }
    var hasHighSequence: Bool { payloadBytes >= 28 }

    /// Writes what is the same in every probe: error estimate, run id, fill.
    package func prepare(_ slot: UnsafeMutableRawPointer) {
        slot.initializeMemory(as: UInt8.self, repeating: 0, count: payloadBytes)
        slot.storeBytes(
            of: ProbeLayout.errorEstimate.bigEndian, toByteOffset: 12, as: UInt16.self)
        if hasRunID { slot.storeBytes(of: runID.bigEndian, toByteOffset: 16, as: UInt64.self) }
        var pattern = UInt32(truncatingIfNeeded: runID) | 1
        for offset in stride(from: ProbeLayout.stampBytes, to: payloadBytes, by: 1) {
            pattern = pattern &* 1_664_525 &+ 1_013_904_223  // wraps: a generator, no count
            slot.storeBytes(of: UInt8(pattern >> 24), toByteOffset: offset, as: UInt8.self)
        }
    }

    /// Writes what differs from probe to probe.
    @inline(__always)
    package func write(
        _ slot: UnsafeMutableRawPointer, session: UInt16, sequence: UInt64, sentNs: Int64
    ) {
        slot.storeBytes(
            of: UInt32(truncatingIfNeeded: sequence).bigEndian, toByteOffset: 0, as: UInt32.self)
        let wallNs = UInt64(bitPattern: sentNs &+ anchorNs)
        let (seconds, nanoseconds) = wallNs.quotientAndRemainder(dividingBy: 1_000_000_000)
        slot.storeBytes(
            of: (seconds << 32 | nanoseconds).bigEndian, toByteOffset: 4, as: UInt64.self)
        slot.storeBytes(of: session.bigEndian, toByteOffset: 14, as: UInt16.self)
        if hasHighSequence {
            slot.storeBytes(
                of: UInt32(truncatingIfNeeded: sequence >> 32).bigEndian, toByteOffset: 24,
                as: UInt32.self)
        }
    }
}

extension ProbeLayout {
    /// Writes what differs from probe to probe into `count` probes that lie one behind the other,
    /// with consecutive sequence numbers and timestamps one nanosecond apart.
    @inline(__always)
    package func writeRun(
        _ first: UnsafeMutableRawPointer, count: Int, session: UInt16, sequence: UInt64,
        sentNs: Int64
    ) {
        let wallNs = UInt64(bitPattern: sentNs &+ anchorNs)
        let (seconds, nanoseconds) = wallNs.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard nanoseconds &+ UInt64(count) < 1_000_000_000 else {
            // The run crosses a second: rare, and then each timestamp is computed.
            for index in 0..<count {
                write(
                    first + index &* payloadBytes, session: session,
                    sequence: sequence &+ UInt64(index), sentNs: sentNs &+ Int64(index))
            }
            return
        }
        let stamp = seconds << 32 | nanoseconds
        var slot = first
        for index in 0..<UInt64(truncatingIfNeeded: count) {
            let number = sequence &+ index
            slot.storeBytes(
                of: UInt32(truncatingIfNeeded: number).bigEndian, toByteOffset: 0,
                as: UInt32.self)
            slot.storeBytes(of: (stamp &+ index).bigEndian, toByteOffset: 4, as: UInt64.self)
            slot.storeBytes(of: session.bigEndian, toByteOffset: 14, as: UInt16.self)
            if hasHighSequence {
                slot.storeBytes(
                    of: UInt32(truncatingIfNeeded: number >> 32).bigEndian, toByteOffset: 24,
                    as: UInt32.self)
            }
            slot += payloadBytes
        }
    }

    /// Whether `count` probes that lie one behind the other are consecutive: sequence numbers and
    /// timestamps one apart, and all else, down to the last octet, as in the first.
    ///
    /// The common case of a coalesced message; what is not such a run is looked at one by one.
    /// - Parameter wholePayload: Compare the fill as well, and not the header alone.
    @inline(__always)
    func isRun(_ first: UnsafeRawPointer, count: Int, wholePayload: Bool) -> Bool {
        let sequence = ProbeLayout.sequence(first)
        let stamp = UInt64(bigEndian: first.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
        guard (stamp & 0xffff_ffff) &+ UInt64(count) < 1_000_000_000,
            sequence <= UInt32.max &- UInt32(truncatingIfNeeded: count)
        else { return false }
        let constants = first.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
        let headerBytes = hasHighSequence ? 28 : hasRunID ? 24 : ProbeLayout.minimumBytes
        let end = wholePayload ? payloadBytes : headerBytes
        var difference: UInt64 = 0
        var slot = first
        for index in 1..<UInt64(truncatingIfNeeded: max(1, count)) {
            slot += payloadBytes
            let number = UInt32(bigEndian: slot.loadUnaligned(as: UInt32.self))
            let itsStamp = UInt64(
                bigEndian: slot.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
            let itsConstants = slot.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
            difference |= UInt64(number ^ (sequence &+ UInt32(truncatingIfNeeded: index)))
            difference |= itsStamp ^ (stamp &+ index)
            difference |= UInt64(itsConstants ^ constants)
            difference |= ProbeLayout.difference(slot, first, from: 16, to: end)
        }
        return difference == 0
    }

    /// Zero when the octets `from ..< to` of both are the same.
    @inline(__always)
    private static func difference(
        _ one: UnsafeRawPointer, _ other: UnsafeRawPointer, from: Int, to: Int
    ) -> UInt64 {
        // A call costs more than a short comparison; a long one is the library's.
        if to &- from > 128 { return memcmp(one + from, other + from, to - from) == 0 ? 0 : 1 }
        var difference: UInt64 = 0
        var offset = from
        while offset &+ 8 <= to {
            difference |=
                one.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                ^ other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        while offset < to {
            difference |= UInt64(
                one.load(fromByteOffset: offset, as: UInt8.self)
                    ^ other.load(fromByteOffset: offset, as: UInt8.self))
            offset &+= 1
        }
        return difference
    }
}

extension ProbeLayout {
    @inline(__always)
    static func sequence(_ slot: UnsafeRawPointer) -> UInt32 {
        UInt32(bigEndian: slot.loadUnaligned(as: UInt32.self))
    }

    @inline(__always)
    static func session(_ slot: UnsafeRawPointer) -> UInt16 {
        UInt16(bigEndian: slot.loadUnaligned(fromByteOffset: 14, as: UInt16.self))
    }

    @inline(__always)
    static func runID(_ slot: UnsafeRawPointer) -> UInt64 {
        UInt64(bigEndian: slot.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }

    /// The send time in monotonic nanoseconds.
    @inline(__always)
    static func sentNs(_ slot: UnsafeRawPointer, anchorNs: Int64) -> Int64 {
        let stamp = UInt64(bigEndian: slot.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
        let wallNs = (stamp >> 32) &* 1_000_000_000 &+ (stamp & 0xffff_ffff)
        return Int64(bitPattern: wallNs) &- anchorNs
    }

    /// Whether the fields that no probe of this run changes are as `template` has them.
    @inline(__always)
    func constantFieldsAgree(_ slot: UnsafeRawPointer, _ template: UnsafeRawPointer) -> Bool {
        let estimate = slot.loadUnaligned(fromByteOffset: 12, as: UInt16.self)
        guard estimate == ProbeLayout.errorEstimate.bigEndian else { return false }
        let from = hasHighSequence ? 28 : hasRunID ? 24 : ProbeLayout.minimumBytes
        return memcmp(slot + from, template + from, payloadBytes - from) == 0
    }

    /// The high half of the sequence number, where the payload carries it.
    @inline(__always)
    func highSequence(_ slot: UnsafeRawPointer) -> UInt32? {
        guard hasHighSequence else { return nil }
        return UInt32(bigEndian: slot.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
    }
}
