/// A list of numbers that is written as the lengths of its runs: `[60, 9999, 59, 1]` for 9,999
/// times 60 and one 59. Of thousands of flows most have sent as many.
@propertyWrapper
package struct RunLengths: Codable, Sendable {
    package var wrappedValue: [Int]

    package init(wrappedValue: [Int]) { self.wrappedValue = wrappedValue }

    /// The maximum length of a list: more than a run has sessions.
    private static let countMax = 1 << 20

    package init(from decoder: any Decoder) throws {
        var pairs = try decoder.unkeyedContainer()
        wrappedValue = []
        while !pairs.isAtEnd {
            let value = try pairs.decode(Int.self)
            let count = try pairs.decode(Int.self)
            guard count > 0, count <= Self.countMax - wrappedValue.count else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: decoder.codingPath, debugDescription: "a run of \(count)"))
            }
            wrappedValue += repeatElement(value, count: count)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var pairs = encoder.unkeyedContainer()
        var first = 0
        while first < wrappedValue.count {
            let value = wrappedValue[first]
            let end = wrappedValue[first...].firstIndex { $0 != value } ?? wrappedValue.count
            try pairs.encode(value)
            try pairs.encode(end - first)
            first = end
        }
    }
}
