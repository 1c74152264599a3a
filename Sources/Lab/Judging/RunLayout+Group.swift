import Load
import Plans

/// The members of a group, of which each has a stream of its own for the judges: it gets, or loses,
/// all datagrams of a sender.
extension RunLayout {
    /// The members of the group; 1 for a responder that is no group.
    private var groupMembers: Int { scenario.isGroup ? instances : 1 }

    /// Returns the layout with a sender for each member. Its parts are those of the run, in their
    /// order.
    func perMember() -> RunLayout {
        let members = groupMembers
        guard members > 1 else { return self }
        var layout = self
        layout.identity.scenario.senders = scenario.senders.flatMap { sender in
            (0..<members).map { member in
                var own = sender
                own.name += "#\(member + 1)"
                own.instance = member
                return own
            }
        }
        layout.parts = parts.map { part in
            StreamPart(
                sender: part.sender * members + part.instance, phase: part.phase,
                isMeasured: part.isMeasured, instance: part.instance, flows: part.flows)
        }
        return layout
    }

    /// Returns the outcome of a run as the layout per member has it.
    func perMember(_ outcome: RunOutcome) -> RunOutcome {
        let members = groupMembers
        guard members > 1 else { return outcome }
        var whole = outcome
        whole.identity = perMember().identity
        whole.senders = outcome.senders.flatMap { Array(repeating: $0, count: members) }
        whole.orders = outcome.orders.flatMap { Array(repeating: $0, count: members) }
        return whole
    }
}
