/// A number of a stream in the report that a threshold may bound.
package struct Figure: Sendable, Equatable {
    /// The dimension of a figure, which determines the unit in a threshold.
    package enum Dimension: String, Sendable, CaseIterable {
        /// Nanoseconds in the report, `50ms` in a threshold.
        case time = "a duration"
        /// The same, but possibly negative: delay variation.
        case signedTime = "a signed duration"
        /// 0.02 in the report, `2%` or `0.02` in a threshold.
        case ratio = "a ratio"
        /// A whole number.
        case count = "a count"
        /// A number without unit that need not be whole, such as the mean of counts.
        case number = "a number"
        /// Payload bytes, `64KiB` in a threshold.
        case bytes = "a size"
        /// Packets per second, `20kpps` in a threshold.
        case packetRate = "a packet rate"
        /// Bits per second, `10Mbit` in a threshold.
        case bitRate = "a bit rate"
    }

    /// The keys from the stream to the number, as the report spells them: `rtt_ns`, `p99`.
    package let reportPath: [String]
    package let dimension: Dimension

    /// The figure's name in a threshold, without the unit of its group: `rtt.p99`.
    package var name: String {
        reportPath.map(Self.withoutUnit).joined(separator: ".")
    }

    /// The unit of the number in the report.
    package var unit: ReportUnit? { ReportFormat.streamField(reportPath)?.unit }

    /// Whether the figure is a share of a whole. The only ratio that is not is the duplication
    /// fraction, which is 2 where every datagram came three times (RFC 5560 §5.1).
    package var isShare: Bool {
        dimension == .ratio && reportPath != ["duplication", "fraction"]
    }

    /// Removes the unit of a key, as in `rtt_ns` → `rtt`: a threshold has the unit in its value.
    package static func withoutUnit(_ key: String) -> String {
        key.hasSuffix("_ns") ? String(key.dropLast(3)) : key
    }
}
