import Datagrams
import Reports
import Synchronization

/// A line that is rewritten on a terminal; plain lines from time to time elsewhere.
final class StatusLine: Sendable {
    /// The interval of plain lines without a terminal.
    static let plainEveryNs: Int64 = 5_000_000_000

    private struct State {
        var isShown = false
        var lastPlainNs: Int64 = 0
    }

    private let state = Mutex(State())
    private let isTerminal: Bool
    private let width: Int

    init(isTerminal: Bool, width: Int) {
        self.isTerminal = isTerminal
        self.width = width
    }

    /// Begins a new activity, whose title is printed at once without a terminal.
    func begin(_ title: String = "") {
        state.withLock { $0.lastPlainNs = LinuxClock().nowNs() }
        if !isTerminal, !title.isEmpty { Console.say(title) }
    }

    func show(_ line: String) {
        let now = LinuxClock().nowNs()
        state.withLock { state in
            if isTerminal {
                Console.show("\r\u{1B}[K" + TerminalText.elided(line, to: width - 1))
                state.isShown = true
            } else if now - state.lastPlainNs >= Self.plainEveryNs {
                state.lastPlainNs = now
                Console.show(line + "\n")
            }
        }
    }

    func clear() {
        state.withLock { state in
            if state.isShown { Console.show("\r\u{1B}[K") }
            state.isShown = false
        }
    }
}
