/// Turns the test results of one question into a verdict.
struct ComparisonJudge {
    /// The test; nil if a side has no value.
    let test: RankSumTest?
    let pAdjusted: Double
    let isPrimary: Bool
    /// The tests that are corrected together with this one.
    let group: Family.Group

    /// The maximum width of an interval for the verdict `same`, as a share of the larger median;
    /// for a ratio, the maximum is a percentage point.
    static let sameShareMax = 0.2
    static let samePointsMax = 0.01

    func report(_ question: Comparer.Question) -> ComparisonReport {
        let (figure, sender) = (question.figure, question.sender)
        let sides = [question.a, question.b].map { side in
            SideReport(
                name: side.name, runs: side.runs.count,
                leftOut: side.runs.count - side.usable.count,
                values: side.values(sender, figure.path))
        }
        var report = ComparisonReport(
            scenario: question.scenario, sender: sender, metric: figure.name,
            figure: figure.path.joined(separator: "."), unit: figure.unit?.rawValue,
            primary: isPrimary,
            better: figure.better, a: sides[0], b: sides[1])
        report.reasons = [question.a.omission, question.b.omission].compactMap { $0 }
        report.reasons += zip([question.a, question.b], sides).compactMap(absence)
        let (a, b) = (sides[0].values, sides[1].values)
        if let test, let difference = Shift.difference(a, b) {
            report.effect = EffectReport(
                difference: difference, relative: Shift.relative(a, b), cliffsDelta: test.delta)
            report.p = test.p
            report.pAdjusted = pAdjusted
        }
        judge(&report, alike: question.alike)
        return report
    }

    /// Returns a sentence on runs without a value, `1 of 4 runs of wifi has no value`.
    private func absence(_ side: Comparer.Side, _ report: SideReport) -> String? {
        let usable = report.runs - report.leftOut
        let missing = usable - report.values.count
        guard missing > 0 else { return nil }
        return "\(missing) of \(Comparer.Side.text(usable)) of \(side.name) "
            + "\(missing == 1 ? "has" : "have") no value"
    }

    private func judge(_ report: inout ComparisonReport, alike: Int) {
        guard let test, let effect = report.effect else {
            let side = report.a.values.isEmpty ? report.a : report.b
            return leaveOpen(&report, "\(side.name) has no run with a value")
        }
        if pAdjusted <= Family.level {
            let isBetter = (test.delta > 0) == (report.better == .higher)
            report.verdict = isBetter ? .better : .worse
            report.says = report.verdict.rawValue
            return
        }
        let (a, b) = (report.a.values.count, report.b.values.count)
        let counts = a == b ? "\(a) of each" : "\(a) and \(b)"
        guard RankSumTest.pLeast(a, b) <= group.bound(alike: alike),
            let confidence = effect.confidence, confidence >= ConfidenceInterval.usual - 1e-12
        else {
            let needed = group.runsNeeded(alike: alike)
            return leaveOpen(&report, "\(counts); it takes \(needed) of each")
        }
        guard let room = ComparisonText.room(effect, unit: report.unit) else {
            return leaveOpen(&report, counts)
        }
        let excess = excess(report, effect)
        guard excess > 1 else {
            report.verdict = .same
            report.says = "same within \(room)"
            return
        }
        // The width of an interval falls with the square root of the number of runs.
        let guess = Double(max(a, b)) * excess * excess
        let needed = guess < 1_000 ? "about \(Int(guess.rounded(.up))) of each" : "far more"
        leaveOpen(
            &report, "\(counts) leave room for a difference of \(room); it takes \(needed)")
    }

    private func leaveOpen(_ report: inout ComparisonReport, _ why: String) {
        report.verdict = .noConclusion
        report.says = "no conclusion: too few runs"
        report.reasons.append("too few runs: \(why)")
    }

    /// Returns the width of the interval as a multiple of the maximum for `same`.
    private func excess(_ report: ComparisonReport, _ effect: EffectReport) -> Double {
        let room = [effect.differenceLow, effect.differenceHigh].compactMap { $0.map(abs) }
        let medians = [report.a.median, report.b.median].compactMap { $0.map(abs) }
        guard let widest = room.max(), widest > 0 else { return 0 }
        var allowed = (medians.max() ?? 0) * Self.sameShareMax
        if report.unit == ReportUnit.ratio.rawValue { allowed = max(allowed, Self.samePointsMax) }
        return allowed > 0 ? widest / allowed : .infinity
    }
}
