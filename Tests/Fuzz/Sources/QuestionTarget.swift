import Terminal

/// Answers that a terminal program hears to what it asked, with copies, cuts and strangers' text
/// among them.
enum QuestionTarget {
    /// One operation a byte: bits 0 to 1 what, bits 2 to 4 which content, as most questions differ
    /// in little.
    static func test(_ octets: [UInt8], _ findings: Findings) {
        var book = QuestionBook()
        var (asked, answered, copies) = (0, 0, Set<Int>())
        for operation in octets {
            let content = [UInt8](repeating: operation >> 2 & 7, count: Int(operation >> 5))
            switch operation & 3 {
            case 0, 1:
                book.ask(content, number: asked, sentNs: Int64(asked))
                asked += 1
                findings.require(book.isOpen, "a question that was asked is not open")
            case 2:
                let refused = content.withUnsafeBytes { book.refuse(head: $0) }
                if let refused { note(refused) }
            default:
                switch book.match(content) {
                case .answer(let number, let sentNs):
                    findings.require(sentNs == Int64(number), "\(number) was sent at \(sentNs)")
                    note(number)
                case .oneOfSeveral(let completes): if let completes { note(completes) }
                case .again(let number, _):
                    findings.require(number < asked, "\(number) was not asked")
                case .unasked:
                    findings.require(book.isClear == false, "an extra answer leaves it clear")
                }
            }
        }

        /// A question has one answer or one refusal.
        func note(_ number: Int) {
            findings.require(number < asked, "\(number) was not asked")
            findings.require(copies.insert(number).inserted, "\(number) is answered twice")
            answered += 1
        }
        findings.require(answered <= asked, "\(answered) answers to \(asked) questions")
    }
}
