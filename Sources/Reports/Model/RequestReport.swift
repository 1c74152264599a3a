/// The requests of a stream.
package struct RequestReport: Codable, Sendable, Equatable {
    /// The way in which the answer to a request is told.
    package enum Answer: String, Codable, Sendable, CaseIterable {
        case echo, none, any
        /// By its number, at the place that the plan says.
        case rule
    }

    /// The kind of request, as the plan has it.
    package var name: String
    package var answer: Answer
    /// The beginning of the first wrong answer, escaped so that no terminal obeys it; nil without a
    /// wrong answer.
    package var firstWrongAnswer: String?

    package init(name: String, answer: Answer, firstWrongAnswer: String? = nil) {
        self.name = name
        self.answer = answer
        self.firstWrongAnswer = firstWrongAnswer
    }
}
