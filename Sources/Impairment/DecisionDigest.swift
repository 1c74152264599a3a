/// A fingerprint of all fates that were applied in one direction. The digest does not depend on how
/// the flows interleave: two runs with the same seed and the same datagrams have the same digest.
package struct DecisionDigest: Sendable, Equatable {
    private var sum: UInt64 = 0

    package init() {}

    /// Adds the fate of a datagram.
    /// - Parameter n: the number of the datagram within its flow, from 0.
    package mutating func add(flow: Int, n: UInt64, _ fate: Fate) {
        var hash = RandomStream.mix(UInt64(bitPattern: Int64(flow)) &+ 1)
        hash = RandomStream.mix(hash ^ n)
        hash = RandomStream.mix(hash ^ UInt64(bitPattern: fate.delayNs))
        // The numbers are far below 2^20 in a legal plan; a greater one would only weaken the hash.
        let counts = UInt64(fate.copies) << 40 ^ UInt64(fate.holdDepth) << 20
        hash = RandomStream.mix(
            hash ^ counts ^ fate.alterations.amounts ^ (fate.isLost ? 1 : 0))
        hash = RandomStream.mix(hash ^ fate.alterations.seeds)
        // A sum does not depend on the order; it wraps as hashes do.
        sum &+= hash
    }

    /// The digest as 16 hexadecimal digits, lower case.
    package var text: String {
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
