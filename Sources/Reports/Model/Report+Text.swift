import JSON

extension Report {
    /// The report as text, pretty, with a line feed at its end.
    ///
    /// A figure that JSON or the format cannot hold is a fault of udplab: a debug build traps, a
    /// release build leaves out the stream it is in, says so, and calls the report invalid.
    package func text() throws(JSONError) -> String {
        let faults = faults()
        assert(faults.isEmpty, "\(faults)")
        guard faults.isEmpty else {
            return try JSONCoding.encode(withoutFaultyStreams()).text(.pretty)
        }
        return try JSONCoding.encode(self).text(.pretty)
    }

    /// Reads what `text` wrote.
    ///
    /// - Throws: `mismatch` also for a report of another format, which it names.
    package init(text bytes: [UInt8]) throws(JSONError) {
        let value = try JSONValue.parse(bytes, limits: .report)
        guard let format = value["report"], format == .integer(Report.format) else {
            throw JSONError(
                .mismatch,
                "no report of format \(Report.format), which is all that this "
                    + "udplab reads", path: "$.report", at: nil)
        }
        self = try JSONCoding.decode(Report.self, from: value)
    }

    /// What of this report cannot be written.
    func faults() -> [String] {
        do throws(JSONError) {
            return ReportFormat.problems(in: try JSONCoding.encode(self))
        } catch {
            return ["\(error)"]
        }
    }

    /// The same report without the streams that cannot be written; those runs are invalid.
    func withoutFaultyStreams() -> Report {
        var report = self
        for run in report.runs.indices {
            for stream in report.runs[run].streams {
                var alone = self
                alone.runs = [runs[run]]
                alone.runs[0].streams = [stream]
                guard let fault = alone.faults().first else { continue }
                let reason =
                    "a fault of udplab: the stream of \(stream.sender) is left out, "
                    + "because it cannot be written: \(fault)"
                report.runs[run].streams.removeAll { $0.sender == stream.sender }
                report.runs[run].reasons.append(reason)
                report.runs[run].verdict = .combined([report.runs[run].verdict, .invalid])
                report.reasons.append(reason)
                report.verdict = .combined([report.verdict, .invalid])
            }
        }
        return report
    }
}
