/// The time that each user of a closed loop lets pass between an answer and its next request.
package struct ThinkTime: Codable, Sendable, Equatable {
    package enum Distribution: String, Codable, Sendable, CaseIterable {
        /// The mean each time.
        case constant
        /// Exponential around the mean: users who decide independently.
        case exponential
    }

    package var meanNs: Int64
    package var distribution: Distribution

    package init(meanNs: Int64, _ distribution: Distribution) {
        self.meanNs = meanNs
        self.distribution = distribution
    }
}
