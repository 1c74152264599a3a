/// The comparison of one figure of one sender between two sides: two networks of a report, or two
/// reports.
package struct ComparisonReport: Codable, Sendable, Equatable {
    package enum Better: String, Codable, Sendable, CaseIterable {
        case lower, higher
    }

    package var scenario: String
    package var sender: String
    /// The figure's name in a threshold: `rtt.p99`.
    package var metric: String
    /// The keys from the stream to the value, joined by dots: `rtt_ns.p99`.
    package var figure: String
    /// The unit of the values in the report's format; nil for a number without a unit.
    package var unit: String?
    /// Whether the figure is tested before the others, and corrected apart from them; nil in
    /// reports of versions that corrected all figures together.
    package var primary: Bool?
    package var better: Better
    /// The baseline: the network that the plan names first, or the first report.
    package var a: SideReport
    package var b: SideReport
    /// The effect; nil if a side has no value.
    package var effect: EffectReport?
    /// The p-value of the rank test alone.
    package var p: Double?
    /// The p-value corrected for the comparisons of the table, which determines the verdict.
    package var pAdjusted: Double?
    package var verdict: ComparisonVerdict
    /// The verdict in words: `same within 2.1 %`.
    package var says: String
    /// Further information in sentences.
    package var reasons: [String]

    package init(
        scenario: String, sender: String, metric: String, figure: String, unit: String?,
        primary: Bool? = false, better: Better, a: SideReport, b: SideReport,
        effect: EffectReport? = nil,
        p: Double? = nil, pAdjusted: Double? = nil, verdict: ComparisonVerdict = .noConclusion,
        says: String = "", reasons: [String] = []
    ) {
        self.scenario = scenario
        self.sender = sender
        self.metric = metric
        self.figure = figure
        self.unit = unit
        self.primary = primary
        self.better = better
        self.a = a
        self.b = b
        self.effect = effect
        self.p = p
        self.pAdjusted = pAdjusted
        self.verdict = verdict
        self.says = says
        self.reasons = reasons
    }
}

/// The verdict on b relative to a.
package enum ComparisonVerdict: String, Codable, Sendable, CaseIterable {
    case better, worse
    /// No difference was found, and a larger difference than the interval is ruled out.
    case same
    case noConclusion = "no_conclusion"
}

/// The runs of one side. The unit of the statistics is the run, with one value each.
package struct SideReport: Codable, Sendable, Equatable {
    package var name: String
    package var runs: Int
    /// The number of runs that do not count: inconclusive, invalid or aborted.
    package var leftOut: Int
    /// The values in the order of the runs.
    package var values: [Double]
    package var median: Double?
    /// The lower end of the median's interval; nil for less than two values.
    package var low: Double?
    package var high: Double?
    package var confidence: Double?

    package init(name: String, runs: Int, leftOut: Int, values: [Double]) {
        self.name = name
        self.runs = runs
        self.leftOut = leftOut
        self.values = values
        guard !values.isEmpty else { return }
        median = Reports.median(ofSorted: values.sorted())
        let interval = ConfidenceInterval.median(values)
        (low, high, confidence) = (interval?.low, interval?.high, interval?.confidence)
    }
}

/// The estimated difference between b and a.
package struct EffectReport: Codable, Sendable, Equatable {
    /// The difference b − a, in the unit of the values.
    package var difference: Double
    package var differenceLow: Double?
    package var differenceHigh: Double?
    /// The relative difference b / a − 1; nil unless all values are above zero.
    package var relative: Double?
    package var relativeLow: Double?
    package var relativeHigh: Double?
    /// The confidence of both intervals; nil for one run against one.
    package var confidence: Double?
    package var cliffsDelta: Double

    package init(difference: Shift, relative: Shift?, cliffsDelta: Double) {
        self.difference = difference.estimate
        differenceLow = difference.interval?.low
        differenceHigh = difference.interval?.high
        confidence = difference.interval?.confidence
        self.relative = relative?.estimate
        relativeLow = relative?.interval?.low
        relativeHigh = relative?.interval?.high
        self.cliffsDelta = cliffsDelta
    }
}
