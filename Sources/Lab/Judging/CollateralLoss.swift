import Loops
import Metrics
import Reports

/// The collateral loss of a stream: losses of flows whose own responder was up, while others' was
/// not.
///
/// The disturbances of others are the absences of other instances of the responder, and the times
/// in which ephemeral-port senders caused resets at it. A part of the flows is healthy in a bin of
/// time if its own instance was up, a timeout before and after: its losses in the bins of
/// disturbance are compared with its own in all other bins.
struct CollateralLoss {
    let losses: PartLosses
    /// The number of the stream's flows.
    let flows: Int
    /// The absences by instance of the responder, and so by part.
    let absences: [[ResponderAbsence]]
    /// The times in which ephemeral-port senders sent, in monotonic time.
    let strikes: [Range<Int64>]
    let timeoutNs: Int64

    /// Computes the loss.
    /// - Returns: nil if no flow was healthy during a disturbance of others.
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
