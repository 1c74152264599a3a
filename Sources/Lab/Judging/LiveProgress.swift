import Metrics
import Synchronization

/// A message of a sender's worker on its figures.
package struct LiveReading: Sendable {
    /// The place of the sender in its scenario.
    package let sender: Int
    package let figures: LiveFigures
    /// The sum over all senders; delays are those of the slowest.
    package let all: LiveFigures
}

/// The live figures of a run, of all its senders together.
final class LiveProgress: Sendable {
    private let latest: Mutex<[LiveFigures]>

    init(senders: Int) {
        latest = Mutex([LiveFigures](repeating: LiveFigures(), count: senders))
    }

    /// Updates a sender's figures.
    func update(_ sender: Int, _ figures: LiveFigures) -> LiveReading {
        latest.withLock { latest in
            latest[sender] = figures
            return LiveReading(sender: sender, figures: figures, all: .sum(latest))
        }
    }
}
