/// Decides the losses of one flow by a loss model.
struct LossProcess: Sendable {
    private enum Kind { case none, independent, chain, periodic, burst, list }

    private let draws: RandomStream
    private let stateDraws: RandomStream
    private var kind = Kind.none
    /// The loss probability of `independent` and of the good state of a `chain`; the start
    /// probability of a `burst`.
    private var chance = Chance(.never)
    private var chanceInBad = Chance(.never)
    /// The probabilities that the next state is bad, from the good state and from the bad one.
    private var toBad = Chance(.never)
    private var staysBad = Chance(.never)
    private var startsBad = Chance(.never)
    /// The state of the chain; nil before its first datagram.
    private var isBad: Bool?
    private var every: UInt64 = 1
    private var offset: UInt64 = 0
    private var length = 0
    /// The number of further datagrams that the burst loses.
    private var left = 0
    /// The listed numbers, ascending, without repeats; those before `nextListed` have passed.
    private var listed: [UInt64] = []
    private var nextListed = 0

    init(draws: RandomStream, stateDraws: RandomStream) {
        self.draws = draws
        self.stateDraws = stateDraws
    }

    /// Continues with another model.
    /// - Parameter next: the number of the next datagram.
    mutating func replace(_ model: LossModel?, next: UInt64) {
        switch model {
        case nil:
            kind = .none
        case .bernoulli(let probability):
            kind = .independent
            chance = Chance(probability)
        case .gilbertElliott(let p, let r, let lossGood, let lossBad):
            kind = .chain
            (chance, chanceInBad) = (Chance(lossGood), Chance(lossBad))
            (toBad, staysBad) = (Chance(p), Chance(r.complement))
            let ways = UInt64(p.billionths + r.billionths)
            startsBad = Chance(UInt64(p.billionths), of: ways)
        case .periodic(let every, let offset):
            precondition(every > 0 && (0..<every).contains(offset), "no period")
            kind = .periodic
            (self.every, self.offset) = (UInt64(every), UInt64(offset))
        case .burst(let probability, let length):
            kind = .burst
            chance = Chance(probability)
            self.length = length
        case .list(let ordinals):
            kind = .list
            listed = Set(ordinals.filter { $0 >= 0 }.map(UInt64.init)).sorted()
            nextListed = listed.firstIndex { $0 >= next } ?? listed.count
        }
    }

    /// Whether datagram n, the next one, is lost.
    mutating func takes(_ n: UInt64) -> Bool {
        switch kind {
        case .none: false
        case .independent: chance.hits(draws[n])
        case .chain: takesInChain(n)
        case .periodic: n % every == offset
        case .burst: takesInBurst(n)
        case .list: takesListed(n)
        }
    }

    /// Decides on datagram n by the chain. One random number decides on the next state from either
    /// state: then a chain with a greater p, or a smaller r, is bad wherever this one is.
    private mutating func takesInChain(_ n: UInt64) -> Bool {
        let random = stateDraws[n]
        let chanceOfBad =
            switch isBad {
            case nil: startsBad
            case false?: toBad
            case true?: staysBad
            }
        let isBad = chanceOfBad.hits(random)
        self.isBad = isBad
        return (isBad ? chanceInBad : chance).hits(draws[n])
    }

    private mutating func takesInBurst(_ n: UInt64) -> Bool {
        if chance.hits(draws[n]) { left = length }
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    private mutating func takesListed(_ n: UInt64) -> Bool {
        guard nextListed < listed.count, listed[nextListed] == n else { return false }
        nextListed += 1
        return true
    }
}
