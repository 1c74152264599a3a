import Metrics

/// What became of a probe, in the words of the ledger and in the order of its way.
enum Fate: String, Sendable, CaseIterable {
    // Not sent.
    case skipped, refused
    case localQueue = "local_queue"
    case localFirewall = "local_firewall"
    case tooBig = "too_big"
    case otherError = "other_error"
    // On the way there.
    case forwardInjected = "forward_injected"
    case forwardCorrupt = "forward_corrupt"
    case responderOverflow = "responder_overflow"
    case outage
    case forwardLost = "forward_lost"
    // At the responder.
    case echoFailed = "echo_failed"
    case rejected
    // On the way back.
    case backwardInjected = "backward_injected"
    case backwardCorrupt = "backward_corrupt"
    case senderOverflow = "sender_overflow"
    case beyondWindow = "beyond_window"
    case backwardLost = "backward_lost"
    // Came back.
    case late

    static let unsent: [Fate] = [
        .skipped, .refused, .localQueue, .localFirewall, .tooBig, .otherError,
    ]
    static let forward: [Fate] = [
        .forwardInjected, .forwardCorrupt, .responderOverflow, .outage, .forwardLost,
    ]
    static let responder: [Fate] = [.echoFailed, .rejected]
    static let backward: [Fate] = [
        .backwardInjected, .backwardCorrupt, .senderOverflow, .beyondWindow, .backwardLost,
    ]
}

/// Truth about the probes of one part of a stream: what became of each. All that nothing befell
/// came back in time.
struct Fates: Sendable {
    let scheduled: Int
    private var counts: [Fate: Int] = [:]

    init(scheduled: Int) { self.scheduled = scheduled }

    subscript(_ fate: Fate) -> Int { counts[fate] ?? 0 }

    /// Gives so many probes that came back in time this fate instead, as far as there are any.
    ///
    /// - Returns: How many.
    mutating func add(_ fate: Fate, _ count: Int) -> Int {
        let taken = min(count, inTime)
        counts[fate, default: 0] += taken
        return taken
    }

    func sum(_ fates: [Fate]) -> Int { fates.reduce(0) { $0 + self[$1] } }

    var sent: Int { scheduled - sum(Fate.unsent) }
    var arrived: Int { sent - sum(Fate.forward) }
    var echoed: Int { arrived - sum(Fate.responder) }
    var received: Int { echoed - sum(Fate.backward) }
    var inTime: Int { received - self[.late] }
}

extension [Fates] {
    func sum(_ path: KeyPath<Fates, Int>) -> Int { reduce(0) { $0 + $1[keyPath: path] } }

    func sum(_ fate: Fate) -> Int { reduce(0) { $0 + $1[fate] } }
}
