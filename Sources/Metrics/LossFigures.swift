/// Loss (RFC 7680, RFC 6673) and its patterns (RFC 3357), in sequence order within each flow.
package struct LossFigures: Codable, Sendable, Equatable {
    /// The number of lost probes: `late` + `never`.
    package var count = 0
    /// `count` / sent; nil when nothing was sent.
    package var ratio: Double?
    /// Probes whose first copy arrived after the timeout.
    package var late = 0
    /// Probes without any copy.
    package var never = 0
    /// Loss periods: maximal runs of consecutive losses.
    package var periods = 0
    /// The length of the longest period in probes.
    package var longestBurst = 0
    /// The mean length of a period; nil without one.
    package var meanBurst: Double?
    /// The numbers of periods of length 1, 2, … 16.
    package var lengthCounts: [Int] = []
    /// The number of longer periods.
    package var longerCount = 0
    /// Inter-loss-period lengths (RFC 3357 §6.4) of all periods but the first of each flow:
    /// the first sequence number of a period minus the last of the period before it.
    package var gapMean: Double?
    package var gapMin: Int?
    package var gapMax: Int?
    /// The δ of RFC 3357 §6.1.
    package var noticeableDistance = 0
    /// The share of the losses whose distance d to the loss before has 0 < d ≤ δ; nil without
    /// losses.
    package var noticeableRate: Double?
    /// P(probe i lost | probe i−1 lost); nil when no lost probe had a successor.
    package var conditionalProbability: Double?

    package init() {}
}
