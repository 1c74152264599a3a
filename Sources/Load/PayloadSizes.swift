/// The sizes of a stream's probes, where they differ: each follows from the probe's session and
/// sequence number, so that every end knows it.
package struct PayloadSizes: Codable, Sendable, Equatable {
    /// A range of sizes with its weight; all sizes of it are equally frequent.
    package struct Share: Codable, Sendable, Equatable {
        /// The payload in bytes.
        package var low: Int
        package var high: Int
        package var weight: Int

        package init(low: Int, high: Int, weight: Int) {
            precondition(
                low >= PayloadSizes.bytesLeast && low <= high && weight > 0,
                "a range of legal sizes with a weight")
            self.low = low
            self.high = high
            self.weight = weight
        }
    }

    /// The ranges of random sizes; one with all sizes if they are sent in turn.
    package let shares: [Share]
    private let weights: UInt64
    /// The sizes that each flow sends in turn; nil if they are random.
    private let turn: [Int]?
    /// The sequence number on the wire with the first of the sizes in turn.
    package var first: UInt32 = 0
    /// The seed of the sizes of a run.
    package var seed = 0

    /// The smallest payload of a mix: the whole header of a probe, which a reader then need not ask
    /// for piece by piece.
    package static let bytesLeast = 28

    package init(_ shares: [Share]) {
        precondition(!shares.isEmpty, "a mix has a size")
        self.shares = shares
        weights = shares.reduce(0) { $0 + UInt64($1.weight) }
        turn = nil
    }

    /// - Parameter sizes: The payloads in bytes that each flow sends in turn, again and again.
    package init(inTurn sizes: [Int]) {
        let (low, high) = (sizes.min() ?? 0, sizes.max() ?? 0)
        shares = [Share(low: low, high: high, weight: 1)]
        weights = 1
        turn = sizes
    }

    package var bytesMost: Int { shares.reduce(0) { max($0, $1.high) } }

    /// The mean size in bytes.
    package var meanBytes: Double {
        if let turn { return Double(turn.reduce(0, +)) / Double(turn.count) }
        return shares.reduce(0) { $0 + Double($1.low + $1.high) / 2 * Double($1.weight) }
            / Double(weights)
    }

    /// Returns the size of a probe.
    /// - Parameter sequence: The sequence number on the wire.
    package func bytes(session: UInt16, sequence: UInt32) -> Int {
        if let turn { return turn[Int(sequence &- first) % turn.count] }
        // The output function of SplitMix64 (Steele, Lea, Flood 2014).
        var bits = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15
        bits ^= UInt64(session) << 32 | UInt64(sequence)
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        var place = (bits >> 32).multipliedFullWidth(by: weights << 32).high
        for share in shares {
            if place < UInt64(share.weight) {
                let low = bits & 0xffff_ffff
                return share.low + Int((low &* UInt64(share.high - share.low + 1)) >> 32)
            }
            place -= UInt64(share.weight)
        }
        return bytesMost
    }
}
