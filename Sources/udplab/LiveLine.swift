import Datagrams
import Lab
import Metrics
import Plans
import Reports
import Synchronization

/// The progress of a plan: one line that is rewritten on a terminal, plain lines from time to time
/// elsewhere.
///
///     [3/24] voice on wifi  1 min 40 s left  loss 1.2 %  p99 45.1 ms  sent 12,345
final class LiveLine: Sendable {
    private struct State {
        var title = ""
        var pace: RunPace
    }

    private let state: Mutex<State>
    private let status: StatusLine
    private let titles: ShownTitles

    init(_ plan: Plan, isTerminal: Bool, width: Int) {
        state = Mutex(State(pace: RunPace(Runner.runs(of: plan))))
        titles = plan.shownTitles
        status = StatusLine(isTerminal: isTerminal, width: width)
    }

    func show(_ event: LabEvent) {
        state.withLock { $0.pace.take(event, atNs: LinuxClock().nowNs()) }
        switch event {
        case .runStarted(let identity, let number, let total):
            let title = identity.title(titles)
            let text = TerminalText.harmless(total > 1 ? "[\(number)/\(total)] \(title)" : title)
            state.withLock { $0.title = text }
            status.begin(text)
        case .progress(let reading): progress(reading.all)
        case .trialStarted(let id, let title, let number, let total):
            let run = state.withLock { $0.title }
            let line = "\(run)  [\(number)/\(total)] \(id): \(title)"
            status.show(TerminalText.harmless(line))
        case .searchTrial(let trial):
            status.clear()
            Console.say(TerminalText.harmless("  \(trial.line)"))
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
        let settled = figures.received + figures.lost
        let loss = settled > 0 ? Double(figures.lost) / Double(settled) : nil
        let left = state.pace.leftNs(atNs: now).map { "  \(RunPace.text(ns: $0)) left" } ?? ""
        return "\(state.title)\(left)  loss \(UnitText.ratio(loss))"
            + "  p99 \(UnitText.time(ns: figures.p99Ns))  sent \(UnitText.count(figures.sent))"
    }
}
