import Reports
import Testing

@testable import Lab

/// What follows from the answers that each source had.
@Suite struct SourceJudgementTests {
    private func result(
        _ sources: [(asked: Int, received: Int)], misdirected: Int, duplicates: Int
    ) -> VolleyResult {
        var result = VolleyResult()
        result.sources = sources.map { .init(asked: $0.asked, received: $0.received) }
        result.datagrams.misdirected = misdirected
        result.datagrams.duplicates = duplicates
        return result
    }

    @Test("each source has its answers, with payloads that come twice: the buffer is shared")
    func sharedBuffer() {
        let sources = [(asked: 10, received: 10), (asked: 10, received: 9)]
        #expect(result(sources, misdirected: 4, duplicates: 3).mixup == .payload)
    }

    @Test("one source has the answers of another: the address is shared")
    func sharedAddress() {
        let sources = [(asked: 10, received: 14), (asked: 10, received: 6)]
        #expect(result(sources, misdirected: 4, duplicates: 0).mixup == .address)
        #expect(result(sources, misdirected: 4, duplicates: 3).mixup == .address)
    }

    @Test("answers that only come twice are mixed up with nothing")
    func duplicates() {
        #expect(result([(10, 14)], misdirected: 0, duplicates: 4).mixup == nil)
    }

    private func counts(
        heard: Int, answeredOf10: Int, unheard: Int, asked: Int
    ) -> [VolleyResult.Source] {
        Array(repeating: .init(asked: 10, received: answeredOf10), count: heard)
            + Array(repeating: .init(asked: asked, received: 0), count: unheard)
    }

    @Test("T7 a source is never answered when chance does not explain it")
    func t7chance() {
        // All others are always answered: five questions in vain are no chance, three may be.
        #expect(EverySource.isCertain(counts(heard: 48, answeredOf10: 10, unheard: 16, asked: 5)))
        #expect(!EverySource.isCertain(counts(heard: 48, answeredOf10: 10, unheard: 1, asked: 3)))
        // A server that misses half of all questions needs many more.
        #expect(!EverySource.isCertain(counts(heard: 63, answeredOf10: 5, unheard: 1, asked: 20)))
        #expect(EverySource.isCertain(counts(heard: 63, answeredOf10: 5, unheard: 1, asked: 27)))
        // Nobody is answered, or everybody: more questions tell nothing.
        #expect(EverySource.isCertain(counts(heard: 0, answeredOf10: 0, unheard: 64, asked: 3)))
        #expect(EverySource.isCertain(counts(heard: 64, answeredOf10: 10, unheard: 0, asked: 0)))
    }
}
