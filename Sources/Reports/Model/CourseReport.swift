import Metrics

/// The course of a figure over the intervals of a stream. The last of them, which has the drain, is
/// left out.
package struct CourseReport: Codable, Sendable, Equatable {
    package var kind: Course.Kind
    package var before: Double
    package var after: Double
    /// The start of the first interval after the step; nil without a step.
    package var atNs: Int?

    /// The relative change of the latency, and the absolute one of the loss, that matter.
    private static let latencyChangeLeast = 0.05
    private static let lossChangeLeast = 0.000_01

    /// Returns the course of the median delays; nil if too few intervals have one.
    package static func latency(_ intervals: [IntervalFigures]) -> CourseReport? {
        of(
            intervals, leastChange: { latencyChangeLeast * $0 },
            value: { $0.rttP50Ns.map { Double($0) } })
    }

    /// Returns the course of the loss ratios; nil if too few intervals have sent anything.
    package static func loss(_ intervals: [IntervalFigures]) -> CourseReport? {
        of(
            intervals, leastChange: { _ in lossChangeLeast },
            value: { $0.sent > 0 ? Double($0.lost) / Double($0.sent) : nil })
    }

    private static func of(
        _ intervals: [IntervalFigures], leastChange: (Double) -> Double,
        value: (IntervalFigures) -> Double?
    ) -> CourseReport? {
        let whole = intervals.dropLast().filter { value($0) != nil }
        let course = Course.of(whole.compactMap(value), leastChange: leastChange)
        return course.map { course in
            // A line may begin or end below zero, where no latency and no loss is.
            CourseReport(
                kind: course.kind, before: max(0, course.before), after: max(0, course.after),
                atNs: course.stepIndex.map { whole[$0].startNs })
        }
    }
}
