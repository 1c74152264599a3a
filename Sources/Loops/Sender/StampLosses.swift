import Metrics
import STAMP

extension StampResult {
    /// Makes the result of all threads together.
    init(_ order: StampOrder, _ lanes: [SenderLane<StampContent>]) {
        var losses = StampLosses()
        var farErrorNs: Int64 = 0
        var isFarKnown = true
        var exchanges: [TimeExchange] = []
        absurd = 0
        for known in lanes.compactMap({ $0.stamps() }) {
            losses.add(known.losses)
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
        isStateful = losses.isCounted ? true : order.settings.isStateful
        guard order.splitsLoss, isStateful == true else { return }
        untoldFlows = losses.untoldFlows
        guard losses.untoldFlows == 0 else { return }
        forwardLost = losses.forward
        backwardLost = losses.backward
    }
}

/// The losses of a thread's flows by direction.
struct StampLosses: Sendable {
    var forward = 0
    var backward = 0
    /// The flows whose numbers do not tell.
    var untoldFlows = 0
    /// Whether the numbers of the answers are the reflector's own.
    var isCounted = false

    mutating func add(_ other: StampLosses) {
        forward += other.forward
        backward += other.backward
        untoldFlows += other.untoldFlows
        isCounted = isCounted || other.isCounted
    }
}
