import Loops
import Metrics

/// The drops of a run's network by its own counters: unique probes and answers, by expected stream.
struct InjectedCounts: Sendable {
    struct Way: Sendable {
        /// The probes of which no copy left the network; empty where nothing can be dropped.
        var dropped: [Int] = []
        /// The probes of which only altered copies did, which no end accepts as probes.
        var altered: [Int] = []
        /// The probes still held when the relay's drain had ended.
        var held: [Int] = []

        func held(_ stream: Int) -> Int { stream < held.count ? held[stream] : 0 }
        func dropped(_ stream: Int) -> Int { stream < dropped.count ? dropped[stream] : 0 }
        func altered(_ stream: Int) -> Int { stream < altered.count ? altered[stream] : 0 }
    }

    /// The counts of a stream at its ends, outside the network.
    struct Ends {
        var sent: Int
        var responderOverflow: Int
        /// Whether the probes' check has 16 bits, see `ProbeLayout`.
        var hasShortCheck = false
        /// The probes received by the responder; `nil` for a responder without counts.
        var responderReceived: Int?
        /// The echoes sent; `nil` if unknown, or if there are none (a sink).
        var echoed: Int?
        var received: Int
        /// Whether the responder was away: probes that did not reach it met the closed port or were
        /// lost in the buffer of the killed socket.
        var responderWasAway = false
    }

    var forward = Way()
    var backward = Way()
    /// The answers of each stream that reached a relay or are known to have been dropped before it;
    /// empty without a relay.
    private(set) var answersSeen: [Int] = []
    /// Whether a part between the workers may drop, and counts its drops.
    private let isMade: Bool
    /// Whether the network's counts are known; `false` if they are missing.
    private let isKnown: Bool
    /// Whether there may be copies. The kernel counts copies as datagrams: of its drops, only as
    /// many count as datagrams are missing.
    private let hasCopies: Bool
    /// Whether the kernel's rules follow a relay in the forward direction: dropped datagrams may
    /// then be altered.
    private let dropsAltered: Bool

    init(
        forward: Way, backward: Way, hasCopies: Bool = false, dropsAltered: Bool = false
    ) {
        self.forward = forward
        self.backward = backward
        self.hasCopies = hasCopies
        self.dropsAltered = dropsAltered
        (isMade, isKnown) = (true, true)
    }

    init(_ outcome: RunOutcome, _ layout: RunLayout) {
        hasCopies = outcome.network != nil && outcome.identity.network.duplicates
        dropsAltered = outcome.network != nil && outcome.relay != nil
        isMade = outcome.network != nil || outcome.relay != nil
        let network = outcome.network?.result?.network.flatMap { $0.fault == nil ? $0 : nil }
        let relay = outcome.relay?.result?.relay
        isKnown =
            (outcome.network == nil || network != nil) && (outcome.relay == nil || relay != nil)
        if let network {
            forward.dropped = network.forward.injected
            backward.dropped = network.backward.injected
        }
        if let relay { add(relay, outcome, layout) }
    }

    private mutating func add(
        _ relay: RelayResult, _ outcome: RunOutcome, _ layout: RunLayout
    ) {
        let sent = layout.sentByPart(outcome.senders.map(\.result)).map { $0.reduce(0, +) }
        let atDoor = zip(sent, relay.forward.streams).map { $0 - $1.received }
        // Between the senders and the relay there is only the relay's socket: datagrams that the
        // relay did not receive overflowed that socket, or met its closed port.
        let stopped =
            layout.closesRelayPort
            ? atDoor.map { max(0, $0) }
            : LedgerBuilder.provenOverflow(missing: atDoor, drops: relay.forward.drops ?? 0)
        forward.add(relay.forward.streams, stopped, isBackward: false)
        let echoed = outcome.responderTotals?.streams.map(\.counts.echoed) ?? []
        let overflow = LedgerBuilder.provenOverflow(
            missing: zip(echoed, relay.backward.streams).enumerated().map { index, pair in
                pair.0 - pair.1.received - backward.dropped(index)
            },
            drops: relay.backward.drops ?? 0)
        answersSeen = relay.backward.streams.enumerated().map { index, stream in
            let stopped = index < overflow.count ? overflow[index] : 0
            return stream.received + stopped + backward.dropped(index)
        }
        backward.add(relay.backward.streams, overflow, isBackward: true)
    }

    /// Returns the network's accounts in the ledger of one stream.
    ///
    /// A datagram that the relay altered and forwarded is lost, whatever happened to it later: the
    /// first cause on the path determines the account. The check of a payload below 20 B accepts
    /// one altered probe of 65,536, which is then not lost. A datagram that the kernel dropped
    /// after a relay had altered it is injected, and not counted twice.
    func ledgerWay(_ stream: Int, _ ends: Ends) -> LedgerBuilder.Way {
        var way = LedgerBuilder.Way()
        guard isMade || ends.responderReceived != nil else { return way }
        way.outage = 0
        guard isKnown else { return way }
        var forwardInjected = forward.dropped(stream)
        var backwardInjected = backward.dropped(stream)
        var forwardCorrupt = forward.altered(stream)
        var backwardCorrupt = backward.altered(stream)
        let arrived = ends.responderReceived ?? ends.received + backwardInjected + backwardCorrupt
        let missing = ends.sent - ends.responderOverflow - arrived
        if ends.hasShortCheck || dropsAltered {
            forwardCorrupt = min(forwardCorrupt, max(0, missing - forwardInjected))
        }
        if ends.responderReceived != nil {
            let unanswered = (ends.echoed ?? 0) - ends.received
            if ends.hasShortCheck {
                backwardCorrupt = min(backwardCorrupt, max(0, unanswered - backwardInjected))
            }
            if hasCopies {
                forwardInjected = min(forwardInjected, max(0, missing - forwardCorrupt))
                backwardInjected = min(backwardInjected, max(0, unanswered - backwardCorrupt))
            }
        }
        if ends.responderWasAway {
            way.outage = max(0, missing - forwardInjected - forwardCorrupt)
        }
        way.forwardInjected = forwardInjected
        way.backwardInjected = backwardInjected
        way.forwardCorrupt = forwardCorrupt
        way.backwardCorrupt = backwardCorrupt
        way.beyondWindow = backward.held(stream)
        return way
    }
}

extension InjectedCounts.Way {
    fileprivate mutating func add(
        _ streams: [RelayStreamResult], _ before: [Int], isBackward: Bool
    ) {
        for (index, stream) in streams.enumerated() {
            let stopped = index < before.count ? before[index] : 0
            held.append(stream.held)
            // A probe that never reached the responder counts as dropped; an answer that never
            // reached its sender was too late.
            let late = isBackward ? stream.held : 0
            let gone = stream.received - stream.delivered - stream.altered - late + stopped
            if index < dropped.count { dropped[index] += gone } else { dropped.append(gone) }
            altered.append(stream.altered)
        }
    }
}
