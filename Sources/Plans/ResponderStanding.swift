/// What an instance of a responder is doing, as far as the timeline goes.
package enum ResponderStanding: String, Sendable {
    case running
    case dead = "killed"
    case closed = "stopped"
    case paused

    /// - Returns: Whether the event can happen to an instance that stands so; nothing changes
    ///   when it cannot.
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
    /// The instances that the event happens to, by index, as they stand; they have changed
    /// afterwards. Empty when it cannot happen to one that it names, or to any.
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
