import JSON

extension Report {
    /// The report as text, pretty, with a line feed at its end.
    ///
    /// A figure that JSON or the format cannot hold is a fault of udplab: a debug build traps, a
    /// release build leaves out the stream it is in, says so, and calls the report invalid.
    package func text() throws(JSONError) -> String {
        let (value, faults) = Self.encoded(self, as: ReportFormat.report)
        assert(faults.isEmpty, "\(faults)")
        guard let value, faults.isEmpty else {
            return try JSONCoding.encode(withoutFaultyStreams()).text(.pretty)
        }
        return try value.text(.pretty)
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
        Self.encoded(self, as: ReportFormat.report).faults
    }

    private static func encoded(
        _ part: some Encodable, as object: ReportObject
    ) -> (value: JSONValue?, faults: [String]) {
        do throws(JSONError) {
            let value = try JSONCoding.encode(part)
            return (value, ReportFormat.problems(in: value, as: object))
        } catch {
            return (nil, ["\(error)"])
        }
    }

    /// The same report without the streams that cannot be written; those runs are invalid.
    func withoutFaultyStreams() -> Report {
        var report = self
        for index in runs.indices {
            for stream in runs[index].streams {
                let faults = Self.encoded(stream, as: ReportFormat.stream).faults
                guard let fault = faults.first else { continue }
                let reason =
                    "a fault of udplab: the stream of \(stream.sender) is left out, "
                    + "because it cannot be written: \(fault)"
                report.runs[index].streams.removeAll { $0.sender == stream.sender }
                report.runs[index].reasons.append(reason)
                report.runs[index].verdict = .combined([report.runs[index].verdict, .invalid])
                report.invalidate(reason)
            }
        }
        if let fault = report.faults().first {
            report.invalidate("a fault of udplab: the report breaks its own format: \(fault)")
        }
        return report
    }

    private mutating func invalidate(_ reason: String) {
        reasons.append(reason)
        verdict = .combined([verdict, .invalid])
    }
}
