extension Sealed {
    /// Writes the sealed text to its file. A document that cannot be written gets a further cause,
    /// and no longer passes.
    ///
    /// - Returns: The file's path; nil if it was not written.
    package mutating func write(to file: consuming PreparedReport) -> String? {
        guard !text.isEmpty else {
            file.abandon()
            return nil
        }
        let path = file.path
        do throws(ReportFileError) {
            return try file.write(Array(text.utf8))
        } catch {
            // The file exists, with its verdict.
            if error.code == .syncDirectory {
                note("\(error)")
                return path
            }
            add(Cause(.inconclusive, "\(error)"))
            return nil
        }
    }
}
