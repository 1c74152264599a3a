import Datagrams
import Glibc
import Synchronization

/// Where the threads of a stream meet between two phases, so that they start the next together.
package final class Rendezvous: Sendable {
    private let expected: Int
    private let state = Mutex((arrived: 0, startNs: Int64.max))

    package init(expected: Int) { self.expected = expected }

    /// Lets those go that wait: the others will never come.
    func abandon() {
        state.withLock { if $0.startNs == .max { $0.startNs = LinuxClock().nowNs() } }
    }

    /// Waits for the others.
    /// - Returns: The start time that all of them get: shortly after the last has come.
    package func meet(leadNs: Int64) -> Int64 {
        let own = state.withLock { state in
            state.arrived += 1
            if state.arrived == expected { state.startNs = LinuxClock().nowNs() + leadNs }
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
