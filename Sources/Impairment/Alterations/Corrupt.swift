extension Alteration {
    /// Inverts bits of the payload.
    package static let corrupt = Alteration(
        key: "corrupt", name: "a corruption",
        summary:
            "The share of datagrams in which bits of the payload are inverted; such a datagram is "
            + "lost.",
        amount: Amount(
            key: "bits", range: 1...1_000, usual: 1,
            summary: "The number of bits of the payload that are inverted."),
        flagHelp:
            "The share of which bits are inverted: 0.1%, or probability=1%,bits=3.",
        count: Count(key: "corrupted", summary: "Of `forwarded`: with inverted bits."),
        choosing: .corrupt, applying: .corruption
    ) { payload, bits, seed in
        Corruption(bits: bits, seed: seed, payloadBytes: payload.count).apply(to: payload)
        return payload.count
    }
}

extension AlterationShare {
    /// Makes a corruption of a share of the datagrams.
    /// - Parameter bits: At least 1; all bits of a shorter payload are inverted.
    package static func corrupt(_ probability: Probability, bits: Int = 1) -> AlterationShare {
        AlterationShare(Alteration.corrupt.key, probability: probability, amount: bits)
    }
}

extension RandomStream.Purpose {
    fileprivate static let corrupt = RandomStream.Purpose(rawValue: 7)
    fileprivate static let corruption = RandomStream.Purpose(rawValue: 8)
}

/// The bits of a payload to invert: a random bit in each of `count` equal parts, so that no bit is
/// chosen twice and nothing has to be remembered.
package struct Corruption: Sendable {
    /// The number of bits: as requested, or all bits of a shorter payload.
    package let count: Int
    private let bitsInPayload: Int
    private let draws: RandomStream

    package init(bits: Int, seed: UInt64, payloadBytes: Int) {
        bitsInPayload = payloadBytes * 8
        count = min(bits, bitsInPayload)
        draws = RandomStream(seed: seed)
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
