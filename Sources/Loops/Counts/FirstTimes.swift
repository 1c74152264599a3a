/// The first of a number of times, and their total number. Plain memory of a fixed size: nothing is
/// allocated.
package struct FirstTimes: BitwiseCopyable, Sendable {
    package static let limit = 64

    /// The total number, including times that are not stored.
    package private(set) var count = 0
    private var kept = InlineArray<64, Int64>(repeating: 0)

    package init() {}

    /// The stored times in order.
    package var timesNs: [Int64] { (0..<min(count, Self.limit)).map { kept[$0] } }

    package var leftOut: Int { max(0, count - Self.limit) }

    /// Adds a time.
    /// - Parameter timeNs: The time, not before those already added.
    mutating func note(_ timeNs: Int64) {
        if count < Self.limit { kept[count] = timeNs }
        count += 1
    }

    /// Adds the times of another thread, or of another process.
    mutating func add(_ other: FirstTimes) {
        let all = (timesNs + other.timesNs).sorted()
        for (index, timeNs) in all.prefix(Self.limit).enumerated() { kept[index] = timeNs }
        count += other.count
    }
}

extension FirstTimes: Equatable {
    package static func == (one: FirstTimes, other: FirstTimes) -> Bool {
        one.count == other.count && one.timesNs == other.timesNs
    }
}

extension FirstTimes: Codable {
    private enum Key: String, CodingKey { case timesNs, count }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for timeNs in try container.decode([Int64].self, forKey: .timesNs).prefix(Self.limit) {
            note(timeNs)
        }
        count = max(count, try container.decode(Int.self, forKey: .count))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(timesNs, forKey: .timesNs)
        try container.encode(count, forKey: .count)
    }
}
