import Load
import Plans

/// The properties of a run that its layout depends on.
extension RunIdentity {
    var isInNamespaces: Bool { network.isNamespace }

    var isOnLoopback: Bool {
        if case .loopback = network.kind { return true }
        return false
    }

    var hasCommand: Bool {
        if case .command? = scenario.responder?.kind { return network.usesResponder }
        return false
    }

    /// Whether a sender awaits no answers.
    package func isOneWay(_ sender: SenderDefinition) -> Bool {
        guard sender.kind == .probes else { return true }
        if let request = sender.request { return request.isOneWay }
        guard network.usesResponder, case .own(let own)? = scenario.responder?.kind else {
            return false
        }
        return own.behaviour == .sink
    }
}

extension SenderDefinition {
    /// Whether the sender's one thread is nearly idle.
    var mostlySleeps: Bool {
        guard threads == 1, let pps = peakPps else { return false }
        return pps * Double(flows) < 10_000
    }
}

extension NetworkDefinition {
    var isNamespace: Bool {
        if case .namespace = kind { return true }
        return false
    }

    /// Whether the network may alter datagrams.
    var alters: Bool {
        switch kind {
        case .loopback, .path, .between: false
        case .emulated(let forward, let backward):
            !forward.alterations.isEmpty || !backward.alterations.isEmpty
        case .namespace(let network): network.directions.contains { !$0.alterations.isEmpty }
        }
    }

    /// Whether the network may duplicate datagrams.
    var duplicates: Bool {
        switch kind {
        case .loopback, .path, .between: false
        case .emulated(let forward, let backward):
            forward.duplicate != nil || backward.duplicate != nil
        case .namespace(let network): network.directions.contains { $0.duplicate != nil }
        }
    }
}
