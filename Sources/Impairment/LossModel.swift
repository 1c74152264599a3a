/// The selection of a flow's lost datagrams. `n` counts the datagrams of the flow from 0.
package enum LossModel: Codable, Sendable, Equatable {
    /// Each datagram with the same probability, independently of the others.
    case bernoulli(probability: Probability)
    /// A Markov chain of two states (Gilbert 1960, Elliott 1963): from good to bad with
    /// probability `p`, from bad to good with `r`, before each datagram; a datagram is lost with
    /// the probability of the state it meets. The first state is drawn from the stationary
    /// distribution, in which the share p / (p + r) is bad, so that short flows lose as much as
    /// long ones do.
    case gilbertElliott(
        p: Probability, r: Probability, lossGood: Probability, lossBad: Probability)
    /// The datagrams with n mod `every` = `offset`.
    case periodic(every: Int, offset: Int)
    /// Each datagram starts with `probability` a burst that takes it and the next `length` − 1; a
    /// start within a burst prolongs it. The share 1 − (1 − probability)^length is lost.
    case burst(probability: Probability, length: Int)
    /// The datagrams with these n.
    case list([Int])

    // Messages name the cases in snake_case.
    private enum CodingKeys: String, CodingKey {
        case bernoulli
        case gilbertElliott = "gilbert_elliott"
        case periodic
        case burst
        case list
    }

    private enum ListCodingKeys: String, CodingKey {
        case _0 = "datagrams"
    }
}
