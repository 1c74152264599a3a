import Datagrams

/// Virtual time, shared by a loop and its simulated kernel: a look at it costs `lookNs`, a system
/// call or a wait moves it on. One thread touches it.
final class SimulatedClock: MonotonicClock, @unchecked Sendable {
    static let startNs: Int64 = 1_000_000_000_000
    /// What one look costs: so that a loop that spins comes to its end.
    static let lookNs: Int64 = 50

    private(set) var timeNs = startNs
    private var alarms: [(atNs: Int64, action: () -> Void)] = []
    private var nextAlarmNs = Int64.max

    /// While the loop is away from its kernel, between two calls: moves the clock to the second
    /// time at the first look after the first.
    var absence: (fromNs: Int64, untilNs: Int64)?

    /// Steps of the wall clock: when, and by how much.
    var wallSteps: [(atNs: Int64, byNs: Int64)] = []
    static let wallOffsetNs: Int64 = 1_700_000_000_000_000_000

    func wallNs() -> Int64 {
        advance(to: timeNs + Self.lookNs)
        return wallNs(atNs: timeNs)
    }

    /// What the wall clock says at a monotonic time.
    func wallNs(atNs ns: Int64) -> Int64 {
        ns + Self.wallOffsetNs + wallSteps.filter { $0.atNs <= ns }.reduce(0) { $0 + $1.byNs }
    }

    func nowNs() -> Int64 {
        advance(to: timeNs + Self.lookNs)
        if let absence, timeNs >= absence.fromNs {
            self.absence = nil
            advance(to: absence.untilNs)
        }
        return timeNs
    }

    func advance(to targetNs: Int64) {
        timeNs = max(timeNs, targetNs)
        if timeNs >= nextAlarmNs { ring() }
    }

    /// What a monotonic clock must never do, and a virtual machine's has done.
    func turnBack(byNs ns: Int64) { timeNs -= ns }

    /// Calls `action` once when the time has come.
    func alarm(atNs: Int64, _ action: @escaping () -> Void) {
        alarms.append((atNs, action))
        nextAlarmNs = min(nextAlarmNs, atNs)
    }

    private func ring() {
        let due = alarms.filter { $0.atNs <= timeNs }
        alarms.removeAll { $0.atNs <= timeNs }
        nextAlarmNs = alarms.map(\.atNs).min() ?? .max
        for alarm in due { alarm.action() }
    }
}
