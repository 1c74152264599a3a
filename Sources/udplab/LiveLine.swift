import Datagrams
import Lab
import Metrics
import Reports
import Synchronization

/// What a person sees while a plan runs: one line that is rewritten on a terminal, plain lines
/// now and then elsewhere.
final class LiveLine: Sendable {
    /// Without a terminal: a line this often.
    static let plainEveryNs: Int64 = 5_000_000_000

    private struct State {
        var title = ""
        var startNs: Int64 = 0
        var lengthNs: Int?
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

    func show(_ event: LabEvent) {
        switch event {
        case .runStarted(let title, let number, let total, let lengthNs):
            let now = LinuxClock().nowNs()
            let text = TerminalText.harmless(total > 1 ? "[\(number)/\(total)] \(title)" : title)
            state.withLock { state in
                state.title = text
                state.startNs = now
                state.lengthNs = lengthNs
                state.lastPlainNs = now
                if !isTerminal { Console.say(text) }
            }
        case .progress(let figures): progress(figures)
        case .stopping(let signal):
            clear()
            Console.say("stopping on \(signal); once more ends at once")
        case .runFinished: clear()
        case .runSkipped(let run):
            Console.say(TerminalText.harmless("skipped: \(run.title): \(run.reason)"))
        }
    }

    private func progress(_ figures: LiveFigures) {
        let now = LinuxClock().nowNs()
        state.withLock { state in
            if isTerminal {
                let line = TerminalText.elided(Self.line(figures, state, now), to: width - 1)
                Console.write("\r\u{1B}[K" + line, to: 2)
                state.isShown = true
            } else if now - state.lastPlainNs >= Self.plainEveryNs {
                state.lastPlainNs = now
                Console.say(Self.line(figures, state, now))
            }
        }
    }

    private func clear() {
        state.withLock { state in
            if state.isShown { Console.write("\r\u{1B}[K", to: 2) }
            state.isShown = false
        }
    }

    private static func line(_ figures: LiveFigures, _ state: State, _ now: Int64) -> String {
        let elapsed = max(0, (now - state.startNs) / 1_000_000_000)
        let total = state.lengthNs.map { "/\($0 / 1_000_000_000)" } ?? ""
        let settled = figures.received + figures.lost
        let loss = settled > 0 ? Double(figures.lost) / Double(settled) : nil
        return "\(state.title)  \(elapsed)\(total) s  sent \(UnitText.count(figures.sent))"
            + "  answered \(UnitText.count(figures.received))  loss \(UnitText.ratio(loss))"
            + "  p50 \(UnitText.time(ns: figures.p50Ns)) p99 \(UnitText.time(ns: figures.p99Ns))"
    }
}
