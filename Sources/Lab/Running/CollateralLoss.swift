import Metrics
import Reports
import Workers

/// What it cost the flows of a stream whose responder was there that others' was not.
///
/// The times of others' trouble are the absences of other instances of the responder, and those in
/// which hit-and-run senders had answers bounce into it. A part of the flows is healthy in a bin of
/// time when its own instance was there, a timeout before and after: its losses in the bins of
/// others' trouble are held against its own in all other bins.
struct CollateralLoss {
    let losses: PartLosses
    /// Of the stream.
    let flows: Int
    /// By instance of the responder, which is by part.
    let absences: [[ResponderAbsence]]
    /// When hit-and-run senders sent, in monotonic time.
    let strikes: [Range<Int64>]
    let timeoutNs: Int64

    /// - Returns: nil when no flow was healthy in a time of others' trouble.
    func report() -> CollateralReport? {
        var report = CollateralReport()
        var (otherSent, otherLost) = (0, 0)
        let split = FlowParts(flows: flows, count: losses.grid.parts)
        for part in 0..<losses.grid.parts {
            var isHealthy = false
            for bin in 0..<losses.grid.bins {
                let index = part * losses.grid.bins + bin
                let (sent, lost) = (losses.sent[index], losses.lost[index])
                switch standing(part, during: time(of: bin)) {
                case .away: continue
                case .beside:
                    report.sent += sent
                    report.lost += lost
                    isHealthy = isHealthy || sent > 0
                case .calm:
                    otherSent += sent
                    otherLost += lost
                }
            }
            if isHealthy { report.flows += split.flows(of: part).count }
        }
        guard report.sent > 0 else { return nil }
        report.baselineRatio = otherSent > 0 ? Double(otherLost) / Double(otherSent) : nil
        return report
    }

    private enum Standing {
        case away, beside, calm
    }

    private func standing(_ part: Int, during bin: Range<Int64>) -> Standing {
        if part < absences.count,
            absences[part].contains(where: { $0.overlaps(bin, within: timeoutNs) })
        {
            return .away
        }
        let others = absences.indices.filter { $0 != part }
        let isBeside =
            others.contains { absences[$0].contains { $0.overlaps(bin, within: 0) } }
            || strikes.contains { $0.overlaps(bin) }
        return isBeside ? .beside : .calm
    }

    private func time(of bin: Int) -> Range<Int64> {
        let startNs = losses.startNs + Int64(bin) * losses.grid.binNs
        return startNs..<startNs + losses.grid.binNs
    }
}

extension ResponderAbsence {
    fileprivate func overlaps(_ time: Range<Int64>, within marginNs: Int64) -> Bool {
        let untilNs = untilNs ?? .max
        return fromNs - marginNs < time.upperBound
            && (untilNs == .max || untilNs + marginNs >= time.lowerBound)
    }
}
