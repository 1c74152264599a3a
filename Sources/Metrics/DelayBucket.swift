/// A bucket of a histogram of times: the values up to a bound, and above the bound of the bucket
/// before it.
package struct DelayBucket: Codable, Sendable, Equatable {
    /// The greatest value that belongs to the bucket.
    package var upperNs: Int
    /// The number of values, at least 1.
    package var count: Int

    package init(upperNs: Int, count: Int) {
        self.upperNs = upperNs
        self.count = count
    }
}
