/// Part of the report, or a document beside it, that states a verdict.
package protocol Judgeable: Sendable {
    /// Takes over verdict, reasons and notices; the only way from another module to set them.
    mutating func state(_ judgement: Judgement)
}

/// Document together with the judgement that its verdict, its reasons and its notices were made
/// from: they cannot differ.
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

extension Judged where Document: WrittenDocument {
    mutating func note(_ omission: Omission) {
        document.note(omission)
        note(omission.sentence)
    }
}
