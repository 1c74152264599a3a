/// A fault that alters the payload of a share of the datagrams, each chosen independently.
///
/// Every alteration is declared in one file beside this one and registered in `all`. The plan's
/// key, the relay's flags and summary, the schema, the tables of the documents, the words of the
/// relay's log and the counts of the report are made from that.
package struct Alteration: Sendable {
    /// Key in a plan, and name of the relay's flag.
    package let key: String
    /// The name with its article, for messages: `a corruption`.
    package let name: String
    /// The plan key's sentence in the schema.
    package let summary: String
    package let amount: Amount
    /// The flag's sentence in `--help`.
    package let flagHelp: String
    package let count: Count
    /// The purposes of the draws: the choice of datagrams, and the seed for `apply`.
    let choosing: RandomStream.Purpose
    let applying: RandomStream.Purpose
    /// Alters a payload, which is never empty, and returns the number of bytes left; nil if the
    /// payload is unchanged.
    let apply: @Sendable (UnsafeMutableRawBufferPointer, _ amount: Int, _ seed: UInt64) -> Int?

    /// The degree of an alteration.
    package struct Amount: Sendable {
        package let key: String
        package let range: ClosedRange<Int>
        /// The amount if a plan has only the share.
        package let usual: Int
        package let summary: String
    }

    /// The account of a relay's report.
    package struct Count: Sendable {
        package let key: String
        package let summary: String
    }

    /// All alterations, in the order in which they are applied to a datagram. An index into this
    /// array identifies an alteration; new ones are appended, so that the meaning of a seed is
    /// kept.
    package static let all = [corrupt, truncate]
}

/// An alteration of a network: its kind, the share of the datagrams, and the degree.
package struct AlterationShare: Codable, Sendable, Equatable {
    /// The key of a registered `Alteration`.
    package var key: String
    package var probability: Probability
    /// The amount, in the alteration's `amount.range`.
    package var amount: Int

    package init(_ key: String, probability: Probability, amount: Int) {
        self.key = key
        self.probability = probability
        self.amount = amount
    }
}

/// The alterations of one datagram.
package struct AlterationSet: Sendable, Equatable {
    /// The bits, of which bit i stands for `Alteration.all[i]`.
    package private(set) var bits: UInt16 = 0
    /// The amounts and seeds, folded for `DecisionDigest`.
    private(set) var amounts: UInt64 = 0
    private(set) var seeds: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { bits == 0 }

    package func contains(_ index: Int) -> Bool { bits >> UInt16(index) & 1 == 1 }

    mutating func insert(_ index: Int, amount: Int, seed: UInt64) {
        bits |= 1 << UInt16(index)
        amounts ^= UInt64(amount) << UInt64(1 + 11 * index)
        seeds ^= seed
    }

    mutating func insert(_ index: Int) { bits |= 1 << UInt16(index) }
}
