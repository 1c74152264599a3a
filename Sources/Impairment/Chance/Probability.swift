/// A probability in billionths, as plans state it in percent with seven decimals.
///
/// The value is an integer so that draws against it have the same result on every machine.
package struct Probability: Codable, Sendable, Equatable, Comparable {
    /// The probability in billionths, 0…1,000,000,000.
    package let billionths: Int

    /// Makes a probability. Traps outside 0…1,000,000,000.
    package init(billionths: Int) {
        precondition((0...Self.certainty).contains(billionths), "no probability: \(billionths)")
        self.billionths = billionths
    }

    /// Makes the probability nearest to `ratio`. Traps outside 0…1.
    package init(_ ratio: Double) {
        self.init(billionths: Int((ratio * Double(Self.certainty)).rounded()))
    }

    package static let never = Probability(billionths: 0)
    package static let always = Probability(billionths: certainty)

    /// The probability as a number in 0…1.
    package var ratio: Double { Double(billionths) / Double(Self.certainty) }

    /// The probability of the opposite.
    package var complement: Probability {
        Probability(billionths: Self.certainty - billionths)
    }

    package static func < (one: Probability, other: Probability) -> Bool {
        one.billionths < other.billionths
    }

    static let certainty = 1_000_000_000
}

extension Probability {
    /// Decodes a bare integer. A number outside the range comes from a damaged message and is an
    /// error.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let billionths = try container.decode(Int.self)
        guard (0...Self.certainty).contains(billionths) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(billionths) is no probability")
        }
        self.init(billionths: billionths)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(billionths)
    }
}
