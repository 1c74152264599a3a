import Reports

/// A form in which documents are handed on. An exporter is one file, and a line in
/// `Exporters.all`.
package protocol Exporter: Sendable {
    /// The name on the command line: `junit`.
    var name: String { get }
    /// The form in a few words, for the help.
    var summary: String { get }
    /// Whether score cards have this form as well as reports.
    var takesScoreCards: Bool { get }

    /// Returns the documents in this form. All text in them may come from plans, reports and
    /// servers: an exporter escapes it by the rules of its form.
    ///
    /// - Throws: If these documents have no such form, with the reason in a sentence.
    func text(of documents: [ExportedDocument]) throws(ExportError) -> String

    /// Returns the reason why a report would have no such form, as far as that is known before it
    /// is made; nil for none.
    /// - Parameter series: The number of series that the report will have: scenarios, on each of
    ///   their networks, of each sender.
    func obstacle(series: Int) -> String?
}

extension Exporter {
    package func obstacle(series: Int) -> String? { nil }
}

/// A document with the name that tells it from the others of the same export.
package struct ExportedDocument: Sendable {
    package let name: String
    package let content: StoredDocument

    package init(name: String, _ content: StoredDocument) {
        self.name = name
        self.content = content
    }
}

extension StoredDocument {
    var isScoreCard: Bool {
        if case .scoreCard = self { true } else { false }
    }
}
