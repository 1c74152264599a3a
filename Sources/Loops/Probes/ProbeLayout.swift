import Glibc
import Load

/// The layout of a probe: the sender packet of RFC 8762 §4.2.1 (STAMP, unauthenticated), cut to the
/// payload.
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
/// |      Check, bits 0 to 15      |    Session (RFC 8972 §3)      | 12  one per flow
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                     Check, bits 16 to 47                      | 16  from 20 B on
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                            Run tag                            | 20  from 24 B on
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                  Sequence Number, high half                   | 24  from 28 B on
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                  zero to byte 43, then a fill                 | 28
/// ```
///
/// All fields are in network byte order. The check (``ProbeCheck``) replaces STAMP's error
/// estimate, which is not needed because all workers of a run use the same clock. The probes of one
/// batch carry timestamps one nanosecond apart, so that sequence number and timestamp together
/// identify one probe.
package struct ProbeLayout: Sendable {
    /// The smallest payload: sequence number, timestamp, check and session.
    package static let minimumBytes = 16
    /// The largest payload by RFC 768 and RFC 791: 65,535 less the two headers.
    package static let maximumBytes = 65_507
    /// The end of STAMP's fields, where the fill begins.
    static let stampBytes = 44

    /// The payload of every probe, or of the largest.
    package let payloadBytes: Int
    /// The sizes of the probes, if they differ.
    let sizes: PayloadSizes?
    let check: ProbeCheck
    /// The difference of wall time and monotonic time, the same in every worker of a run.
    package let anchorNs: Int64

    package init(
        payloadBytes: Int, runID: UInt64, anchorNs: Int64, sizes: PayloadSizes? = nil
    ) {
        precondition(payloadBytes >= ProbeLayout.minimumBytes, "a probe has at least 16 bytes")
        self.payloadBytes = payloadBytes
        self.sizes = sizes
        check = ProbeCheck(runID: runID)
        self.anchorNs = anchorNs
    }

    /// Returns the size of a probe of this session and with this number on the wire.
    @inline(__always)
    func bytes(session: UInt16, sequence: UInt32) -> Int {
        guard let sizes else { return payloadBytes }
        return sizes.bytes(session: session, sequence: sequence)
    }

    /// Returns the size that a datagram with this header has if it is a probe.
    @inline(__always)
    func expectedBytes(_ slot: UnsafeRawPointer) -> Int {
        sizes == nil
            ? payloadBytes
            : bytes(session: ProbeLayout.session(slot), sequence: ProbeLayout.sequence(slot))
    }

    /// Returns the layout of answers of a size of their own.
    func answers(ofBytes bytes: Int) -> ProbeLayout {
        ProbeLayout(payloadBytes: bytes, check: check, anchorNs: anchorNs)
    }

    private init(payloadBytes: Int, check: ProbeCheck, anchorNs: Int64) {
        precondition(payloadBytes >= ProbeLayout.minimumBytes, "an answer has at least 16 bytes")
        self.payloadBytes = payloadBytes
        sizes = nil
        self.check = check
        self.anchorNs = anchorNs
    }

    /// Whether the check has 48 bits, and not 16.
    var hasLongCheck: Bool { Self.hasLongCheck(payloadBytes: payloadBytes) }
    var hasRunTag: Bool { payloadBytes >= 24 }
    var hasHighSequence: Bool { payloadBytes >= 28 }

    /// The end of the fields that differ between probes, and of the run tag.
    @inline(__always)
    private var headerBytes: Int {
        hasHighSequence ? 28 : hasRunTag ? 24 : hasLongCheck ? 20 : ProbeLayout.minimumBytes
    }

    package static func hasLongCheck(payloadBytes: Int) -> Bool { payloadBytes >= 20 }

    /// Writes the fields that are equal in all probes: run tag and fill.
    package func prepare(_ slot: UnsafeMutableRawPointer) {
        slot.initializeMemory(as: UInt8.self, repeating: 0, count: payloadBytes)
        if hasRunTag {
            slot.storeBytes(of: check.runTag.bigEndian, toByteOffset: 20, as: UInt32.self)
        }
        var pattern = check.runTag | 1
        for offset in stride(from: ProbeLayout.stampBytes, to: payloadBytes, by: 1) {
            pattern = pattern &* 1_664_525 &+ 1_013_904_223  // wraps: a generator, no count
            slot.storeBytes(of: UInt8(pattern >> 24), toByteOffset: offset, as: UInt8.self)
        }
    }

    /// Writes the fields that differ between probes.
    @inline(__always)
    package func write(
        _ slot: UnsafeMutableRawPointer, session: UInt16, sequence: UInt64, sentNs: Int64
    ) {
        write(slot, session: session, sequence: sequence, stamp: stamp(sentNs))
    }

    /// Returns the timestamp of a monotonic time: seconds, then nanoseconds.
    @inline(__always)
    private func stamp(_ sentNs: Int64) -> UInt64 {
        let wallNs = UInt64(bitPattern: sentNs &+ anchorNs)
        let (seconds, nanoseconds) = wallNs.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds << 32 | nanoseconds
    }

    @inline(__always)
    private func write(
        _ slot: UnsafeMutableRawPointer, session: UInt16, sequence: UInt64, stamp: UInt64
    ) {
        let check = check.value(sequence: sequence, stamp: stamp, session: session)
        slot.storeBytes(
            of: UInt32(truncatingIfNeeded: sequence).bigEndian, toByteOffset: 0, as: UInt32.self)
        slot.storeBytes(of: stamp.bigEndian, toByteOffset: 4, as: UInt64.self)
        slot.storeBytes(
            of: UInt16(truncatingIfNeeded: check).bigEndian, toByteOffset: 12, as: UInt16.self)
        slot.storeBytes(of: session.bigEndian, toByteOffset: 14, as: UInt16.self)
        if hasLongCheck {
            slot.storeBytes(
                of: UInt32(truncatingIfNeeded: check >> 16).bigEndian, toByteOffset: 16,
                as: UInt32.self)
        }
        if hasHighSequence {
            slot.storeBytes(
                of: UInt32(truncatingIfNeeded: sequence >> 32).bigEndian, toByteOffset: 24,
                as: UInt32.self)
        }
    }
}

