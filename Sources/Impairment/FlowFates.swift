/// The fates of one flow in one direction, in order.
///
/// The fate of datagram n is a pure function of (seed, direction, flow, n): the same on every
/// machine and at every speed. Impairments that differ in one parameter use common random numbers:
/// raising a probability of `LossModel` only adds losses (of `gilbertElliott` as long as p ≤ 1 − r
/// and lossGood ≤ lossBad: where a bad state makes another bad state no less likely).
package struct FlowFates: Sendable {
    /// The number of datagrams so far, which is also the number of the next one.
    package private(set) var count: UInt64 = 0
    private var loss: LossProcess
    private var delay: DelayProcess
    private var reorder: Choice
    private var duplicate: Choice
    /// The choices and seeds by the index in `Alteration.all`.
    private var alterations: [(choice: Choice, seeds: RandomStream)]
    private var altersAny = false

    /// Makes the fates of a flow.
    /// - Parameter flow: the number of the flow from 0, in the order of the sessions, or of first
    ///   appearance.
    package init(_ impairment: Impairment, seed: Int, direction: Direction, flow: Int) {
        func stream(_ purpose: RandomStream.Purpose) -> RandomStream {
            RandomStream(seed: seed, direction: direction, flow: flow, purpose: purpose)
        }
        loss = LossProcess(draws: stream(.loss), stateDraws: stream(.lossState))
        delay = DelayProcess(draws: stream(.delay), jitterDraws: stream(.jitter))
        reorder = Choice(draws: stream(.reorder))
        duplicate = Choice(draws: stream(.duplicate))
        alterations = Alteration.all.map {
            (Choice(draws: stream($0.choosing)), stream($0.applying))
        }
        replace(impairment)
    }

    /// Continues with another impairment: the numbering and the random numbers stay.
    package mutating func replace(_ impairment: Impairment) {
        loss.replace(impairment.loss, next: count)
        delay.replace(impairment.delay, impairment.jitter)
        reorder.replace(impairment.reorder?.probability, impairment.reorder?.depth)
        duplicate.replace(impairment.duplicate?.probability, impairment.duplicate?.copies)
        for (index, alteration) in Alteration.all.enumerated() {
            let share = impairment.alterations.first { $0.key == alteration.key }
            alterations[index].choice.replace(share?.probability, share?.amount)
        }
        altersAny = !impairment.alterations.isEmpty
    }

    /// Returns the fate of the next datagram. Allocates nothing.
    package mutating func next() -> Fate {
        let n = count
        count &+= 1  // Nobody sends 2^64 datagrams.
        guard !loss.takes(n) else { return Fate(isLost: true) }
        var fate = Fate()
        fate.delayNs = delay.delayNs(n)
        fate.copies = duplicate.amount(n)
        fate.holdDepth = reorder.amount(n)
        if altersAny { fate.alterations = alterations(of: n) }
        return fate
    }

    private func alterations(of n: UInt64) -> AlterationSet {
        var set = AlterationSet()
        for index in alterations.indices {
            let amount = alterations[index].choice.amount(n)
            if amount > 0 { set.insert(index, amount: amount, seed: alterations[index].seeds[n]) }
        }
        return set
    }

    /// Alters the payload of datagram `n` according to its fate.
    /// - Returns: The number of bytes left, and the alterations that changed the payload.
    package func alter(
        _ payload: UnsafeMutableRawBufferPointer, number n: UInt64, _ set: AlterationSet
    ) -> (bytes: Int, done: AlterationSet) {
        var left = payload
        var done = AlterationSet()
        for index in alterations.indices where set.contains(index) && !left.isEmpty {
            let amount = alterations[index].choice.amount(n)
            let bytes = Alteration.all[index].apply(left, amount, alterations[index].seeds[n])
            guard let bytes else { continue }
            left = UnsafeMutableRawBufferPointer(rebasing: left[..<bytes])
            done.insert(index)
        }
        return (left.count, done)
    }
}

/// A number that applies to some datagrams, chosen independently, and is 0 for the others.
private struct Choice: Sendable {
    private let draws: RandomStream
    private var chance = Chance(.never)
    private var amount = 0

    init(draws: RandomStream) { self.draws = draws }

    mutating func replace(_ probability: Probability?, _ amount: Int?) {
        chance = Chance(probability ?? .never)
        self.amount = probability == .never ? 0 : amount ?? 0
    }

    func amount(_ n: UInt64) -> Int {
        amount > 0 && chance.hits(draws[n]) ? amount : 0
    }
}
