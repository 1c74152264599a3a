import Metrics

extension Ledger {
    /// The sum of ledgers; an account is unknown if it is unknown in every ledger.
    package static func sum(_ ledgers: [Ledger]) -> Ledger {
        ledgers.dropFirst().reduce(into: ledgers.first ?? Ledger()) { $0.add($1) }
    }

    private mutating func add(_ other: Ledger) {
        for path in Self.knownCounts {
            self[keyPath: path] = [self[keyPath: path], other[keyPath: path]].clampedSum
        }
        for path in Self.counts {
            guard let count = other[keyPath: path] else { continue }
            self[keyPath: path] = [self[keyPath: path] ?? 0, count].clampedSum
        }
    }

    private static var knownCounts: [WritableKeyPath<Ledger, Int>] {
        [
            \.scheduled, \.sent, \.skipped, \.refused, \.localQueue, \.localFirewall, \.tooBig,
            \.otherError, \.received, \.inTime, \.late,
        ]
    }

    private static var counts: [WritableKeyPath<Ledger, Int?>] {
        [
            \.forwardInjected, \.forwardCorrupt, \.responderOverflow, \.outage, \.forwardLost,
            \.responderReceived, \.echoed, \.echoFailed, \.rejected, \.backwardInjected,
            \.backwardCorrupt, \.senderOverflow, \.beyondWindow, \.backwardLost, \.lostUnsplit,
            \.untold, \.wrongAnswer, \.waiting,
        ]
    }
}
