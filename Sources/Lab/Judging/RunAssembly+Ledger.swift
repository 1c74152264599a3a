import Load
import Loops
import Metrics
import Plans

/// The ledger of a stream, from the counts of all workers on its path.
///
/// The forward path is accounted for part by part: each instance of the responder has a socket of
/// its own that may overflow, and its own absences.
extension RunAssembly {
    func ledger(_ index: Int, _ result: SenderResult) -> Ledger {
        ledger(
            layout.measuredParts(index), of: result, in: result, outcome.senders[index].ready,
            isOneWay: layout.isOneWay(scenario.senders[index]),
            scenario.senders[index].request)
    }

    /// Returns the ledger of some parts of a stream.
    /// - Parameters:
    ///   - result: Of the worker or the workers that sent these parts, and no others.
    ///   - whole: Of the stream, whose flows the parts number.
    func ledger(
        _ parts: [Int], of result: SenderResult, in whole: SenderResult, _ ready: Ready,
        isOneWay: Bool, _ request: RequestDefinition?
    ) -> Ledger {
        var sender = LedgerBuilder.Sender(
            result.accounts, result.figures,
            socketDrops: result.drops.map { $0 * Self.datagramsPerDrop(ready, outcome) },
            beyondWindow: result.figures.discarded.beyondWindow
                + Self.tailCount(result, Self.datagramsPerDrop(ready, outcome)))
        sender.waits = request?.isOneAtATime == true
        if result.answers != nil { sender.wrongAnswers = result.figures.wrong }
        guard outcome.responderTotals != nil else {
            var way = LedgerBuilder.Way.sum(
                parts.map { injected.ledgerWay($0, ends($0, whole)) })
            if request != nil { way.limit(to: sender.unanswered) }
            let drops = outcome.programDrops == nil ? nil : parts.reduce(0) { $0 + overflow[$1] }
            if isOneWay {
                return LedgerBuilder.untold(sender: sender, overflow: drops, way: way)
            }
            return LedgerBuilder.roundTrip(
                sender: sender, responder: Self.reflector(result), overflow: drops, way: way)
        }
        let accounts = parts.map {
            account($0, whole, others: (sender.socketDrops ?? 0) + sender.beyondWindow)
        }
        let way = LedgerBuilder.Way.sum(accounts.map(\.way))
        let responder = LedgerBuilder.Responder.sum(accounts.map(\.responder))
        if isOneWay {
            let late = parts.reduce(0) { $0 + (outcome.counts(ofPart: $1, layout)?.late ?? 0) }
            return LedgerBuilder.oneWay(
                sender: sender, inTime: responder.received - late, late: late,
                overflow: responder.overflow, way: way)
        }
        return LedgerBuilder.roundTrip(sender: sender, responder: responder, way: way)
    }

    /// Returns the counts of a reflector at the end of a path, as the numbers of its answers tell
    /// them; nil if they do not.
    private static func reflector(_ result: SenderResult) -> LedgerBuilder.Responder? {
        guard let lost = result.stamp?.forwardLost else { return nil }
        var reflector = LedgerBuilder.Responder()
        reflector.received = result.accounts.sent - lost
        // Nobody tells what its socket dropped.
        reflector.overflow = nil
        return reflector
    }

    /// Returns the counts of a part at its ends, without the responder's.
    private func ends(_ part: Int, _ result: SenderResult) -> InjectedCounts.Ends {
        let flows = layout.parts[part].flows
        func sum(_ byFlow: [Int]) -> Int {
            byFlow.count >= flows.upperBound ? byFlow[flows].reduce(0, +) : 0
        }
        let sender = scenario.senders[layout.parts[part].sender]
        return InjectedCounts.Ends(
            sent: sum(result.sentByFlow), responderOverflow: overflow[part],
            hasShortCheck: !ProbeLayout.hasLongCheck(
                payloadBytes: min(sender.payloadBytes, layout.replyBytes ?? .max)),
            received: sum(result.receivedByFlow))
    }

