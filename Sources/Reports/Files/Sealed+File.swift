extension Sealed {
    /// Writes the sealed text to its file. A document that cannot be kept has one more cause, and
    /// is no pass any more.
    ///
    /// - Returns: The file's path; nil where it is not there.
    package mutating func write(to file: consuming PreparedReport) -> String? {
        guard !text.isEmpty else {
            file.abandon()
            return nil
        }
        let path = file.path
        do throws(ReportFileError) {
            return try file.write(Array(text.utf8))
        } catch {
            // The file is there, with the verdict that it has.
            if error.code == .syncDirectory {
                note("\(error)")
                return path
            }
            add(Cause(.inconclusive, "\(error)"))
            return nil
        }
    }
}
