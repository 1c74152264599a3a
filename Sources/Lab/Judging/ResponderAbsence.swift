import Plans

/// A period in which the timeline kept the responder from answering. Times are monotonic.
struct ResponderAbsence: Sendable, Equatable {
    var fromNs: Int64
    /// The end; nil if the responder did not return.
    var untilNs: Int64?

    /// Returns the absences in order of time. A responder that is killed during an absence stays
    /// absent.
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
