/// A part of the report, or a document of its own, with a verdict.
package protocol Judgeable: Sendable {
    /// Sets verdict, reasons and notices; there is no other way to set them from another module.
    mutating func state(_ judgement: Judgement)
}

/// A document together with the judgement from which its verdict, reasons and notices were made, so
/// that they cannot differ.
package struct Judged<Document: Judgeable>: Sendable {
    package private(set) var document: Document
    package private(set) var judgement: Judgement

    package init(_ document: Document, _ judgement: Judgement) {
        self.document = document
        self.judgement = judgement
        self.document.state(judgement)
    }

    package mutating func add(_ cause: Cause) {
        judgement.add(cause)
        document.state(judgement)
    }

    package mutating func note(_ sentence: String) {
        judgement.note(sentence)
        document.state(judgement)
    }
}
