/// A distribution of times in a report: `{count, min, mean, p50, …, stddev, buckets}`, all in
/// nanoseconds.
///
/// Everything but the count is nil for an empty distribution: never 0.
package struct DelaySummary: Codable, Sendable, Equatable {
    package var count = 0
    /// The exact minimum.
    package var min: Int?
    /// The exact sum over the count.
    package var mean: Double?
    /// The smallest x with F(x) ≥ 50 % (RFC 2330 §11.3), to three digits, within [min, max];
    /// nil where it falls among the values beyond the histogram's range.
    package var p50: Int?
    package var p75: Int?
    package var p90: Int?
    package var p95: Int?
    package var p99: Int?
    package var p999: Int?
    package var p9999: Int?
    /// The exact maximum.
    package var max: Int?
    /// The population standard deviation.
    package var stddev: Double?
    /// The histogram in ascending order, whose counts add up to `count`; nil for a distribution
    /// whose histogram is not kept, and in reports of versions that had none.
    package var buckets: [DelayBucket]?

    package init() {}
}
