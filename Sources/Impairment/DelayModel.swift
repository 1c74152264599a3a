/// The distribution of the delay of datagrams. A value below 0 becomes 0, and one above
/// `Impairment.delayMaxNs` becomes that maximum.
package enum DelayModel: Codable, Sendable, Equatable {
    case constant(ns: Int64)
    /// Every nanosecond from `lowNs` to `highNs`, ends included, with equal probability.
    case uniform(lowNs: Int64, highNs: Int64)
    case normal(meanNs: Int64, deviationNs: Int64)
    /// At least `scaleNs`; longer than x with probability (scale / x)^shape. The mean is
    /// scale × shape / (shape − 1), and infinite up to a shape of 1. Above `capNs` it is `capNs`.
    case pareto(scaleNs: Int64, shape: Double, capNs: Int64?)
    /// The delays of the datagrams of a flow in their order, from the first again after the last.
    case trace(ns: [Int64])
}

extension DelayModel {
    /// The longest delay; of a normal distribution the one that is longer than all but one of 10^15
    /// (eight deviations).
    package var longestNs: Int64 {
        let longest: Int64 =
            switch self {
            case .constant(let ns): ns
            case .uniform(_, let highNs): highNs
            case .normal(let meanNs, let deviationNs): meanNs + 8 * deviationNs
            case .pareto(_, _, let capNs): capNs ?? Impairment.delayMaxNs
            case .trace(let ns): ns.max() ?? 0
            }
        return min(longest, Impairment.delayMaxNs)
    }
}

/// The jitter, which is added to the delay of a datagram: uniform between −`amountNs` and
/// +`amountNs`. The sum is never below 0.
package struct JitterModel: Codable, Sendable, Equatable {
    package var amountNs: Int64
    /// See `Impairment.keepsOrder`.
    package var keepsOrder: Bool

    package init(amountNs: Int64, keepsOrder: Bool) {
        self.amountNs = amountNs
        self.keepsOrder = keepsOrder
    }
}