extension ProbeLayout {
    /// Turns a probe into its answer of this size: the probe of this layout with the same session,
    /// number and timestamp. The answer to a longer probe is its beginning, and a shorter one gets
    /// the fields and the fill that it had no room for.
    /// - Parameters:
    ///   - bytes: The size of the probe.
    ///   - sequence: The sequence number of the probe, all 64 bits.
    ///   - template: What all answers have in common, as `prepare` writes it.
    func turn(
        _ slot: UnsafeMutableRawPointer, ofBytes bytes: Int, sequence: UInt64,
        _ template: UnsafeRawPointer
    ) {
        guard bytes < payloadBytes else {
            // A field that this layout has no room for is no part of it either.
            let cut = min(payloadBytes, ProbeLayout.wholeHeaderBytes) - headerBytes
            if cut > 0 {
                (slot + headerBytes).copyMemory(from: template + headerBytes, byteCount: cut)
            }
            return
        }
        let isWhole = bytes >= ProbeLayout.wholeHeaderBytes
        let from = isWhole ? bytes : ProbeLayout.minimumBytes
        (slot + from).copyMemory(from: template + from, byteCount: payloadBytes - from)
        guard !isWhole else { return }
        write(
            slot, session: ProbeLayout.session(slot), sequence: sequence,
            stamp: ProbeLayout.stamp(slot))
    }

    /// The payload from which on a probe has every field of the header.
    private static var wholeHeaderBytes: Int { 28 }

    /// Writes the fields that differ between probes into `count` contiguous probes, with
    /// consecutive sequence numbers and timestamps one nanosecond apart.
    @inline(__always)
    package func writeRun(
        _ first: UnsafeMutableRawPointer, count: Int, session: UInt16, sequence: UInt64,
        sentNs: Int64
    ) {
        let stamp = stamp(sentNs)
        guard (stamp & 0xffff_ffff) &+ UInt64(count) < 1_000_000_000 else {
            // The run crosses a second, which is rare: each timestamp is computed.
            for index in 0..<count {
                write(
                    first + index &* payloadBytes, session: session,
                    sequence: sequence &+ UInt64(index), sentNs: sentNs &+ Int64(index))
            }
            return
        }
        var slot = first
        for index in 0..<UInt64(truncatingIfNeeded: count) {
            write(slot, session: session, sequence: sequence &+ index, stamp: stamp &+ index)
            slot += payloadBytes
        }
    }

