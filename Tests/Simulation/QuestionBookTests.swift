import Terminal
import Testing

/// To which question an answer belongs.
@Suite struct QuestionBookTests {
    private func book(_ questions: String...) -> QuestionBook {
        var book = QuestionBook()
        for (index, text) in questions.enumerated() {
            book.ask(Array(text.utf8), number: index + 1, sentNs: Int64(index + 1) * 100)
        }
        return book
    }

    private func match(_ text: String, _ book: inout QuestionBook) -> QuestionBook.Match {
        book.match(Array(text.utf8))
    }

    @Test("the only open question has the answer, whatever its content is")
    func single() {
        for text in ["a", "b", ""] {
            var book = book("a")
            #expect(match(text, &book) == .answer(number: 1, sentNs: 100))
            #expect(book.isClear)
        }
    }

    @Test("T6 an answer to an earlier question is told by its content")
    func t6content() {
        var book = book("a", "b", "c")
        #expect(match("b", &book) == .answer(number: 2, sentNs: 200))
        #expect(match("a", &book) == .answer(number: 1, sentNs: 100))
        #expect(!book.isClear)
        #expect(match("c", &book) == .answer(number: 3, sentNs: 300))
        #expect(book.isClear)
    }

    @Test("T6 of questions with one content, no answer has a time, and the last one completes them")
    func t6sameContent() {
        var book = book("a", "a", "a")
        #expect(match("a", &book) == .oneOfSeveral(completes: nil))
        #expect(match("a", &book) == .oneOfSeveral(completes: nil))
        #expect(match("a", &book) == .oneOfSeveral(completes: 3))
        book.ask(Array("a".utf8), number: 4, sentNs: 400)
        #expect(match("a", &book) == .answer(number: 4, sentNs: 400))
    }

    @Test("content that nobody asked belongs to one of the open questions, and it is unknown which")
    func foreignContent() {
        var book = book("a", "b")
        #expect(match("x", &book) == .oneOfSeveral(completes: nil))
        #expect(match("y", &book) == .oneOfSeveral(completes: 2))
        #expect(match("z", &book) == .unasked)
    }

    @Test("a further answer is told, and puts all answers of the same content in doubt")
    func furtherAnswer() {
        var book = book("a")
        #expect(match("a", &book) == .answer(number: 1, sentNs: 100))
        book.ask(Array("a".utf8), number: 2, sentNs: 200)
        // It may be the second copy of the first answer: that is known with the next one.
        #expect(match("a", &book) == .answer(number: 2, sentNs: 200))
        #expect(match("a", &book) == .again(number: 2, isUnclear: true))
        #expect(!book.isClear)
        book.ask(Array("a".utf8), number: 3, sentNs: 300)
        #expect(match("a", &book) == .oneOfSeveral(completes: nil))
        book.ask(Array("b".utf8), number: 4, sentNs: 400)
        #expect(match("b", &book) == .answer(number: 4, sentNs: 400))
    }

    @Test("an error is about the oldest question that begins as it says")
    func refused() {
        var book = book("abc", "abd", "abc")
        func refuse(_ text: String) -> Int? {
            Array(text.utf8).withUnsafeBytes { book.refuse(head: $0) }
        }
        #expect(refuse("abd") == 2)
        #expect(refuse("abc") == 1)
        #expect(refuse("abcd") == nil)
        #expect(refuse("ab") == 3)
        #expect(book.isClear)
    }

    @Test("the book is bounded, and what it has forgotten it does not deny")
    func bounded() {
        var book = QuestionBook()
        for number in 1...1_000 { book.ask([UInt8(number & 1)], number: number, sentNs: 0) }
        for _ in 1...1_000 {
            guard case .oneOfSeveral(completes: nil) = book.match([2]) else {
                Issue.record("an answer was given to one of 1,000 questions")
                return
            }
        }
        #expect(!book.isClear)
    }
}