    private func account(
        _ part: Int, _ result: SenderResult, others: Int
    ) -> (responder: LedgerBuilder.Responder, way: LedgerBuilder.Way) {
        let instance = outcome.responders[layout.parts[part].instance]
        var ends = ends(part, result)
        var responder = LedgerBuilder.Responder()
        guard let counts = outcome.counts(ofPart: part, layout) else {
            return (responder, injected.ledgerWay(part, ends))
        }
        let answered = counts.received - counts.echoFailed - counts.rejected
        let seen = part < injected.answersSeen.count ? injected.answersSeen[part] : nil
        let isOneWay = layout.isOneWay(scenario.senders[layout.parts[part].sender])
        let correction: Int
        if isOneWay {
            // The maximum number of received probes: the inference from answers is impossible for a
            // sink.
            let most = ends.sent - injected.forward.dropped(part) - injected.forward.altered(part)
            correction =
                countsCopies(part) || countsArrivals(part) ? min(0, most - counts.received) : 0
        } else {
            correction = instance.record.correction(
                part, flows: layout.parts[part].flows.count, answered: answered,
                accounted: seen ?? injected.backward.dropped(part) + ends.received,
                senderDrops: seen == nil ? others : 0,
                countsCopies: seen != nil && countsCopies(part))
        }
        responder.received = counts.received + correction
        responder.echoFailed = counts.echoFailed
        responder.rejected = counts.rejected
        let died = outageOverflow(part)
        responder.overflow = instance.totals?.drops == nil ? nil : overflow[part] - died
        ends.responderReceived = responder.received
        ends.responderWasAway = instance.hasEnded || instance.record.hasBeenAway
        if !isOneWay { ends.echoed = answered + correction }
        var way = injected.ledgerWay(part, ends)
        if died > 0 { way.outage = (way.outage ?? 0) + died }
        return (responder, way)
    }

    /// Whether the responder may have counted two copies of one probe as two probes: the network
    /// makes copies, and they came to threads or processes with sequence windows of their own.
    func countsCopies(_ part: Int) -> Bool {
        guard layout.duplicates, let responder = outcome.responder(ofPart: part, layout) else {
            return false
        }
        if !responder.record.formers.isEmpty { return true }
        guard let streams = responder.totals?.streams, part < streams.count else { return false }
        return streams[part].splitFlows > 0
    }

    /// Whether the responder has counted requests, of which it knows neither the copies nor those
    /// that the network altered.
    private func countsArrivals(_ part: Int) -> Bool {
        scenario.senders[layout.parts[part].sender].request != nil
    }

    /// Returns the share of a part's proven overflow while the timeline had its instance paused.
    private func outageOverflow(_ part: Int) -> Int {
        let instance = layout.parts[part].instance
        let responder = outcome.responders[instance]
        guard responder.record.outageDrops > 0 else { return 0 }
        // The timeline begins when the warm-ups are over.
        let missing = layout.parts.indices.map { index in
            let isOfInstance = layout.parts[index].instance == instance
            return isOfInstance && layout.parts[index].isMeasured ? overflow[index] : 0
        }
        return LedgerBuilder.provenOverflow(
            missing: missing, drops: responder.record.outageDrops,
            datagramsPerDrop: Self.datagramsPerDrop(responder.member?.ready, outcome))[part]
    }

    /// Returns the proven overflow of the sockets of each instance, by part: the warm-ups have
    /// their share in its drops as well. A program that is no responder of udplab's has received
    /// what it answered.
    static func responderOverflow(
        _ outcome: RunOutcome, _ layout: RunLayout, _ injected: InjectedCounts
    ) -> [Int] {
        let results = outcome.senders.map(\.result)
        let sent = layout.sentByPart(results).map { $0.reduce(0, +) }
        let answered = layout.answeredByPart(results)
        var overflow = Array(repeating: 0, count: layout.parts.count)
        for (instance, responder) in outcome.responders.enumerated() {
            let drops = responder.totals.map { $0.drops ?? 0 } ?? responder.programDrops
            guard let drops else { continue }
            let missing = layout.parts.indices.map { part in
                layout.parts[part].instance == instance
                    ? sent[part]
                        - (responder.totals?.streams[part].counts.received ?? answered[part])
                        - injected.forward.dropped(part) - injected.forward.altered(part)
                    : 0
            }
            let proven = LedgerBuilder.provenOverflow(
                missing: missing, drops: drops,
                datagramsPerDrop: datagramsPerDrop(responder.member?.ready, outcome))
            for part in overflow.indices { overflow[part] += proven[part] }
        }
        return overflow
    }

