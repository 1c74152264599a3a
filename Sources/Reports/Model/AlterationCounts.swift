import Impairment
import JSON

/// The datagrams that a relay forwarded altered, by alteration. The keys are in the object that has
/// the counts, one for each registered `Alteration`.
package struct AlterationCounts: Sendable, Equatable {
    private var counts: [String: Int]

    /// Makes counts.
    /// - Parameter counts: The counts by the alteration's `count.key`; a missing one is 0.
    package init(_ counts: [String: Int] = [:]) {
        self.counts = Dictionary(
            uniqueKeysWithValues: Alteration.all.map {
                ($0.count.key, counts[$0.count.key] ?? 0)
            })
    }

    package subscript(_ alteration: Alteration) -> Int { counts[alteration.count.key] ?? 0 }

    /// The sum of the counts, in which a datagram with several alterations counts for each of them.
    package var sum: Int { Alteration.all.reduce(0) { $0 + self[$1] } }
}

extension AlterationCounts: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONCodingKey.self)
        counts = [:]
        for alteration in Alteration.all {
            let key = JSONCodingKey(stringValue: alteration.count.key)
            counts[alteration.count.key] = try container.decode(Int.self, forKey: key)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONCodingKey.self)
        for alteration in Alteration.all {
            let key = JSONCodingKey(stringValue: alteration.count.key)
            try container.encode(self[alteration], forKey: key)
        }
    }
}