    /// Whether `count` contiguous probes are genuine and consecutive: sequence numbers and
    /// timestamps one apart, each with its check, and all else as in the first.
    ///
    /// This is the common case of a coalesced message; otherwise its probes are checked one by one.
    /// - Parameters:
    ///   - sequence: The sequence number of the first probe, all 64 bits.
    ///   - wholePayload: Compare the fill as well, and not the header alone.
    @inline(__always)
    func isRun(
        _ first: UnsafeRawPointer, count: Int, sequence: UInt64, wholePayload: Bool
    ) -> Bool {
        let stamp = ProbeLayout.stamp(first)
        guard (stamp & 0xffff_ffff) &+ UInt64(count) < 1_000_000_000 else { return false }
        let session = ProbeLayout.session(first)
        let end = wholePayload ? payloadBytes : headerBytes
        var difference: UInt64 = 0
        var slot = first
        for index in 0..<UInt64(truncatingIfNeeded: count) {
            difference |= headerDifference(
                slot, sequence: sequence &+ index, stamp: stamp &+ index, session: session)
            if hasRunTag {
                difference |= UInt64(ProbeLayout.runTag(slot) ^ check.runTag)
            }
            difference |= ProbeLayout.difference(slot, first, from: headerBytes, to: end)
            slot += payloadBytes
        }
        return difference == 0
    }

    /// Returns zero if the fields that differ between probes have these values, and the check is
    /// theirs.
    @inline(__always)
    private func headerDifference(
        _ slot: UnsafeRawPointer, sequence: UInt64, stamp: UInt64, session: UInt16
    ) -> UInt64 {
        let check = check.value(sequence: sequence, stamp: stamp, session: session)
        var difference = UInt64(
            ProbeLayout.sequence(slot) ^ UInt32(truncatingIfNeeded: sequence))
        difference |= ProbeLayout.stamp(slot) ^ stamp
        let word = UInt32(bigEndian: slot.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        difference |= UInt64(word ^ (UInt32(truncatingIfNeeded: check) << 16 | UInt32(session)))
        if hasLongCheck {
            let long = UInt32(bigEndian: slot.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            difference |= UInt64(long ^ UInt32(truncatingIfNeeded: check >> 16))
        }
        if hasHighSequence {
            let high = UInt32(bigEndian: slot.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
            difference |= UInt64(high ^ UInt32(truncatingIfNeeded: sequence >> 32))
        }
        return difference
    }

    /// Whether the header is that of probe `sequence` of this run, with any timestamp and session
    /// that match its check. Reads `minimumBytes`, and the rest of the header as far as
    /// `payloadBytes` include it.
    @inline(__always)
    func isGenuine(_ slot: UnsafeRawPointer, sequence: UInt64) -> Bool {
        headerDifference(
            slot, sequence: sequence, stamp: ProbeLayout.stamp(slot),
            session: ProbeLayout.session(slot)) == 0 && isOfRun(slot)
    }

    /// Whether the payload carries this run's tag, or is too short for a tag.
    @inline(__always)
    func isOfRun(_ slot: UnsafeRawPointer) -> Bool {
        !hasRunTag || ProbeLayout.runTag(slot) == check.runTag
    }

    /// Returns zero if the bytes `from ..< to` of both are equal.
    @inline(__always)
    private static func difference(
        _ one: UnsafeRawPointer, _ other: UnsafeRawPointer, from: Int, to: Int
    ) -> UInt64 {
        // A call costs more than a short comparison; the library is faster for a long one.
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
    static func runTag(_ slot: UnsafeRawPointer) -> UInt32 {
        UInt32(bigEndian: slot.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
    }

    /// Returns the timestamp of the wire, in host order.
    @inline(__always)
    static func stamp(_ slot: UnsafeRawPointer) -> UInt64 {
        UInt64(bigEndian: slot.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
    }

    /// Returns the send time in monotonic nanoseconds.
    @inline(__always)
    static func sentNs(_ slot: UnsafeRawPointer, anchorNs: Int64) -> Int64 {
        let stamp = stamp(slot)
        let wallNs = (stamp >> 32) &* 1_000_000_000 &+ (stamp & 0xffff_ffff)
        return Int64(bitPattern: wallNs) &- anchorNs
    }

    /// Whether the bytes behind the header equal those of `template`.
    @inline(__always)
    func fillAgrees(_ slot: UnsafeRawPointer, _ template: UnsafeRawPointer) -> Bool {
        let from = headerBytes
        return memcmp(slot + from, template + from, expectedBytes(slot) - from) == 0
    }
}
