/// A fault that alters the payload of a share of the datagrams, each chosen independently.
///
/// Every alteration is declared in one file beside this one and registered in `all`. The plan's
/// key, the relay's flags and summary, the schema, the tables of the documents, the words of the
/// relay's log and the counts of the report are made from that.
package struct Alteration: Sendable {
    /// Key in a plan, and name of the relay's flag.
    package let key: String
    /// With its article, for messages: `a corruption`.
    package let name: String
    /// The plan key's sentence in the schema.
    package let summary: String
    package let amount: Amount
    /// The flag's sentence in `--help`.
    package let flagHelp: String
    package let count: Count
    /// Streams of the draws: which datagrams it hits, and what `apply` draws from.
    let choosing: RandomStream.Purpose
    let applying: RandomStream.Purpose
    /// Alters the payload, never an empty one, and returns how many of its bytes are left; nil when
    /// it left the payload as it was.
    let apply: @Sendable (UnsafeMutableRawBufferPointer, _ amount: Int, _ seed: UInt64) -> Int?

    /// How hard a datagram is hit.
    package struct Amount: Sendable {
        package let key: String
        package let range: ClosedRange<Int>
        /// The amount where a plan gives the share alone.
        package let usual: Int
        package let summary: String
    }

    /// The account of a relay's report.
    package struct Count: Sendable {
        package let key: String
        package let summary: String
    }

    /// All alterations, in the order in which they befall a datagram. An index into this array
    /// stands for an alteration; new ones go to the end, so that a seed goes on meaning the same.
    package static let all = [corrupt]

    /// - Precondition: `key` is registered.
    static func index(_ key: String) -> Int {
        guard let index = all.firstIndex(where: { $0.key == key }) else {
            preconditionFailure("\(key) is no alteration")
        }
        return index
    }
}

/// An alteration as a network has it: which, of what share of the datagrams, and how hard.
package struct AlterationShare: Codable, Sendable, Equatable {
    /// Of a registered `Alteration`.
    package var key: String
    package var probability: Probability
    /// In the alteration's `amount.range`.
    package var amount: Int

    package init(_ key: String, probability: Probability, amount: Int) {
        self.key = key
        self.probability = probability
        self.amount = amount
    }
}

/// The alterations that one datagram meets.
package struct AlterationSet: Sendable, Equatable {
    /// Bit i stands for `Alteration.all[i]`.
    private var bits: UInt16 = 0
    /// Amounts and seeds, folded for `DecisionDigest`.
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
