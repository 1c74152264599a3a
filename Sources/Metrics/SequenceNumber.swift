/// Unwraps a 32-bit wire sequence number to the 64-bit one nearest to `reference` (row N22).
/// - Returns: nil if that number would be below zero.
@inline(__always)
func unwrapped(_ wireSequence: UInt32, near reference: UInt64) -> UInt64? {
    let distance = Int32(bitPattern: wireSequence &- UInt32(truncatingIfNeeded: reference))
    // `&+`: sequence numbers start below 2^63, so only going below zero can leave the range.
    let sequence = Int64(bitPattern: reference) &+ Int64(distance)
    return sequence < 0 ? nil : UInt64(bitPattern: sequence)
}

/// Checks the parameters that both kinds of window have.
func checkWindow(capacity: Int, firstSequence: UInt64, timeoutNs: Int64) {
    precondition(
        capacity > 0 && capacity & (capacity - 1) == 0 && capacity <= 1 << 26,
        "a window's capacity is a power of two up to 2^26")
    precondition(firstSequence < 1 << 62, "sequence numbers start below 2^62")
    precondition(timeoutNs > 0, "a timeout above zero")
}
