import Datagrams
import Lab
import Metrics
import Reports
import Synchronization

/// The progress of a plan: one line that is rewritten on a terminal, plain lines from time to time
/// elsewhere.
final class LiveLine: Sendable {
    private struct State {
        var title = ""
        var startNs: Int64 = 0
        var lengthNs: Int?
    }

    private let state = Mutex(State())
    private let status: StatusLine

    init(isTerminal: Bool, width: Int) {
        status = StatusLine(isTerminal: isTerminal, width: width)
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
            }
            status.begin(text)
        case .progress(let figures): progress(figures)
        case .trialStarted(let id, let title, let number, let total):
            let run = state.withLock { $0.title }
            let line = "\(run)  [\(number)/\(total)] \(id): \(title)"
            status.show(TerminalText.harmless(line))
        case .stopping(let signal):
            status.clear()
            Console.say("stopping on \(signal); once more ends at once")
        case .runFinished: status.clear()
        case .runSkipped(let run):
            Console.say(TerminalText.harmless("skipped: \(run.title): \(run.reason)"))
        }
    }

    private func progress(_ figures: LiveFigures) {
        let now = LinuxClock().nowNs()
        let line = state.withLock { Self.line(figures, $0, now) }
        status.show(line)
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
