/// Random numbers by counter: the n-th number of a stream is a hash of the stream's key and n, so
/// numbers can be drawn in any order, and skipping some changes no other.
///
/// The hash is the output function of SplitMix64 (Steele, Lea, Flood 2014) over a counter that
/// starts at the first half of the key, and once more with the second half: streams that happen
/// to cross in their counters stay different.
package struct RandomStream: Sendable {
    /// The purpose of a stream of numbers. Every purpose has a stream of its own, so that networks
    /// that differ in one parameter use common random numbers for all others.
    ///
    /// The raw values are part of the meaning of a seed: never change them. Those of an alteration,
    /// from 7 on, are in its file.
    struct Purpose {
        let rawValue: UInt64

        static let loss = Purpose(rawValue: 1)
        static let lossState = Purpose(rawValue: 2)
        static let delay = Purpose(rawValue: 3)
        static let jitter = Purpose(rawValue: 4)
        static let reorder = Purpose(rawValue: 5)
        static let duplicate = Purpose(rawValue: 6)
    }

    private let start: UInt64
    private let key: UInt64

    init(seed: Int, direction: Direction, flow: Int, purpose: Purpose) {
        var state = Self.mix(UInt64(bitPattern: Int64(seed)) &+ Self.step)
        state = Self.mix(state ^ (UInt64(direction.rawValue) + 1))
        state = Self.mix(state ^ UInt64(bitPattern: Int64(flow)))
        self.init(seed: state ^ purpose.rawValue)
    }

    /// Makes a stream from one number.
    package init(seed: UInt64) {
        start = Self.mix(seed)
        // Mixed twice: a key mixed once would cancel the counter's hash at n = 0, or, with the step
        // added, at n = 1.
        key = Self.mix(Self.mix(start))
    }

    /// The n-th number, uniform over 64 bits.
    package subscript(n: UInt64) -> UInt64 {
        Self.mix(Self.mix(start &+ n &* Self.step) ^ key)
    }

    /// The golden ratio in 64 bits, odd: `n &* step` takes every value once before it repeats.
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// A bijection in which every bit of the result depends on every bit of `value`. It is
    /// arithmetic modulo 2^64, hence the wrapping operators.
    package static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension UInt64 {
    /// Returns a random number in 0 ..< `count`, uniform to within 1 in 2^64 / count.
    package func scaled(to count: UInt64) -> UInt64 { multipliedFullWidth(by: count).high }

    /// The random number as a fraction between 0 and 1, both excluded: its upper 53 bits and a
    /// half, which a `Double` holds exactly.
    var fraction: Double { (Double(self >> 11) + 0.5) * 0x1p-53 }
}

/// A probability in the form that random numbers are compared with.
struct Chance: Sendable {
    /// The exclusive upper bound of the random numbers that hit: probability × 2^64, rounded down.
    private let bound: UInt64
    private let isCertain: Bool

    init(_ probability: Probability) {
        self.init(
            UInt64(probability.billionths), of: UInt64(Probability.always.billionths))
    }

    /// Makes the chance `share` / `whole`, with `share` at most `whole`; never if both are 0.
    init(_ share: UInt64, of whole: UInt64) {
        isCertain = share == whole && whole > 0
        bound = isCertain || whole == 0 ? 0 : whole.dividingFullWidth((share, 0)).quotient
    }

    func hits(_ random: UInt64) -> Bool { random < bound || isCertain }
}
