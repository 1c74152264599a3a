import Plans

/// The answering side of a run according to the plan: the owner of the service, and the plan's own
/// disturbances of it.
struct AnsweringSide: Sendable {
    /// Whether the service is the user's: a `command`, or the service at a path's address, whose
    /// failures are findings. Otherwise it is udplab's own responder.
    let isOfUser: Bool
    /// The part of the plan that closes the port at times, or keeps the responder from answering;
    /// nil if there is none.
    let plannedTrouble: String?

    init(of scenario: ScenarioDefinition, onNetwork name: String) {
        let network = scenario.networks.first { $0.name == name }
        let responder = network?.usesResponder == false ? nil : scenario.responder
        var isOfUser = network?.usesResponder == false
        if case .command? = responder?.kind { isOfUser = true }
        self.isOfUser = isOfUser
        let networks = network.map { scenario.networks(of: $0) } ?? []
        let ownPolicy = responder?.own?.onReset ?? .always
        if scenario.timeline.contains(where: \.takesResponderAway) {
            plannedTrouble = "the timeline takes the responder away"
        } else if networks.contains(where: \.closesPort) {
            plannedTrouble = "the network refuses or swallows for a time, as the plan says"
        } else if !isOfUser, scenario.senders.contains(where: { $0.kind == .hitAndRun }) {
            plannedTrouble = "hit-and-run senders make resets for the responder"
        } else if ownPolicy != .always {
            plannedTrouble = "the responder's \"on_reset\" may close its port"
        } else {
            plannedTrouble = nil
        }
    }
}

extension TimelineEvent {
    fileprivate var takesResponderAway: Bool {
        switch action {
        case .kill, .stop, .pause: true
        case .start, .resume, .network: false
        }
    }
}

extension NetworkDefinition {
    fileprivate var closesPort: Bool {
        guard let ways = relayImpairments(kernelHasNetem: false) else { return false }
        return [ways.forward, ways.backward].contains {
            !$0.refusals.isEmpty || !$0.blackholes.isEmpty
        }
    }
}
