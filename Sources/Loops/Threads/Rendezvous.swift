import Datagrams
import Glibc
import Synchronization

/// The barrier of a stream's threads between two phases, so that they start the next phase
/// together.
package final class Rendezvous: Sendable {
    private let expected: Int
    private let state = Mutex((arrived: 0, startNs: Int64.max))

    package init(expected: Int) { self.expected = expected }

    /// Releases the waiting threads: the others will never arrive.
    func abandon() {
        state.withLock { if $0.startNs == .max { $0.startNs = LinuxClock().nowNs() } }
    }

    /// Waits for the others.
    /// - Returns: The common start time, shortly after the arrival of the last thread.
    package func meet(leadNs: Int64, notBeforeNs: Int64 = 0) -> Int64 {
        let own = state.withLock { state in
            state.arrived += 1
            if state.arrived == expected {
                state.startNs = max(notBeforeNs, LinuxClock().nowNs() + leadNs)
            }
            return state.startNs
        }
        if own != .max { return own }
        while true {
            let startNs = state.withLock { $0.startNs }
            if startNs != .max { return startNs }
            usleep(500)
        }
    }
}
