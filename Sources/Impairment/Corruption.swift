/// The bits of a payload to invert: a random bit in each of `bits` equal parts, so that no bit is
/// chosen twice and nothing has to be remembered.
package struct Corruption: Sendable {
    /// The number of bits: as requested, or all bits of a shorter payload.
    package let count: Int
    private let bitsInPayload: Int
    private let draws: RandomStream

    package init(_ fate: Fate, payloadBytes: Int) {
        bitsInPayload = payloadBytes * 8
        count = min(fate.corruptedBits, bitsInPayload)
        draws = RandomStream(seed: fate.corruptionSeed)
    }

    /// Returns the position of the `index`-th bit, ascending: bit `position % 8`, of value 2^that,
    /// of byte `position / 8`.
    package func position(_ index: Int) -> Int {
        let start = index * bitsInPayload / count
        let end = (index + 1) * bitsInPayload / count
        return start + Int(draws[UInt64(index)].scaled(to: UInt64(end - start)))
    }

    /// Inverts the bits in `payload`, whose length must be that given to `init`.
    package func apply(to payload: UnsafeMutableRawBufferPointer) {
        precondition(payload.count * 8 == bitsInPayload, "another payload")
        for index in 0..<count {
            let position = position(index)
            payload[position / 8] ^= 1 << UInt8(position % 8)
        }
    }
}
