import Metrics
import Reports

/// The losses of each interval by account.
///
/// A loss counts in the interval in which its probe was sent. A run of losses that spans several
/// intervals is divided by time, as far as each interval has losses left. What is not known one by
/// one is in the only account that has losses, or else in `lost_unsplit`.
struct IntervalLosses: Sendable {
    private let lengthNs: Int
    private var intervals: [IntervalFigures]
    /// The losses of each interval without an account so far.
    private var left: [Int]
    private var accounts: [[LossAccount: Int]]

    init(_ intervals: [IntervalFigures], lengthNs: Int64) {
        self.intervals = intervals
        self.lengthNs = Int(lengthNs)
        left = intervals.map(\.lost)
        accounts = Array(repeating: [:], count: intervals.count)
    }

    /// Returns the intervals with their losses by account.
    mutating func divided(by runs: [LossRunReport], _ ledger: Ledger) -> [IntervalFigures] {
        let spans = runs.map { index(of: $0.atNs)...max(index(of: $0.atNs), index(of: $0.untilNs)) }
        for (run, span) in zip(runs, spans) where span.count == 1 {
            _ = take(run.count, run.account, at: span.lowerBound)
        }
        for (run, span) in zip(runs, spans) where span.count > 1 { divide(run, over: span) }
        let possible = LossAccount.allCases.filter { ledger.count(of: $0) > 0 }
        let rest = possible.count == 1 ? possible[0] : .lostUnsplit
        for index in intervals.indices {
            _ = take(left[index], rest, at: index)
            intervals[index].lostBy = Dictionary(
                uniqueKeysWithValues: accounts[index].map { ($0.key.rawValue, $0.value) })
        }
        return intervals
    }

    private func index(of timeNs: Int) -> Int {
        let since = timeNs - intervals[0].startNs
        return since < 0 ? 0 : min(since / lengthNs, intervals.count - 1)
    }

    private mutating func divide(_ run: LossRunReport, over span: ClosedRange<Int>) {
        let perNs = Double(run.count) / Double(max(1, run.untilNs - run.atNs))
        var rest = run.count
        for index in span {
            let startNs = max(run.atNs, intervals[index].startNs)
            let endNs = min(run.untilNs, intervals[index].startNs + lengthNs)
            let share = (Double(max(0, endNs - startNs)) * perNs).rounded()
            rest -= take(min(rest, Int(share)), run.account, at: index)
        }
        for index in span where rest > 0 { rest -= take(rest, run.account, at: index) }
    }

    /// Moves up to `count` losses of an interval to an account, and returns their number.
    private mutating func take(_ count: Int, _ account: LossAccount, at index: Int) -> Int {
        let taken = min(count, left[index])
        guard taken > 0 else { return 0 }
        left[index] -= taken
        accounts[index][account, default: 0] += taken
        return taken
    }
}
