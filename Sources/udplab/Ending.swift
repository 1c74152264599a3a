import Reports

/// The end of a verb that writes a document: its file, the table or the verdict on standard error,
/// the result on standard output, and the exit status, all from one sealed document.
struct Ending {
    let isQuiet: Bool
    /// Whether the document is written to standard output instead of the file's path.
    let isJSON: Bool

    /// Ends a verb.
    /// - Parameter table: Returns the document as a table.
    func end<Document: WrittenDocument>(
        _ judged: Judged<Document>, file: consuming PreparedReport,
        table: (Document) -> String
    ) -> ExitStatus {
        var sealed = Sealed(judged)
        let path = sealed.write(to: file)
        let document = sealed.document
        if !isQuiet {
            Console.say(styled: "\n" + table(document))
        } else if document.verdict != .pass {
            Console.say(document.verdictLines)
        }
        if isJSON {
            Console.result(sealed.text)
            if let path, !isQuiet { Console.say("report: \(path)") }
        } else if let path {
            Console.result(path + "\n", isKept: true)
        }
        return sealed.exitStatus
    }
}
