import Glibc
import Metrics

/// The quality of a call over the stream by the E-model (ITU-T G.107).
///
/// Assumptions: G.711 with packet loss concealment (Ie 0, Bpl 25.1: ITU-T G.113, appendix I), all
/// other parameters at the defaults of G.107, no echo, a packet of 20 ms, and a jitter buffer that
/// waits for the 99th percentile of the one-way delay.
package struct VoiceReport: Codable, Sendable, Equatable {
    /// From 0 to 93.2; above 80 users are satisfied, below 50 nearly all are dissatisfied.
    package var rFactor: Double
    /// The mean opinion score, from 1 to 4.41.
    package var mos: Double
    /// The delay from mouth to ear.
    package var delayNs: Int
    package var lossRatio: Double
    /// The mean length of a run of losses over that of independent losses; 1 without losses.
    package var burstRatio: Double

    /// - Parameters:
    ///   - oneWayP99Ns: The 99th percentile of the one-way delay.
    ///   - lossRatio: The loss on the way, from 0 to 1.
    ///   - meanBurst: The mean length of a run of losses; nil without losses.
    package init(oneWayP99Ns: Int, lossRatio: Double, meanBurst: Double?) {
        delayNs = oneWayP99Ns + Self.packetNs
        self.lossRatio = lossRatio
        burstRatio = max(1, (meanBurst ?? 1) * (1 - lossRatio))
        let percent = 100 * lossRatio
        // Ie-eff, G.107 §7.5.
        let equipment = 95 * percent / (percent / burstRatio + Self.robustness)
        rFactor = max(0, Self.best - Self.delayImpairment(ms: Double(delayNs) / 1e6) - equipment)
        mos = Self.mos(rFactor)
    }

    private static let packetNs = 20_000_000
    /// R with all parameters at their defaults and no delay.
    private static let best = 93.2
    /// Bpl of G.711 with packet loss concealment.
    private static let robustness = 25.1

    /// Returns Idd (G.107 §7.4): nothing up to 100 ms.
    static func delayImpairment(ms: Double) -> Double {
        guard ms > 100 else { return 0 }
        let x = log2(ms / 100)
        return 25 * (pow(1 + pow(x, 6), 1.0 / 6) - 3 * pow(1 + pow(x / 3, 6), 1.0 / 6) + 2)
    }

    /// Returns the mean opinion score of R (G.107 annex B).
    static func mos(_ r: Double) -> Double {
        guard r > 0 else { return 1 }
        return max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
    }
}

extension StreamReport {
    /// Returns the quality of a call over the stream: from the way there where both ways are known,
    /// else from half of the round trip and the loss of both ways. Nil without arrivals.
    package var quality: VoiceReport? {
        let oneWay = oneWayNs?.p99 ?? forward?.oneWayNs?.p99 ?? rttNs?.p99.map { $0 / 2 }
        guard let oneWay, let ratio = forward?.loss?.ratio ?? loss.ratio else { return nil }
        return VoiceReport(oneWayP99Ns: oneWay, lossRatio: ratio, meanBurst: loss.meanBurst)
    }
}
