import JSON
import Reports

/// Prometheus' text format, for a push gateway or the text files of a node exporter: a summary per
/// distribution, a gauge per other figure, in base units. HELP is the format's description.
///
/// Everything is a gauge or a summary and nothing a counter, because the next run starts at 0.
struct PrometheusExporter: Exporter {
    let name = "prometheus"
    let summary = "Prometheus' text format, in base units"
    let takesScoreCards = false

    func text(of documents: [ExportedDocument]) -> String {
        var families = Families()
        for document in documents {
            guard case .report(let report) = document.content else { continue }
            let file = documents.count > 1 ? [("report", document.name)] : []
            for run in report.runs {
                let labels =
                    file + [
                        ("plan", report.plan.name), ("scenario", run.scenario),
                        ("network", run.network), ("repeat", "\(run.repeat)"),
                    ]
                for verdict in Verdict.allCases {
                    families.add(
                        "udplab_run_verdict", "gauge", "Verdict of the run: 1 for the one it has.",
                        labels + [("verdict", verdict.rawValue)], run.verdict == verdict ? "1" : "0"
                    )
                }
                for stream in run.streams {
                    families.add(stream, labels + [("sender", stream.sender)])
                }
            }
        }
        return families.text
    }
}

/// The metrics of an exposition: each has its samples together, below its HELP and TYPE.
private struct Families {
    private struct Family {
        let type: String
        let help: String
        var samples: [String] = []
    }

    private var names: [String] = []
    private var families: [String: Family] = [:]

    mutating func add(
        _ name: String, _ type: String, _ help: String, _ labels: [(String, String)],
        _ value: String, suffix: String = ""
    ) {
        if families[name] == nil {
            names.append(name)
            families[name] = Family(type: type, help: help)
        }
        let texts = labels.map { "\($0.0)=\"\(Escaping.prometheus($0.1))\"" }
        families[name]?.samples.append(
            "\(name)\(suffix){\(texts.joined(separator: ","))} \(value)")
    }

    mutating func add(_ stream: StreamReport, _ labels: [(String, String)]) {
        let values = FigureValues(stream).all
        for (field, value) in values {
            guard let value = value?.double else { continue }
            let metric = Metric(field)
            switch metric.part {
            case .quantile(let share):
                add(
                    metric.name, metric.type, metric.help, labels + [("quantile", share)],
                    metric.text(value))
            case .count:
                add(
                    metric.name, metric.type, metric.help, labels, "\(value)", suffix: "_count")
                let path = field.path.dropLast() + ["mean"]
                let mean = values.first { $0.field.path == Array(path) }?.value?.double
                add(
                    metric.name, metric.type, metric.help, labels,
                    metric.text((mean ?? 0) * value), suffix: "_sum")
            case .gauge: add(metric.name, metric.type, metric.help, labels, metric.text(value))
            }
        }
    }

    var text: String {
        names.map { name in
            guard let family = families[name] else { return "" }
            return "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.type)\n"
                + family.samples.map { $0 + "\n" }.joined()
        }.joined()
    }
}

/// The metric of a figure, by Prometheus' conventions for names and units.
private struct Metric {
    enum Part {
        case gauge
        /// A percentile of a summary, and its share.
        case quantile(String)
        /// The number of values of a summary.
        case count
    }

    let name: String
    let part: Part
    let help: String
    private let factor: Double

    var type: String {
        if case .gauge = part { "gauge" } else { "summary" }
    }

    init(_ field: FigureField) {
        let last = field.path.last ?? ""
        let share = field.isOfDistribution ? Self.share(last) : nil
        if let share {
            part = .quantile(share)
        } else {
            part = field.isOfDistribution && last == "count" ? .count : .gauge
        }
        var words = field.path
        if case .gauge = part {} else { words.removeLast() }
        let isTime =
            part.isOfSummary || [.nanoseconds, .milliseconds, .seconds].contains(field.unit)
        factor = part.isOfSummary ? 1e-9 : Self.baseUnits(field.unit)
        var name = words.map(Self.withoutUnit).joined(separator: "_")
        if field.unit == .bitsPerSecond { name = name.replacing("_bits_", with: "_bytes_") }
        // The suffix is reserved for summaries.
        if name.hasSuffix("_count") { name = name.dropLast("count".count) + "events" }
        if isTime {
            name += "_seconds"
        } else if field.unit == .bytes, !name.hasSuffix("_bytes") {
            name += "_bytes"
        }
        self.name = "udplab_" + name
        let meanings = part.isOfSummary ? Array(field.meanings.dropLast()) : field.meanings
        help = Self.escaped(meanings.joined(separator: " "))
    }

    /// Returns a value in the metric's unit.
    func text(_ value: Double) -> String { "\(value * factor)" }

    /// Returns how many seconds, or bytes, a unit has.
    private static func baseUnits(_ unit: ReportUnit?) -> Double {
        switch unit {
        case .nanoseconds: 1e-9
        case .milliseconds: 1e-3
        case .bitsPerSecond: 1 / 8
        default: 1
        }
    }

    /// Returns `0.999` for `p999`; nil for a key that is no percentile.
    private static func share(_ key: String) -> String? {
        let digits = key.dropFirst()
        guard key.first == "p", !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        let zeroless = digits.last == "0" ? digits.dropLast() : digits
        return "0.\(zeroless)"
    }

    private static func withoutUnit(_ key: String) -> String {
        key.hasSuffix("_ns") ? String(key.dropLast("_ns".count)) : key
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
    }
}

extension Metric.Part {
    fileprivate var isOfSummary: Bool {
        if case .gauge = self { false } else { true }
    }
}
