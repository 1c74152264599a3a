import Lab

/// The time that the runs of a plan still take: what the plan says of each, and what a run has
/// taken beyond that so far.
struct RunPace {
    /// The runs that have not begun, with their titles and lengths; nil for an unknown length.
    private var ahead: [(title: String, lengthNs: Int?)]
    private var current: (startNs: Int64, lengthNs: Int?)?
    private var finished = 0
    /// The time that finished runs took beyond their lengths, for starts and last answers.
    private var beyondNs: Int64 = 0

    init(_ runs: [(title: String, lengthNs: Int?)]) { ahead = runs }

    init(_ runs: [RunIdentity]) { self.init(runs.map { ($0.title, $0.expectedLengthNs) }) }

    mutating func take(_ event: LabEvent, atNs now: Int64) {
        switch event {
        case .runStarted(let identity, _, _): begin(identity.title, atNs: now)
        case .runFinished: end(atNs: now)
        case .runSkipped(let run): skip(run.title)
        case .progress, .trialStarted, .searchTrial, .stopping: break
        }
    }

    mutating func skip(_ title: String) {
        if let index = ahead.firstIndex(where: { $0.title == title }) { ahead.remove(at: index) }
    }

    mutating func begin(_ title: String, atNs now: Int64) {
        let length = ahead.first { $0.title == title }?.lengthNs
        skip(title)
        current = (now, length)
    }

    mutating func end(atNs now: Int64) {
        if let current, let lengthNs = current.lengthNs {
            beyondNs += max(0, now - current.startNs - Int64(lengthNs))
            finished += 1
        }
        current = nil
    }

    /// Returns the time that is left of all runs; nil if the length of one is not known.
    func leftNs(atNs now: Int64) -> Int64? {
        guard let current, let lengthNs = current.lengthNs else { return nil }
        var sum = max(0, Int64(lengthNs) - (now - current.startNs))
        let extraNs = finished > 0 ? beyondNs / Int64(finished) : 0
        for run in ahead {
            guard let lengthNs = run.lengthNs else { return nil }
            let (next, isOver) = sum.addingReportingOverflow(Int64(lengthNs) + extraNs)
            guard !isOver else { return nil }
            sum = next
        }
        return sum
    }

    /// Returns a time in whole seconds, rounded up: `1 h 2 min`, `1 min 40 s`, `12 s`.
    static func text(ns: Int64) -> String {
        let seconds = (ns + 999_999_999) / 1_000_000_000
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min \(seconds % 60) s"
        default: return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        }
    }
}
