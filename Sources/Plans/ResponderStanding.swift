/// The state of a responder instance according to the timeline.
package enum ResponderStanding: String, Sendable {
    case running
    case dead = "killed"
    case closed = "stopped"
    case paused

    /// Applies an event to the state.
    /// - Returns: Whether the event is possible in this state; if not, the state is unchanged.
    package mutating func step(_ action: TimelineEvent.Action) -> Bool {
        switch (action, self) {
        case (.kill, .running), (.kill, .closed), (.kill, .paused): self = .dead
        case (.stop, .running): self = .closed
        case (.pause, .running): self = .paused
        case (.resume, .paused), (.start, .closed), (.start, .dead): self = .running
        default: return false
        }
        return true
    }
}

extension TimelineEvent {
    /// Applies the event to the states of the instances. Returns the indices of the instances
    /// concerned; none if the event is impossible for one that it names, or for all.
    package func happen(to standings: inout [ResponderStanding]) -> [Int] {
        let named = 0..<(instances ?? standings.count)
        guard named.upperBound <= standings.count else { return [] }
        var changed = standings
        let affected = named.filter { changed[$0].step(action) }
        guard instances == nil || affected.count == named.count else { return [] }
        standings = changed
        return affected
    }
}
