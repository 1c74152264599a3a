/// The rate of a flow over time: stretches in each of which it changes at a constant pace.
///
/// The number of datagrams that are due by a time is the integral of the rate, and its inverse is
/// the time of a datagram: `datagrams(byNs:)` and `timeNs(ofDatagram:)`. Both cost a search over
/// the stretches, of which a profile has few.
package struct RateProfile: Codable, Sendable, Equatable {
    /// A stretch of time in which the rate goes from one value to another in a straight line.
    package struct Stretch: Codable, Sendable, Equatable {
        package var lengthNs: Int64
        /// The datagrams per second at its start and at its end.
        package var fromPps: Double
        package var toPps: Double

        package init(lengthNs: Int64, fromPps: Double, toPps: Double) {
            precondition(lengthNs > 0 && fromPps >= 0 && toPps >= 0, "a stretch of 1 ns or more")
            self.lengthNs = lengthNs
            self.fromPps = fromPps
            self.toPps = toPps
        }

        package init(lengthNs: Int64, pps: Double) {
            self.init(lengthNs: lengthNs, fromPps: pps, toPps: pps)
        }

        var datagrams: Double { (fromPps + toPps) / 2 * Double(lengthNs) / 1e9 }

        /// Returns the datagrams that are due in the first `ns` of it.
        func datagrams(in ns: Double) -> Double {
            let slope = (toPps - fromPps) / Double(lengthNs)
            return (fromPps + slope * ns / 2) * ns / 1e9
        }

        /// Returns the time in which `count` datagrams are due, at most the whole length.
        func ns(of count: Double) -> Double {
            let slope = (toPps - fromPps) / Double(lengthNs)
            let wanted = count * 1e9
            // The root of slope/2 x² + from x = wanted, in the form that loses no digits where the
            // slope is small.
            let root = (fromPps * fromPps + 2 * slope * wanted).squareRoot()
            let sum = fromPps + (root.isNaN ? 0 : root)
            guard sum > 0 else { return 0 }
            return min(Double(lengthNs), 2 * wanted / sum)
        }
    }

    /// The stretches in order; after the last one its final rate is kept, or the profile begins
    /// again.
    package let stretches: [Stretch]
    package let repeats: Bool
    /// The datagrams and the time before each stretch, and before the end of the last.
    private let datagramsBefore: [Double]
    private let nsBefore: [Double]

    /// Makes a profile of one stretch or more, one of which has a rate.
    package init(_ stretches: [Stretch], repeats: Bool = false) {
        precondition(stretches.contains { $0.datagrams > 0 }, "a profile has a rate")
        self.stretches = stretches
        self.repeats = repeats
        var datagrams = [0.0]
        var ns = [0.0]
        for stretch in stretches {
            datagrams.append(datagrams[datagrams.count - 1] + stretch.datagrams)
            ns.append(ns[ns.count - 1] + Double(stretch.lengthNs))
        }
        datagramsBefore = datagrams
        nsBefore = ns
    }

    package var lengthNs: Int64 { stretches.reduce(0) { $0 + $1.lengthNs } }

    private var finalPps: Double { stretches[stretches.count - 1].toPps }
    private var datagramsOfAll: Double { datagramsBefore[stretches.count] }
    private var nsOfAll: Double { nsBefore[stretches.count] }

    /// Returns the datagrams of a flow that are due in the first `ns`.
    package func datagrams(byNs ns: Double) -> Double {
        guard ns > 0 else { return 0 }
        var (ns, before) = (ns, 0.0)
        if ns >= nsOfAll {
            guard repeats else {
                return datagramsOfAll + (ns - nsOfAll) * finalPps / 1e9
            }
            let rounds = (ns / nsOfAll).rounded(.down)
            before = rounds * datagramsOfAll
            ns -= rounds * nsOfAll
        }
        let index = stretch(at: ns, in: nsBefore)
        return before + datagramsBefore[index]
            + stretches[index].datagrams(in: ns - nsBefore[index])
    }

    /// Returns the time at which datagram `number` of a flow is due: the first has number 0 and is
    /// due at the start, or as soon as there is a rate.
    package func timeNs(ofDatagram number: Double) -> Double {
        // Sums of rates come out a little below the whole numbers that they stand for.
        var (number, before) = (number + Self.rounding, 0.0)
        if number >= datagramsOfAll {
            guard repeats else {
                guard finalPps > 0 else { return .infinity }
                return nsOfAll + max(0, number - Self.rounding - datagramsOfAll) / finalPps * 1e9
            }
            let rounds = (number / datagramsOfAll).rounded(.down)
            before = rounds * nsOfAll
            number -= rounds * datagramsOfAll
        }
        let index = stretch(at: number, in: datagramsBefore)
        let inside = max(0, number - Self.rounding - datagramsBefore[index])
        return before + nsBefore[index] + stretches[index].ns(of: inside)
    }

    private static let rounding = 1e-6

    /// Returns the last stretch that begins at or before `value`.
    private func stretch(at value: Double, in starts: [Double]) -> Int {
        var (low, high) = (0, stretches.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= value { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// The highest rate of all stretches.
    package var peakPps: Double {
        stretches.reduce(0) { max($0, $1.fromPps, $1.toPps) }
    }
}

extension RateProfile {
    private enum Key: String, CodingKey { case stretches, repeats }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: Key.self)
        let stretches = try keys.decode([Stretch].self, forKey: .stretches)
        guard stretches.allSatisfy({ $0.lengthNs > 0 && $0.fromPps >= 0 && $0.toPps >= 0 }),
            stretches.contains(where: { $0.datagrams > 0 })
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .stretches, in: keys, debugDescription: "a profile without a rate")
        }
        self.init(stretches, repeats: try keys.decode(Bool.self, forKey: .repeats))
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: Key.self)
        try keys.encode(stretches, forKey: .stretches)
        try keys.encode(repeats, forKey: .repeats)
    }
}
