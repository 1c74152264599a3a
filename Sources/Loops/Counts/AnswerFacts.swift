/// The bytes of requests and their answers, beside the counts of datagrams.
package struct AnswerFacts: Codable, Sendable, Equatable {
    /// The bytes of all requests that were sent.
    package var requestBytes: Int
    /// The bytes of the first right answers.
    package var answerBytes: Int
    /// The beginning of the first wrong answer, in hexadecimal digits; nil without one.
    package var wrongAnswer: String?

    /// Adds the facts of another thread.
    mutating func add(_ other: AnswerFacts) {
        requestBytes += other.requestBytes
        answerBytes += other.answerBytes
        wrongAnswer = wrongAnswer ?? other.wrongAnswer
    }
}
