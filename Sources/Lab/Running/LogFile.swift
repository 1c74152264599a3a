import Reports

/// A log to which worker threads append rows.
package enum LogFile {
    /// Makes the file with its first line, by the rules of a report: an existing file is replaced
    /// only with `force`, and only if it is a regular file. The old file keeps its name until the
    /// new one is complete.
    package static func begin(
        _ path: String, header: String, kind: OutputKind, force: Bool
    ) throws(ReportFileError) {
        let destination = ReportDestination(file: path, force: force, kind: kind)
        try destination.prepare().write(Array(header.utf8))
    }
}
