import Reports

/// The end of a verb that writes a document: its files, the table or the verdict on standard error,
/// the result on standard output, and the exit status, all from one sealed document.
struct Ending {
    let isQuiet: Bool
    /// Whether the document is written to standard output instead of the file's path.
    let isJSON: Bool

    /// Ends a verb.
    /// - Parameters:
    ///   - hidden: The secrets that the document does not show.
    ///   - exports: Further files with the document in other forms.
    ///   - table: Returns the document as a table.
    /// - Returns: The final document, the exit status, and the path of the file if it was written.
    func end<Document: WrittenDocument>(
        _ judged: Judged<Document>, hiding hidden: HiddenTexts = HiddenTexts(),
        file: consuming PreparedReport, exports: [PreparedExport<Document>] = [],
        table: (Document) -> String
    ) -> (document: Document, status: ExitStatus, path: String?) {
        var sealed = Sealed(judged, hiding: hidden)
        let path = sealed.write(to: file, exports: exports)
        let document = sealed.document
        if !isQuiet {
            Console.say(styled: "\n" + table(document))
        } else if document.verdict != .pass {
            Console.say(document.verdictLines)
        }
        if isJSON {
            Console.result(
                sealed.text.isEmpty
                    ? RefusalObject.text(
                        RefusalObject.Refusal(sentence: document.verdictLines.lines[0]),
                        sealed.exitStatus)
                    : sealed.text)
            if let path, !isQuiet { Console.say("report: \(path)") }
        } else if let path {
            Console.result(path + "\n", isKept: true)
        }
        return (document, sealed.exitStatus, path)
    }
}
