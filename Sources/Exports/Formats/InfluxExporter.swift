import JSON
import Reports

/// InfluxDB's line protocol: a line per run and per stream, with all figures as fields and the
/// run's start as the time, in nanoseconds.
struct InfluxExporter: Exporter {
    let name = "influx"
    let summary = "InfluxDB's line protocol, times in ns"
    let takesScoreCards = false

    func text(of documents: [ExportedDocument]) -> String {
        var lines: [String] = []
        for document in documents {
            guard case .report(let report) = document.content else { continue }
            let file = documents.count > 1 ? [("report", document.name)] : []
            for run in report.runs {
                let tags =
                    file + [
                        ("plan", report.plan.name), ("scenario", run.scenario),
                        ("network", run.network), ("repeat", "\(run.repeat)"),
                    ]
                let time = run.started.millisecondsSince1970.multipliedReportingOverflow(
                    by: 1_000_000)
                guard !time.overflow else { continue }
                let fields = [
                    ("verdict", Escaping.influxString(run.verdict.rawValue)),
                    ("duration_ns", "\(run.durationNs)i"), ("seed", "\(run.seed)i"),
                ]
                lines.append(line("udplab_run", tags, fields, time.partialValue))
                for stream in run.streams {
                    let fields = FigureValues(stream).all.compactMap { field, value in
                        value.map { (field.path.joined(separator: "_"), Self.number($0)) }
                    }
                    lines.append(
                        line(
                            "udplab_stream", tags + [("sender", stream.sender)], fields,
                            time.partialValue))
                }
            }
        }
        return lines.joined()
    }

    private func line(
        _ measurement: String, _ tags: [(String, String)], _ fields: [(String, String)],
        _ timeNs: Int64
    ) -> String {
        // The protocol has no empty tag.
        let tagTexts = tags.filter { !$0.1.isEmpty }.map { "\($0.0)=\(Escaping.influxTag($0.1))" }
        let fieldTexts = fields.map { "\($0.0)=\($0.1)" }
        return ([measurement] + tagTexts).joined(separator: ",")
            + " \(fieldTexts.joined(separator: ",")) \(timeNs)\n"
    }

    /// Returns a number with the suffix of its type: a field has one type for good, so that a
    /// figure that need not be whole is never written as an integer.
    private static func number(_ value: JSONValue) -> String {
        if case .integer(let integer) = value { return "\(integer)i" }
        return value.numberText ?? "0"
    }
}
