import Datagrams
import Reports
import Synchronization

/// A line that is rewritten on a terminal; plain lines now and then elsewhere.
final class StatusLine: Sendable {
    /// Without a terminal: a line this often.
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

    /// Something begins; without a terminal this is said at once.
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
