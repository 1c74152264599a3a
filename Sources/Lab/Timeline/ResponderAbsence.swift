import Plans

/// A time in which the timeline kept the responder from answering. Times are monotonic.
struct ResponderAbsence: Sendable, Equatable {
    var fromNs: Int64
    /// Nil when it did not come back.
    var untilNs: Int64?

    /// In order of time. A responder that is killed while it is away stays away.
    static func all(_ events: [ConductedEvent]) -> [ResponderAbsence] {
        var absences: [ResponderAbsence] = []
        for event in events {
            let isAway = absences.last.map { $0.untilNs == nil } ?? false
            switch event.event.action {
            case .kill, .stop, .pause:
                if !isAway { absences.append(ResponderAbsence(fromNs: event.atNs)) }
            case .start, .resume:
                if isAway { absences[absences.count - 1].untilNs = event.atNs }
            case .network: break
            }
        }
        return absences
    }
}
