/// The mean of a delay with its jitter, as configured and as applied: a delay below 0 becomes 0,
/// and one above `Impairment.delayMaxNs` becomes that maximum.
package struct DelayMean: Sendable, Equatable {
    /// The configured mean; infinite for a Pareto distribution of a shape up to 1 without a cap.
    package let askedNs: Double
    package let resultingNs: Double

    /// Whether the two means differ by more than the relay's own delay would explain.
    package var isShifted: Bool {
        guard askedNs.isFinite else { return true }
        return abs(resultingNs - askedNs) > max(Self.toleranceNs, askedNs * Self.tolerance)
    }

    private static let toleranceNs = 1_000.0
    private static let tolerance = 0.002

    /// Computes the means for datagrams that meet neither a bottleneck nor `reorder` and wait for
    /// no earlier datagram.
    package init(_ impairment: Impairment) {
        let model = impairment.delay ?? .constant(ns: 0)
        let amountNs = Double(impairment.jitter?.amountNs ?? 0)
        let base = Self.base(model)
        askedNs = base.askedNs
        let samples = Self.samples(model)
        let shift = samples.reduce(0) { sum, ns in
            sum + Self.mean(around: ns, amountNs: amountNs) - ns
        }
        resultingNs = base.resultingNs + shift / Double(samples.count)
    }

    // MARK: - The delay alone

    private static func base(_ model: DelayModel) -> (askedNs: Double, resultingNs: Double) {
        switch model {
        case .constant(let ns): return (Double(ns), clipped(Double(ns)))
        case .uniform(let lowNs, let highNs):
            let mean = (Double(lowNs) + Double(highNs)) / 2
            return (mean, clipped(mean))
        case .normal(let meanNs, _):
            let samples = samples(model)
            return (Double(meanNs), samples.reduce(0, +) / Double(samples.count))
        case .pareto(let scaleNs, let shape, let capNs):
            let scale = Double(scaleNs)
            let atMostNs = paretoMean(
                scale, shape, capNs: min(Double(capNs ?? .max), Double(Impairment.delayMaxNs)))
            if capNs != nil { return (atMostNs, atMostNs) }
            let isFinite = shape > 1 || scale == 0
            return (isFinite ? scale * shape / max(shape - 1, .ulpOfOne) : .infinity, atMostNs)
        case .trace(let ns):
            let values = ns.isEmpty ? [0] : ns.map(Double.init)
            let count = Double(values.count)
            return (values.reduce(0, +) / count, values.map(clipped).reduce(0, +) / count)
        }
    }

    /// Returns the mean of a capped Pareto distribution: the integral of the share above x, from 0
    /// to the cap.
    private static func paretoMean(_ scale: Double, _ shape: Double, capNs: Double) -> Double {
        guard scale > 0, capNs > scale else { return min(scale, capNs) }
        let ratio = portableLog(capNs / scale)
        if abs(shape - 1) < 1e-9 { return scale * (1 + ratio) }
        return scale * (shape - portableExp((1 - shape) * ratio)) / (shape - 1)
    }

    /// Returns delays that stand for equal shares of all, as `DelayProcess` draws them.
    private static func samples(_ model: DelayModel) -> [Double] {
        let count = 4_096
        let shares = (0..<count).map { (Double($0) + 0.5) / Double(count) }
        switch model {
        case .constant(let ns): return [clipped(Double(ns))]
        case .uniform(let lowNs, let highNs):
            return shares.map { clipped(Double(lowNs) + Double(highNs - lowNs) * $0) }
        case .normal(let meanNs, let deviationNs):
            return shares.map {
                clipped(Double(meanNs) + Double(deviationNs) * normalQuantile($0))
            }
        case .pareto(let scaleNs, let shape, let capNs):
            return shares.map {
                let ns = Double(scaleNs) * portableExp(-portableLog($0) / shape)
                return clipped(min(ns, Double(capNs ?? .max)))
            }
        case .trace(let ns): return ns.isEmpty ? [0] : ns.map { clipped(Double($0)) }
        }
    }

    // MARK: - With jitter

    /// Returns the mean of the clipped values of a uniform distribution around `ns`.
    private static func mean(around ns: Double, amountNs: Double) -> Double {
        guard amountNs > 0 else { return clipped(ns) }
        let (low, high) = (clipped(ns - amountNs), clipped(ns + amountNs))
        let limit = Double(Impairment.delayMaxNs)
        let above = max(0, ns + amountNs - limit) - max(0, ns - amountNs - limit)
        return ((high - low) * (low + high) / 2 + above * limit) / (2 * amountNs)
    }

    private static func clipped(_ ns: Double) -> Double {
        min(max(ns, 0), Double(Impairment.delayMaxNs))
    }
}
