/// The periods of 10 ms or more in which the sender was stopped or descheduled, without waits.
package struct StallsReport: Codable, Sendable, Equatable {
    package var count = 0
    package var longestNs: Int64 = 0
    package var totalNs: Int64 = 0
    /// The share of the measured time of all threads; nil if that time is 0.
    package var share: Double?

    package init() {}

    /// Makes a report.
    /// - Parameters:
    ///   - measuredNs: The part of the total within the measured time.
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