    /// Returns the answers that reached a sender's sockets after its drain, dropped ones included.
    private static func tailCount(_ result: SenderResult, _ datagramsPerDrop: Int) -> Int {
        guard let tail = result.tail else { return 0 }
        return tail.answers + tail.drops * datagramsPerDrop
    }

    /// Returns the number of datagrams per drop of a worker's sockets: with UDP_GRO as many as the
    /// senders put into one buffer.
    private static func datagramsPerDrop(
        _ ready: Ready?, _ outcome: RunOutcome
    ) -> Int {
        guard ready?.features.coalesces == true else { return 1 }
        return max(1, outcome.orders.map(\.segments).max() ?? 1)
    }
}

extension RunOutcome.Responder {
    /// The drops of the sockets of a program under test; nil for udplab's own responder.
    var programDrops: Int? { member?.result?.command?.drops }
}

extension RunOutcome {
    /// The drops of the sockets of all programs under test; nil if they are not known of one.
    var programDrops: Int? {
        let drops = responders.compactMap(\.programDrops)
        return drops.isEmpty || drops.count < responders.count ? nil : drops.reduce(0, +)
    }

    /// The counts of all instances together; nil if one of them reports none.
    var responderTotals: ResponderResult? {
        let totals = responders.compactMap(\.totals)
        guard var sum = totals.first, totals.count == responders.count else { return nil }
        for other in totals.dropFirst() { sum.add(other) }
        return sum
    }

    /// Returns the counts of a part by the instance that answers it; nil if unknown: a path has no
    /// responder of the run.
    func counts(ofPart part: Int, _ layout: RunLayout) -> ResponderCounts? {
        guard let totals = responder(ofPart: part, layout)?.totals,
            totals.streams.indices.contains(part)
        else { return nil }
        return totals.streams[part].counts
    }

    /// Returns the instance that answers a part; nil at the end of a path, which has another
    /// responder.
    func responder(ofPart part: Int, _ layout: RunLayout) -> Responder? {
        let instance = layout.parts[part].instance
        return responders.indices.contains(instance) ? responders[instance] : nil
    }

    /// The destination addresses as text.
    var targetText: String { targets.map(\.description).joined(separator: ", ") }
}

extension RunOutcome.Responder {
    /// Whether its retry policy has ended the loop, and closed the port.
    var hasEnded: Bool { totals.map { $0.resets.ended > 0 } ?? false }
}

extension LedgerBuilder.Way {
    /// Returns the sum; an account that is unknown for one part is unknown for all.
    fileprivate static func sum(_ ways: [Self]) -> Self {
        guard var sum = ways.first else { return Self() }
        for way in ways.dropFirst() {
            sum.forwardInjected = added(sum.forwardInjected, way.forwardInjected)
            sum.backwardInjected = added(sum.backwardInjected, way.backwardInjected)
            sum.forwardCorrupt = added(sum.forwardCorrupt, way.forwardCorrupt)
            sum.backwardCorrupt = added(sum.backwardCorrupt, way.backwardCorrupt)
            sum.outage = added(sum.outage, way.outage)
            sum.beyondWindow += way.beyondWindow
        }
        return sum
    }

    private static func added(_ first: Int?, _ second: Int?) -> Int? {
        guard let first, let second else { return nil }
        return first + second
    }
}

extension LedgerBuilder.Responder {
    fileprivate static func sum(_ responders: [Self]) -> Self {
        responders.reduce(into: Self()) { sum, responder in
            sum.received += responder.received
            sum.echoFailed += responder.echoFailed
            sum.rejected += responder.rejected
            sum.overflow = .sum([sum.overflow, responder.overflow])
        }
    }
}
