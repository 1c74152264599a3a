import Metrics

/// The summary for a terminal: a row per scenario and network.
///
///       scenario  network  passed    loss  95 % interval      p50      p99     received  host lost
///       voice     clean       5/5     0 %          0 … 0 %  12.3 µs  45.1 µs  64 kbit/s          0
///                 wifi        3/5  1.23 %  1.02 … 1.41 %  …
struct SummaryTable {
    let width: Int
    let style: TerminalStyle

    func lines(of report: Report) -> [String] {
        let rows = report.summaryRows
        let hasSenders = rows.contains { row in
            rows.contains {
                $0.scenario == row.scenario && $0.network == row.network && $0.sender != row.sender
            }
        }
        let names = ["scenario", "network"] + (hasSenders ? ["sender"] : [])
        // Without repeats no row has an interval.
        let isShown = SummaryText.titles(rows).indices.map { column in
            column != SummaryText.intervalColumn || rows.contains { $0.lossInterval != nil }
        }
        func shown(_ cells: [String]) -> [String] {
            zip(cells, isShown).filter(\.1).map(\.0)
        }
        var table = TextTable(
            names.map { .name($0) } + shown(SummaryText.titles(rows)).map { .figure($0) },
            indent: 0)
        var last: SummaryRow?
        for row in rows {
            let isSameScenario = row.scenario == last?.scenario
            let isSameNetwork = isSameScenario && row.network == last?.network
            let name = [isSameScenario ? "" : row.scenario, isSameNetwork ? "" : row.network]
            table.add(
                name + (hasSenders ? [row.sender ?? ""] : [])
                    + shown(SummaryText(row).cells))
            last = row
        }
        return table.lines(width: width, style: style) { row, column in
            column == names.count ? rows[row].verdict.colour : nil
        }.all
    }
}

/// The figures of a summary's row as text, for the terminal, a build's page and the report's page.
package struct SummaryText: Sendable {
    package let passed: String
    package let loss: String
    package let interval: String
    package let p50: String
    package let p99: String
    package let jitter: String
    package let received: String
    package let lostByHost: String

    package init(_ row: SummaryRow) {
        let trials = row.trials.map { ", \($0.passed)/\($0.count) trials" } ?? ""
        passed = "\(row.passed)/\(row.runs)\(trials)"
        loss = UnitText.ratio(row.lossRatio)
        interval = row.lossInterval.map(Self.text) ?? UnitText.none
        p50 = UnitText.time(ns: row.p50Ns)
        p99 = UnitText.time(ns: row.p99Ns)
        jitter = UnitText.time(ns: row.jitterNs)
        received = UnitText.bitRate(row.receivedBitsPerSecond)
        lostByHost = row.sender == nil ? UnitText.none : UnitText.shortCount(row.lostByHost)
    }

    /// Returns `1.02 … 1.41 %`.
    private static func text(_ interval: ConfidenceInterval) -> String {
        let (low, high) = (UnitText.ratio(interval.low), UnitText.ratio(interval.high))
        let unit = " %"
        return (low.hasSuffix(unit) ? String(low.dropLast(unit.count)) : low) + " … " + high
    }

    /// The place of the interval in `cells` and `titles`.
    static let intervalColumn = 2

    /// The texts in the order of `titles`.
    package var cells: [String] {
        [passed, loss, interval, p50, p99, jitter, received, lostByHost]
    }

    /// Returns the titles of the columns. That of the interval has the least confidence of any
    /// row, which for few runs is below 95 %.
    package static func titles(_ rows: [SummaryRow]) -> [String] {
        let confidences = rows.compactMap { $0.lossInterval?.confidence }
        let interval = confidences.min().map {
            "\(Int((min($0, ConfidenceInterval.usual) * 100).rounded(.down))) % interval"
        }
        return [
            "passed", "loss", interval ?? "interval", "p50", "p99", "jitter", "received",
            "host lost",
        ]
    }
}
