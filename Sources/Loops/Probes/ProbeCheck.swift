/// The keyed check over a probe's header: sequence number (all 64 bits), timestamp and session.
///
/// The key is derived from the run id, which only the runner and its workers know: it is on no wire
/// and in no report. The wire carries only `runTag`, 32 bits of one of its images.
///
///     h     = fold((sequence ^ k0) × (timestamp ^ k1))
///     check = fold((h ^ k2) × (session ^ k3))          fold(x) = high half ^ low half of 128 bits
///
/// A CRC is linear: an attacker who has seen one probe can alter its header and correct the CRC,
/// whatever the secret. A keyed cryptographic hash (SipHash-1-3) costs 15 to 20 ns a header, as
/// much as a whole datagram of a super-packet does. Two folded multiplications with 256 bits of key
/// are not linear and cost about 2 ns; they are not cryptographically secure, and need not be: a
/// forger has to guess a check of 48 bits (of 16 if the payload is shorter than 20 B), and a hit
/// changes one sequence number that was due to be sent.
struct ProbeCheck: Sendable {
    /// The public image of the run id.
    let runTag: UInt32
    private let sequenceKey: UInt64
    private let stampKey: UInt64
    private let foldKey: UInt64
    private let sessionKey: UInt64

    init(runID: UInt64) {
        var state = runID
        func next() -> UInt64 {
            // SplitMix64 (Steele, Lea, Flood 2014): each image of the state by a bijection.
            state &+= 0x9e37_79b9_7f4a_7c15
            var image = state
            image = (image ^ image >> 30) &* 0xbf58_476d_1ce4_e5b9
            image = (image ^ image >> 27) &* 0x94d0_49bb_1331_11eb
            return image ^ image >> 31
        }
        runTag = UInt32(truncatingIfNeeded: next() >> 32)
        sequenceKey = next()
        stampKey = next()
        foldKey = next()
        // So that no session makes the second factor 0.
        sessionKey = next() | 1 << 63
    }

    /// Returns the check of one probe, of which the wire carries the low 16 or 48 bits.
    /// - Parameter stamp: The timestamp of the wire, in host order.
    @inline(__always)
    func value(sequence: UInt64, stamp: UInt64, session: UInt16) -> UInt64 {
        let inner = (sequence ^ sequenceKey).multipliedFullWidth(by: stamp ^ stampKey)
        let folded = inner.high ^ inner.low ^ foldKey
        let outer = folded.multipliedFullWidth(by: UInt64(session) ^ sessionKey)
        return outer.high ^ outer.low
    }
}
