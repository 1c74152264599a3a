/// The questions sent from one port, which matches answers to them.
///
/// An answer belongs to a question by its content, as an echo's does, or because no other question
/// of the port is open. If several questions are possible, the match is unclear.
package struct QuestionBook: Sendable {
    package enum Match: Sendable, Equatable {
        /// The first answer to this question.
        case answer(number: Int, sentNs: Int64)
        /// An answer to one of several open questions.
        ///
        /// - completes: The question that is certainly answered now, because all questions with
        ///   which it could be confused are answered too.
        case oneOfSeveral(completes: Int?)
        /// A further answer to an answered question. `isUnclear` if the first answer may have been
        /// a further answer to an earlier question of the same content.
        case again(number: Int, isUnclear: Bool)
        /// No question was open, and no answered one had this content.
        case unasked
    }

    private struct Question {
        let number: Int
        let octets: [UInt8]
        let sentNs: Int64
        /// Whether an answer that may belong to this question has arrived.
        var isClouded = false
    }

    /// The maximum number of open questions stored; older ones are only counted.
    static let openAtMost = 256
    /// The maximum number of answered questions stored for their content.
    static let answeredAtMost = 16

    private var open: [Question] = []
    private var answered: [Question] = []
    /// The number of open questions whose content is no longer stored.
    private var forgotten = 0
    /// Whether more answers have arrived than questions were open.
    private var hasExtras = false

    package init() {}

    /// Whether an answer to a further question cannot be mistaken for one to an earlier question.
    package var isClear: Bool { open.isEmpty && forgotten == 0 && !hasExtras }

    /// Whether an answer may still come.
    package var isOpen: Bool { !open.isEmpty || forgotten > 0 }

    package mutating func ask(_ octets: [UInt8], number: Int, sentNs: Int64) {
        open.append(Question(number: number, octets: octets, sentNs: sentNs))
        guard open.count > QuestionBook.openAtMost else { return }
        open.removeFirst()
        forgotten += 1
    }

    /// Matches an answer, and removes its question.
    package mutating func match(_ octets: [UInt8]) -> Match {
        let same = open.indices.filter { open[$0].octets == octets }
        let earlier = answered.filter { $0.octets == octets }
        if same.isEmpty, let last = earlier.last {
            hasExtras = true
            return .again(number: last.number, isUnclear: earlier.count > 1)
        }
        // A server other than an echo answers with content of its own.
        let candidates = same.isEmpty ? Array(open.indices) : same
        guard let first = candidates.first else {
            guard forgotten == 0 else { return .oneOfSeveral(completes: nil) }
            hasExtras = true
            return .unasked
        }
        let mayBeExtra = hasExtras && (same.isEmpty || !earlier.isEmpty)
        let isAlone = candidates.count == 1 && forgotten == 0 && !mayBeExtra
        for index in candidates where !isAlone { open[index].isClouded = true }
        let question = open.remove(at: first)
        answered.append(question)
        if answered.count > QuestionBook.answeredAtMost { answered.removeFirst() }
        if isAlone, !question.isClouded {
            return .answer(number: question.number, sentNs: question.sentNs)
        }
        return .oneOfSeveral(completes: isAlone ? question.number : nil)
    }

    /// Removes the oldest question that begins with these bytes, because of an error that it was
    /// not delivered.
    ///
    /// - Returns: The question's number; `nil` if the error concerns none of the open questions.
    package mutating func refuse(head: UnsafeRawBufferPointer) -> Int? {
        let index = open.firstIndex { question in
            head.count <= question.octets.count
                && question.octets.prefix(head.count).elementsEqual(head)
        }
        return index.map { open.remove(at: $0).number }
    }
}
