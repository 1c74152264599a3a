/// Draws delays from a delay model and its jitter.
package struct DelayProcess: Sendable {
    private enum Kind { case constant, uniform, normal, pareto, trace }

    private let draws: RandomStream
    private let jitterDraws: RandomStream
    private var kind = Kind.constant
    /// The constant, the smallest of a uniform delay, the mean or the scale.
    private var baseNs: Int64 = 0
    /// The number of nanoseconds from which a uniform delay is drawn.
    private var choices: UInt64 = 1
    private var deviationNs = 0.0
    private var shape = 1.0
    private var capNs = Impairment.delayMaxNs
    private var traceNs: [Int64] = []
    private var jitterNs: Int64 = 0

    /// Makes the delays of a model, without jitter.
    package init(_ model: DelayModel, seed: Int) {
        let draws = RandomStream(seed: UInt64(bitPattern: Int64(seed)))
        self.init(draws: draws, jitterDraws: draws)
        replace(model, nil)
    }

    init(draws: RandomStream, jitterDraws: RandomStream) {
        self.draws = draws
        self.jitterDraws = jitterDraws
    }

    mutating func replace(_ model: DelayModel?, _ jitter: JitterModel?) {
        jitterNs = Self.legal(jitter?.amountNs ?? 0)
        capNs = Impairment.delayMaxNs
        switch model ?? .constant(ns: 0) {
        case .constant(let ns):
            (kind, baseNs) = (.constant, Self.legal(ns))
        case .uniform(let lowNs, let highNs):
            (kind, baseNs) = (.uniform, Self.legal(lowNs))
            choices = UInt64(max(Self.legal(highNs) - baseNs, 0)) + 1
        case .normal(let meanNs, let deviationNs):
            (kind, baseNs) = (.normal, Self.legal(meanNs))
            self.deviationNs = Double(Self.legal(deviationNs))
        case .pareto(let scaleNs, let shape, let capNs):
            precondition(shape > 0, "a Pareto distribution has a shape above 0")
            (kind, baseNs, self.shape) = (.pareto, Self.legal(scaleNs), shape)
            self.capNs = Self.legal(capNs ?? Impairment.delayMaxNs)
        case .trace(let ns):
            (kind, traceNs) = (.trace, ns.isEmpty ? [0] : ns)
        }
    }

    /// Returns the delay of datagram n.
    package func delayNs(_ n: UInt64) -> Int64 {
        let delayNs =
            switch kind {
            case .constant: baseNs
            case .uniform: baseNs + Int64(draws[n].scaled(to: choices))
            case .normal:
                Self.rounded(Double(baseNs) + deviationNs * normalQuantile(draws[n].fraction))
            case .pareto: min(paretoNs(draws[n].fraction), capNs)
            case .trace: Self.legal(traceNs[Int(n % UInt64(traceNs.count))])
            }
        guard jitterNs > 0 else { return Self.legal(delayNs) }
        let spread = jitterDraws[n].scaled(to: UInt64(2 * jitterNs + 1))
        return Self.legal(delayNs + Int64(spread) - jitterNs)
    }

    /// Returns a Pareto delay by the inverse of the distribution function: scale × u^(−1 / shape).
    private func paretoNs(_ u: Double) -> Int64 {
        Self.rounded(Double(baseNs) * portableExp(-portableLog(u) / shape))
    }

    private static func legal(_ ns: Int64) -> Int64 { min(max(ns, 0), Impairment.delayMaxNs) }

    /// Returns the nearest legal nanosecond, so that the conversion cannot trap.
    private static func rounded(_ ns: Double) -> Int64 {
        Int64(min(max(ns, 0), Double(Impairment.delayMaxNs)).rounded())
    }
}
