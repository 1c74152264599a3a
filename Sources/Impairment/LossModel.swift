/// Which datagrams of a flow are lost. `n` counts the datagrams of the flow from 0.
package enum LossModel: Codable, Sendable, Equatable {
    /// Each with the same probability, independently of the others.
    case bernoulli(probability: Probability)
    /// A Markov chain of two states (Gilbert 1960, Elliott 1963): from good to bad with
    /// probability `p`, from bad to good with `r`, before each datagram; a datagram is lost with
    /// the probability of the state it meets. The first state is drawn from the stationary
    /// distribution, in which the share p / (p + r) is bad, so that short flows lose as much as
    /// long ones do.
    case gilbertElliott(
        p: Probability, r: Probability, lossGood: Probability, lossBad: Probability)
    /// Those with n mod `every` = `offset`.
    case periodic(every: Int, offset: Int)
    /// Each datagram starts with `probability` a burst that takes it and the next `length` − 1; a
    /// start within a burst prolongs it. The share 1 − (1 − probability)^length is lost.
    case burst(probability: Probability, length: Int)
    /// Exactly these n.
    case list([Int])
}
