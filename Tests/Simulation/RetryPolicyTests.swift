import Load
import Testing

@testable import Loops

/// Every sequence of a few events, for every policy, against a model that looks at the whole
/// history each time.
@Suite struct RetryPolicyTests {
    enum Event: CaseIterable { case reset, success }

    static let policies: [RetryPolicy] = [
        .none, .once, .always, .backoff(.init(firstNs: 10, factor: 2, limitNs: 50)),
        .backoff(.init(firstNs: 10, factor: 3, limitNs: 1_000, budget: 2)),
        .backoff(.init(firstNs: 7, factor: 1, limitNs: 7, budget: 0)),
        .backoff(.init(firstNs: 5, factor: 1.5, limitNs: 10_000, budget: 4)),
    ]

    /// All sequences of up to `length` events.
    static func sequences(upTo length: Int) -> [[Event]] {
        var all: [[Event]] = [[]]
        var last: [[Event]] = [[]]
        for _ in 0..<length {
            last = last.flatMap { start in Event.allCases.map { start + [$0] } }
            all += last
        }
        return all
    }

    @Test("every sequence of seven events ends in what the policy says", arguments: policies)
    func exhaustive(policy: RetryPolicy) {
        for sequence in Self.sequences(upTo: 7) {
            var state = RetryState(policy)
            for (index, event) in sequence.enumerated() {
                let timeNs = Int64(index) * 1_000_000
                let history = Array(sequence[...index])
                let expected = Model(policy, history)
                switch event {
                case .reset:
                    #expect(
                        state.reset(atNs: timeNs) == expected.action(atNs: timeNs),
                        "\(policy.name) after \(history)")
                case .success: state.success()
                }
                #expect(state.counts == expected.counts, "\(policy.name) after \(history)")
                #expect(state.hasEnded == expected.hasEnded, "\(policy.name) after \(history)")
            }
        }
    }

    @Test("none ends at the first reset")
    func none() {
        var state = RetryState(.none)
        state.success()
        #expect(state.reset(atNs: 1) == .end)
        #expect(state.counts == RetryCounts(givenUp: 1))
    }

    @Test("once survives one reset and ends at the second in a row")
    func once() {
        var state = RetryState(.once)
        for time in 0..<100 {
            #expect(state.reset(atNs: Int64(time)) == .retryNow)
            state.success()
        }
        #expect(state.counts == RetryCounts(attempted: 100, succeeded: 100))
        #expect(state.reset(atNs: 100) == .retryNow)
        #expect(state.reset(atNs: 101) == .end)
        #expect(state.counts == RetryCounts(attempted: 101, succeeded: 100, givenUp: 1))
    }

    @Test("backoff doubles its pause up to the limit, and begins anew after a success")
    func backoff() {
        var state = RetryState(.backoff(.init(firstNs: 10, factor: 2, limitNs: 50)))
        var pauses: [RetryAction] = []
        for _ in 0..<5 { pauses.append(state.reset(atNs: 1_000)) }
        #expect(pauses == [1_010, 1_020, 1_040, 1_050, 1_050].map { .retry(atNs: $0) })
        state.success()
        #expect(state.reset(atNs: 2_000) == .retry(atNs: 2_010))
    }

    @Test("a pause never overflows, whatever the factor")
    func hugeFactor() {
        var state = RetryState(.backoff(.init(firstNs: 1, factor: 1e300, limitNs: 1 << 60)))
        #expect(state.reset(atNs: 0) == .retry(atNs: 1))
        for _ in 0..<3 { #expect(state.reset(atNs: 0) == .retry(atNs: 1 << 60)) }
    }
}

/// What a policy says, from the whole history.
private struct Model {
    var counts = RetryCounts()
    var hasEnded = false
    private var lastRow = 0
    private let policy: RetryPolicy

    init(_ policy: RetryPolicy, _ history: [RetryPolicyTests.Event]) {
        self.policy = policy
        var row = 0
        for event in history where !hasEnded {
            switch event {
            case .reset:
                row += 1
                if row > Self.tolerated(policy) {
                    hasEnded = true
                    counts.givenUp = 1
                } else {
                    counts.attempted += 1
                }
            case .success:
                if row > 0 { counts.succeeded += 1 }
                row = 0
            }
        }
        lastRow = row
    }

    /// Resets in a row that the loop outlives.
    private static func tolerated(_ policy: RetryPolicy) -> Int {
        switch policy {
        case .none: 0
        case .once: 1
        case .always: .max
        case .backoff(let backoff): backoff.budget ?? .max
        }
    }

    func action(atNs timeNs: Int64) -> RetryAction {
        if hasEnded { return .end }
        guard case .backoff(let backoff) = policy else { return .retryNow }
        var pause = backoff.firstNs
        for _ in 1..<max(1, lastRow) {
            pause = min(backoff.limitNs, Int64(Double(pause) * backoff.factor))
        }
        return .retry(atNs: timeNs + pause)
    }
}
