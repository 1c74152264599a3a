import Reports

/// Log that worker threads append rows to.
package enum LogFile {
    /// Makes the file with its first line, by the rules of a report: what exists is replaced only
    /// by `force`, and never what is no regular file. Until the new file is whole the old one
    /// keeps its name.
    package static func begin(
        _ path: String, header: String, kind: OutputKind, force: Bool
    ) throws(ReportFileError) {
        let destination = ReportDestination(file: path, force: force, kind: kind)
        try destination.prepare().write(Array(header.utf8))
    }
}
