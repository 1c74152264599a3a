import Metrics
import STAMP

extension StampResult {
    /// Makes the result of all threads together.
    init(_ order: StampOrder, _ lanes: [SenderLane<StampContent>]) {
        var losses = StampLosses()
        var facts = ReflectedFacts()
        var farErrorNs: Int64 = 0
        var isFarKnown = true
        var exchanges: [TimeExchange] = []
        absurd = 0
        for known in lanes.compactMap({ $0.stamps() }) {
            losses.add(known.losses)
            facts.add(known.facts)
            absurd += known.absurd
            exchanges += known.exchanges
            // -1 of a thread without an answer, which says nothing.
            isFarKnown = isFarKnown && !known.isFarUnsynchronized
            farErrorNs = max(farErrorNs, known.farErrorNs)
        }
        let isKnown = isFarKnown && !exchanges.isEmpty
        self.farErrorNs = isKnown ? farErrorNs : nil
        ownErrorNs = lanes.first?.content.ownErrorNs
        oneWay = OneWayDelays(
            exchanges, absurd: absurd,
            clocks: OneWayDelays.Clocks(
                areOne: order.sharesClock, ownErrorNs: ownErrorNs, farErrorNs: self.farErrorNs))
        if !order.settings.extensions.isEmpty { self.facts = facts }
        isStateful = losses.isCounted ? true : order.settings.isStateful
        if order.splitsLoss { take(losses) }
    }

    /// Takes the losses by direction, if numbers or counters tell them for every flow and do not
    /// contradict each other.
    mutating func take(_ losses: StampLosses) {
        let split: StampLosses.Split
        let source: LossSplit
        switch (isStateful == true, losses.hasCounters) {
        case (false, false): return
        case (true, false): (split, source) = (losses.byNumbers, .numbers)
        case (false, true): (split, source) = (losses.byCounters, .counters)
        case (true, true): (split, source) = (losses.byEither, .both)
        }
        untoldFlows = split.untoldFlows
        if source != .counters { continuedFlows = min(losses.continuedFlows, untoldFlows) }
        if source == .both { contradictoryFlows = losses.contradictoryFlows }
        guard untoldFlows == 0, contradictoryFlows == 0 else { return }
        forwardLost = split.forward
        backwardLost = split.backward
        splitBy = source
    }
}

/// The losses of a thread's flows by direction.
package struct StampLosses: Sendable {
    /// The losses as one source tells them.
    package struct Split: Sendable, Equatable {
        package var forward = 0
        package var backward = 0
        /// The flows of which the source does not tell.
        package var untoldFlows = 0

        fileprivate mutating func add(_ told: ReflectedNumbers.Losses?) {
            guard let told else {
                untoldFlows += 1
                return
            }
            forward += told.forward
            backward += told.backward
        }

        fileprivate mutating func add(_ other: Split) {
            forward += other.forward
            backward += other.backward
            untoldFlows += other.untoldFlows
        }
    }

    package var byNumbers = Split()
    package var byCounters = Split()
    /// Flow by flow as the counters tell them, or else the numbers.
    package var byEither = Split()
    /// The flows of which both tell, and not the same.
    package var contradictoryFlows = 0
    /// The flows with losses whose numbers may go on from those of the warm-up.
    package var continuedFlows = 0
    /// Whether the numbers of the answers are the reflector's own.
    package var isCounted = false
    /// Whether an answer told counters.
    package var hasCounters = false

    /// Adds a flow.
    mutating func add(
        numbers: ReflectedNumbers.Losses?, counters: ReflectedNumbers.Losses?
    ) {
        byNumbers.add(numbers)
        byCounters.add(counters)
        byEither.add(counters ?? numbers)
        if let numbers, let counters, numbers != counters { contradictoryFlows += 1 }
    }

    /// Adds the flows of another thread.
    mutating func add(_ other: StampLosses) {
        byNumbers.add(other.byNumbers)
        byCounters.add(other.byCounters)
        byEither.add(other.byEither)
        contradictoryFlows += other.contradictoryFlows
        continuedFlows += other.continuedFlows
        isCounted = isCounted || other.isCounted
        hasCounters = hasCounters || other.hasCounters
    }
}
