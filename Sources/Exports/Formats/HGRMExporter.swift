import JSON
import Reports

/// The percentile format of HdrHistogram, which its plotter draws: round-trip times, or one-way
/// delays, in milliseconds. A file has one series: a sender on a network, all repeats together.
///
///        Value     Percentile TotalCount 1/(1-Percentile)
///
///     0.012345 0.500000000000       5000           2.00
package struct HGRMExporter: Exporter {
    package let name = "hgrm"
    package let summary = "HdrHistogram's percentiles in ms, for its plotter; one series"
    package let takesScoreCards = false
    /// The series, as `SCENARIO/NETWORK/SENDER`; nil for the only one.
    private let series: String?

    package init(series: String? = nil) { self.series = series }

    package func obstacle(series: Int) -> String? {
        guard series > 1, self.series == nil else { return nil }
        return
            "a file of hgrm has one series and this plan has \(series): write the report, and of "
            + "that `udplab report --format hgrm --series SCENARIO/NETWORK/SENDER`"
    }

    package func text(of documents: [ExportedDocument]) throws(ExportError) -> String {
        var found: [(name: String, distributions: [JSONValue])] = []
        for document in documents {
            guard case .report(let report) = document.content else { continue }
            for run in report.runs {
                for stream in run.streams where stream.isFollowed {
                    let place = "\(run.scenario)/\(run.network)/\(stream.sender)"
                    let name = documents.count > 1 ? "\(document.name): \(place)" : place
                    guard series == nil || series == name || series == place,
                        let delays = stream.rttNs ?? stream.oneWayNs,
                        let value = try? JSONCoding.encodeWritable(delays).value
                    else { continue }
                    if let index = found.firstIndex(where: { $0.name == name }) {
                        found[index].distributions.append(value)
                    } else {
                        found.append((name, [value]))
                    }
                }
            }
        }
        guard let first = found.first else {
            throw ExportError(
                series.map { "there is no series \($0.shown) with a delay" }
                    ?? "there is no stream with a delay")
        }
        guard found.count == 1 else {
            throw ExportError(
                "a file of hgrm has one series; name one with --series: "
                    + found.map(\.name.shown).joined(separator: ", "))
        }
        let series = try PercentileSeries(first.distributions)
        return series.text(named: first.name)
    }
}

/// The cumulative distribution of delays: the values, and how many are not greater.
private struct PercentileSeries {
    private let rows: [(valueNs: Double, atMost: Int)]
    private let total: Int
    private let meanNs: Double
    private let deviationNs: Double
    private let maxNs: Double

    /// Merges distributions: from their buckets, or the percentiles of a single one without them.
    init(_ distributions: [JSONValue]) throws(ExportError) {
        let counts = distributions.map { $0.integer("count") ?? 0 }
        let total = counts.clampedSum
        guard total > 0 else { throw ExportError("no delay was measured") }
        self.total = total
        let weights = counts.map { Double($0) / Double(total) }
        let means = distributions.map { $0["mean"]?.double ?? 0 }
        let mean = zip(means, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let squares = zip(distributions, zip(means, weights)).reduce(0.0) { sum, part in
            let deviation = part.0["stddev"]?.double ?? 0
            let distance = part.1.0 - mean
            return sum + part.1.1 * (deviation * deviation + distance * distance)
        }
        (meanNs, deviationNs) = (mean, squares.squareRoot())
        let maximum = distributions.compactMap { $0["max"]?.double }.max() ?? 0
        maxNs = maximum
        var buckets: [Int: Int] = [:]
        for distribution in distributions {
            guard case .array(let own)? = distribution["buckets"] else {
                guard distributions.count == 1 else {
                    throw ExportError(
                        "reports of this age have no buckets, without which percentiles of several "
                            + "runs cannot be merged")
                }
                rows = Self.percentiles(of: distribution, total)
                return
            }
            for bucket in own {
                guard let upper = bucket.integer("upper_ns"), let count = bucket.integer("count")
                else { continue }
                buckets[upper] = [buckets[upper] ?? 0, count].clampedSum
            }
        }
        var atMost = 0
        rows = buckets.sorted { $0.key < $1.key }.map { upper, count in
            atMost = [atMost, count].clampedSum
            return (min(Double(upper), maximum), min(atMost, total))
        }
    }

    private static func percentiles(
        of distribution: JSONValue, _ total: Int
    ) -> [(valueNs: Double, atMost: Int)] {
        guard case .object(let members) = distribution else { return [] }
        let percentiles: [(Double, Double)] = members.compactMap { member in
            guard member.key.first == "p", let value = member.value.double,
                let share = Double("0." + member.key.dropFirst())
            else { return nil }
            return (value, share)
        }
        let ends = [("min", 0.0), ("max", 1.0)].compactMap { key, share in
            distribution[key]?.double.map { ($0, share) }
        }
        var rows: [(valueNs: Double, atMost: Int)] = []
        for (value, share) in (percentiles + ends).sorted(by: { $0.1 < $1.1 }) {
            let atMost = Int((share * Double(total)).rounded(.up))
            // Of a few values several percentiles are one.
            if let last = rows.last, last.atMost == atMost { rows.removeLast() }
            rows.append((value, atMost))
        }
        return rows
    }

    func text(named name: String) -> String {
        var text = "# \(name.shown)\n"
        text += Self.row("Value", "Percentile", "TotalCount", "1/(1-Percentile)") + "\n"
        for (valueNs, atMost) in rows {
            let share = Double(atMost) / Double(total)
            let inverse =
                atMost < total
                ? Self.decimal(Double(total) / Double(total - atMost), places: 2) : ""
            text += Self.row(
                Self.decimal(valueNs / 1e6, places: 6), Self.decimal(share, places: 12),
                "\(atMost)", inverse)
        }
        func field(_ ns: Double) -> String { Self.decimal(ns / 1e6, places: 6) }
        text += "#[Mean    = \(field(meanNs)), StdDeviation   = \(field(deviationNs))]\n"
        text += "#[Max     = \(field(maxNs)), Total count    = \(total)]\n"
        return text
    }

    private static func row(
        _ value: String, _ percentile: String, _ count: String, _ inverse: String
    ) -> String {
        let cells = [(value, 14), (percentile, 14), (count, 12), (inverse, 16)]
        return cells.filter { !$0.0.isEmpty }.map { text, width in
            String(repeating: " ", count: max(0, width - text.utf8.count)) + text
        }.joined(separator: " ") + "\n"
    }

    /// Returns a number with a fixed number of places. printf would follow the locale.
    private static func decimal(_ value: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (max(0, value) * scale).rounded()
        guard scaled < 9e18 else { return "\(value)" }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return padded.dropLast(places) + "." + padded.suffix(places)
    }
}

extension JSONValue {
    fileprivate func integer(_ key: String) -> Int? {
        if case .integer(let integer)? = self[key] { integer } else { nil }
    }
}
