/// A non-negative time between two moments of one clock, in nanoseconds.
///
/// Every duration of a report is made with ``init(from:to:)``, so that moments in an unexpected
/// order give no duration instead of a negative one.
package struct Elapsed: Sendable, Hashable, Comparable {
    package let ns: Int64

    /// - Returns: nil if a moment is unknown or the second precedes the first.
    package init?(from first: Int64?, to second: Int64?) {
        guard let first, let second, second >= first else { return nil }
        let (ns, isOutOfRange) = second.subtractingReportingOverflow(first)
        guard !isOutOfRange else { return nil }
        self.ns = ns
    }

    package static func < (first: Elapsed, second: Elapsed) -> Bool { first.ns < second.ns }
}

/// Coding as a JSON number.
extension Elapsed: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let ns = try container.decode(Int64.self)
        guard let elapsed = Elapsed(from: 0, to: ns) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a duration is not below zero")
        }
        self = elapsed
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(ns)
    }
}
