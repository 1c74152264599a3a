import JSON

/// A file for another form of a document: its place, and how its content is made.
package final class PreparedExport<Document: WrittenDocument> {
    package let path: String
    private var file: PreparedReport?
    private let content: (Document) throws(ExportError) -> String

    /// Makes an export.
    /// - Parameter content: Returns the file's content for the final document.
    package init(
        _ file: consuming PreparedReport,
        content: @escaping (Document) throws(ExportError) -> String
    ) {
        path = file.path
        self.file = consume file
        self.content = content
    }

    /// Writes the temporary file, unless an earlier attempt failed.
    /// - Returns: The error of this attempt, after which the file is abandoned.
    fileprivate func stage(_ document: Document) -> String? {
        guard var file = file.take() else { return nil }
        do {
            try file.stage(Array(content(document).utf8))
        } catch let error as ExportError {
            return "\(path.shown) is not written: \(error)"
        } catch {
            return "\(error)"
        }
        self.file = consume file
        return nil
    }

    /// Gives the file its name, unless it was abandoned.
    fileprivate func publish() -> ReportFileError? {
        guard let file = file.take() else { return nil }
        do throws(ReportFileError) {
            try file.publish()
        } catch {
            return error
        }
        return nil
    }
}

extension Sealed {
    /// Writes the sealed text to its file, and the document in other forms to theirs. Each file
    /// that cannot be written is a further cause, which the others contain: all are staged before
    /// the first gets its name. The report gets its name first, so that no export passes without
    /// it.
    ///
    /// - Returns: The report's path; nil if it was not written.
    package mutating func write(
        to file: consuming PreparedReport, exports: [PreparedExport<Document>] = []
    ) -> String? {
        guard !text.isEmpty else {
            file.abandon()
            return nil
        }
        var path: String? = file.path
        do throws(ReportFileError) {
            try file.stage(Array(text.utf8))
            // Each round has one file less, or is the last one.
            while stage(exports) { try file.stage(Array(text.utf8)) }
            path = try file.publish()
        } catch {
            // The file exists, with its verdict.
            if error.code == .syncDirectory {
                note("\(error)")
            } else {
                add(Cause(.inconclusive, "\(error)"))
                path = nil
            }
            while stage(exports) {}
        }
        for export in exports {
            guard let error = export.publish() else { continue }
            if error.code == .syncDirectory {
                note("\(error)")
            } else {
                add(Cause(.inconclusive, "\(error)"))
            }
        }
        return path
    }

    /// Stages all exports.
    /// - Returns: Whether one of them failed, which is a cause in the document.
    private mutating func stage(_ exports: [PreparedExport<Document>]) -> Bool {
        let errors = exports.compactMap { $0.stage(document) }
        for error in errors { add(Cause(.inconclusive, error)) }
        return !errors.isEmpty
    }
}
