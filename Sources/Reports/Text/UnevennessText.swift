/// Sentences on differences between the flows of a stream, and on changes over time.
extension StreamReport {
    package var unevenness: [String] {
        [fairness?.sentence].compactMap { $0 } + courseSentences
    }
}

extension FairnessReport {
    /// A sentence on the worst and the best flow; nil if they differ by 5 % or less.
    fileprivate var sentence: String? {
        guard Double(worstReceived) < 0.95 * Double(bestReceived) else { return nil }
        let index = index.map { " \(UnitText.text($0, unit: nil))" } ?? ""
        let worst = "flow \(worstFlow) received \(UnitText.count(worstReceived))"
        return "fairness\(index): \(worst), flow \(bestFlow) \(UnitText.count(bestReceived))"
    }
}

extension StreamReport {
    /// Sentences on drifts and steps.
    package var courseSentences: [String] {
        let latency = latencyCourseNs.flatMap { course in
            course.sentence("latency") { UnitText.time(ns: $0) }
        }
        let loss = lossCourseRatio.flatMap { course in
            course.sentence("loss") { UnitText.ratio($0) }
        }
        return [latency, loss].compactMap { $0 }
    }
}

extension CourseReport {
    fileprivate func sentence(_ figure: String, _ text: (Double) -> String) -> String? {
        guard kind != .steady else { return nil }
        let levels = "from \(text(before)) to \(text(after))"
        guard let atNs else { return "\(figure) drifted \(levels)" }
        return "\(figure) stepped \(levels) after \(UnitText.time(ns: atNs))"
    }
}
