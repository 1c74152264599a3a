import JSON

/// Reads a report from a file.
package enum ReportFile {
    private static let file = BoundedFile(
        what: "a report", bytesMax: JSONLimits.report.documentBytesMax)

    /// Loads a report. Whatever the path names, loading neither hangs nor exceeds the maximum size
    /// of a report.
    package static func load(_ path: String) throws(ComparisonError) -> ComparedReport {
        try ComparedReport(path: path, bytes: bytes(of: path))
    }

    /// Returns the content of a file that is not larger than a report may be.
    static func bytes(of path: String) throws(ComparisonError) -> [UInt8] {
        do throws(BoundedFile.Refusal) {
            return try file.bytes(of: path)
        } catch {
            throw .unreadable(error.sentence)
        }
    }
}
