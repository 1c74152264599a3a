import Metrics

@testable import Reports

extension Samples {
    /// A load that was adjusted for a second.
    static var adjustment: AdjustmentReport? {
        LoadRates(upTo: 20e6).map { rates in
            var test = CapacityTest(
                CapacityTest.Settings(
                    startNs: 0, endNs: 2_000_000_000, bitsPerPacket: 1e4, rates: rates,
                    firstRow: 0))
            for index in 1...20 {
                var feedback = LoadFeedback(atNs: Int64(index) * LoadFeedback.everyNs)
                (feedback.received, feedback.expected) = (50 * index, 50 * index)
                (feedback.delayLeastNs, feedback.delayMostNs) = (1_000, 2_000)
                _ = test.take(feedback)
            }
            return AdjustmentReport(test)
        }
    }
}
