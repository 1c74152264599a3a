import Testing

@testable import Metrics

/// The one way to a duration.
@Suite struct ElapsedTests {
    @Test("moments in their order have a duration, others have none")
    func order() {
        #expect(Elapsed(from: 3, to: 10)?.ns == 7)
        #expect(Elapsed(from: 10, to: 10)?.ns == 0)
        #expect(Elapsed(from: -5, to: 5)?.ns == 10)
        #expect(Elapsed(from: 10, to: 9) == nil)
        #expect(Elapsed(from: nil, to: 9) == nil)
        #expect(Elapsed(from: 9, to: nil) == nil)
        #expect(Elapsed(from: .min, to: .max) == nil)
    }
}
