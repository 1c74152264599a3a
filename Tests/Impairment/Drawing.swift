@testable import Impairment

/// The first fates of a flow.
func fates(
    _ impairment: Impairment, seed: Int = 1, _ direction: Direction = .forward, flow: Int = 0,
    count: Int
) -> [Fate] {
    var flow = FlowFates(impairment, seed: seed, direction: direction, flow: flow)
    return (0..<count).map { _ in flow.next() }
}

/// Which of the first datagrams of a flow are lost.
func losses(_ model: LossModel, seed: Int = 1, flow: Int = 0, count: Int) -> [Bool] {
    fates(Impairment(loss: model), seed: seed, flow: flow, count: count).map(\.isLost)
}

/// The delays of the first datagrams of a flow.
func delays(
    _ model: DelayModel?, _ jitter: JitterModel? = nil, seed: Int = 1, count: Int
) -> [Int64] {
    fates(Impairment(delay: model, jitter: jitter), seed: seed, count: count).map(\.delayNs)
}

extension Probability {
    static func percent(_ percent: Double) -> Probability { Probability(percent / 100) }
}

/// Lengths of the maximal runs of `true`.
func runLengths(_ values: [Bool]) -> [Int] {
    values.split(separator: false).map(\.count)
}

/// Whether `hits` of `count` independent trials are within `sigmas` standard deviations of what
/// `probability` promises: with a fixed seed the answer is always the same, and 5 is passed by
/// all but one seed in a million.
func isBinomial(
    _ hits: Int, of count: Int, _ probability: Double, sigmas: Double = 5
) -> Bool {
    let mean = Double(count) * probability
    let deviation = (mean * (1 - probability)).squareRoot()
    return abs(Double(hits) - mean) <= sigmas * deviation
}

/// Pearson's statistic: Σ (seen − expected)² / expected.
func chiSquare(_ seen: [Int], expected: [Double]) -> Double {
    zip(seen, expected).map { (Double($0) - $1) * (Double($0) - $1) / $1 }.reduce(0, +)
}

/// What chi-square stays below but for one in 10,000 seeds, by the approximation of Wilson and
/// Hilferty.
func chiSquareMax(freedom: Int) -> Double {
    let share = 2.0 / (9 * Double(freedom))
    let root = 1 - share + 3.719 * share.squareRoot()
    return Double(freedom) * root * root * root
}

/// Of fates that corrupt alone alters.
extension Fate {
    var corruptedBits: Int { Int(alterations.amounts >> 1) }
    var corruptionSeed: UInt64 { alterations.seeds }
}
