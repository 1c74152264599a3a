import Synchronization

/// The responder of a run, which may be several processes, and what the timeline did.
final class ResponderGroup: Sendable {
    /// By instance; empty where a path leads to whoever answers.
    let stages: [ResponderStage]
    private let conducted = Mutex<[ConductedEvent]>([])

    init(_ workers: [PreparedWorker]) { stages = workers.map(ResponderStage.init) }

    func note(_ event: ConductedEvent) { conducted.withLock { $0.append(event) } }

    /// Everything that the timeline has done so far, in the order of time.
    var events: [ConductedEvent] {
        conducted.withLock { $0 }.sorted { $0.atNs < $1.atNs }
    }

    /// What the timeline made of an instance.
    func record(of instance: Int) -> ResponderRecord {
        var record = stages[instance].record
        record.events = events.filter { $0.instance == instance }
        return record
    }
}
