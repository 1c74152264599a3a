/// Times of 10 ms or more in which the sender was stopped or descheduled, waits not counted.
package struct StallsReport: Codable, Sendable, Equatable {
    package var count = 0
    package var longestNs: Int64 = 0
    package var totalNs: Int64 = 0
    /// Of the measured time of all threads; nil in no time.
    package var share: Double?

    package init() {}

    /// - Parameters:
    ///   - measuredNs: Of the total, what was within the measured time.
    ///   - allNs: The measured time of all threads.
    package init(
        count: Int, longestNs: Int64, totalNs: Int64, measuredNs: Int64 = 0, ofNs allNs: Int64 = 0
    ) {
        self.count = count
        self.longestNs = longestNs
        self.totalNs = totalNs
        share = allNs > 0 ? Double(measuredNs) / Double(allNs) : nil
    }
}
