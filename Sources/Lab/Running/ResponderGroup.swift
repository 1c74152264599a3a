import Synchronization

/// The responder of a run, which may be several processes, with the timeline's events.
final class ResponderGroup: Sendable {
    /// The stages by instance; empty for a path.
    let stages: [ResponderStage]
    private let conducted = Mutex<[ConductedEvent]>([])

    init(_ workers: [PreparedWorker], on host: any ControlHost) {
        stages = workers.map { ResponderStage($0, on: host) }
    }

    func note(_ event: ConductedEvent) { conducted.withLock { $0.append(event) } }

    /// The timeline's events so far, in the order of time.
    var events: [ConductedEvent] {
        conducted.withLock { $0 }.sorted { $0.atNs < $1.atNs }
    }

    /// Returns the timeline's effects on an instance.
    func record(of instance: Int) -> ResponderRecord {
        var record = stages[instance].record
        record.events = events.filter { $0.instance == instance }
        return record
    }
}
