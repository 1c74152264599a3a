extension Sealed {
    /// Writes the sealed text to its file. A document that cannot be kept has one more cause, and
    /// is no pass any more.
    ///
    /// - Returns: Whether the file is there.
    package mutating func write(to file: consuming PreparedReport) -> Bool {
        guard !text.isEmpty else {
            file.abandon()
            return false
        }
        do throws(ReportFileError) {
            try file.write(Array(text.utf8))
            return true
        } catch {
            // The file is there, with the verdict that it has.
            if error.code == .syncDirectory {
                note("\(error)")
                return true
            }
            add(Cause(.inconclusive, "\(error)"))
            return false
        }
    }
}
