/// How long datagrams take. What comes out below 0 is 0, and above `Impairment.delayMaxNs` that.
package enum DelayModel: Codable, Sendable, Equatable {
    case constant(ns: Int64)
    /// Every nanosecond from `lowNs` to `highNs`, ends included, alike.
    case uniform(lowNs: Int64, highNs: Int64)
    case normal(meanNs: Int64, deviationNs: Int64)
    /// At least `scaleNs`; longer than x with probability (scale / x)^shape. The mean is
    /// scale × shape / (shape − 1), and infinite up to a shape of 1. Above `capNs` it is `capNs`.
    case pareto(scaleNs: Int64, shape: Double, capNs: Int64?)
    /// The delays of the datagrams of a flow in their order, from the first again after the last.
    case trace(ns: [Int64])
}

/// What is added to the delay of a datagram: between −`amountNs` and +`amountNs`, all alike.
/// The sum is never below 0.
package struct JitterModel: Codable, Sendable, Equatable {
    package var amountNs: Int64
    /// See `Impairment.keepsOrder`.
    package var keepsOrder: Bool

    package init(amountNs: Int64, keepsOrder: Bool) {
        self.amountNs = amountNs
        self.keepsOrder = keepsOrder
    }
}
