import Metrics

/// A stage of a stream: a rate that was asked for, and what came of it.
package struct StageReport: Codable, Sendable, Equatable {
    /// The start, from the stream's start.
    package var startNs: Int
    package var lengthNs: Int
    /// The datagrams per second that the plan asks of all flows.
    package var offeredPps: Double
    package var sentPps: Double
    package var sent: Int
    /// The datagrams that this host did not send in time, or not at all.
    package var skipped: Int
    package var refused: Int
    /// The datagrams lost or late; nil if it is not known which.
    package var lost: Int?
    package var lossRatio: Double?
    package var delayP50Ns: Int?
    package var delayP99Ns: Int?

    package init(
        _ figures: StageFigures, lengthNs: Int, offeredPps: Double, lost: Int?
    ) {
        startNs = figures.startNs
        self.lengthNs = lengthNs
        self.offeredPps = offeredPps
        sentPps = Double(figures.sent) * 1e9 / Double(lengthNs)
        sent = figures.sent
        skipped = figures.skipped
        refused = figures.refused
        self.lost = lost
        lossRatio = lost.flatMap { sent > 0 ? Double($0) / Double(sent) : nil }
        delayP50Ns = figures.delayP50Ns
        delayP99Ns = figures.delayP99Ns
    }
}

/// The knee of a saturation curve: the highest rate that holds, from the lowest stage on.
///
/// A stage holds if at most 1 % of what was due in it was lost, wrongly answered or refused, and
/// its 99th percentile is at most ten times that of the stage with the lowest rate. A stage of
/// which this host left out more than the tolerance shows nothing, and ends the search.
package struct KneeReport: Codable, Sendable, Equatable {
    /// The reason why the next stage does not hold.
    package enum Limit: String, Codable, Sendable, CaseIterable {
        case loss, delay
        /// This host did not send in time.
        case host
    }

    package static let lossMost = 0.01
    package static let delayFactorMost = 10

    /// The number of the stage in `stages`, from 0; nil if the first does not hold.
    package var stage: Int?
    package var offeredPps: Double?
    /// Nil if all stages hold: the knee is above the highest rate.
    package var limit: Limit?
    /// The rate of the stage that does not hold.
    package var nextPps: Double?

    /// - Parameter tolerance: The share of what is due that this host may leave out.
    package init?(_ stages: [StageReport], tolerance: Double) {
        let order = stages.indices.sorted { stages[$0].offeredPps < stages[$1].offeredPps }
        guard let first = order.first, order.count > 1 else { return nil }
        let baseNs = stages[first].delayP99Ns
        for index in order {
            let stage = stages[index]
            if let limit = Self.limit(stage, baseNs: baseNs, tolerance: tolerance) {
                self.limit = limit
                nextPps = stage.offeredPps
                return
            }
            self.stage = index
            offeredPps = stage.offeredPps
        }
    }

    private static func limit(
        _ stage: StageReport, baseNs: Int?, tolerance: Double
    ) -> Limit? {
        let due = stage.sent + stage.skipped + stage.refused
        if Double(stage.skipped) > tolerance * Double(due) { return .host }
        // A stage that a stop cut short; a Poisson process is that far off once in 10^15.
        let planned = stage.offeredPps * Double(stage.lengthNs) / 1e9
        let slack = tolerance * planned + 8 * planned.squareRoot() + 1
        if planned - Double(due) > slack { return .host }
        guard let lost = stage.lost else { return .loss }
        if Double(lost + stage.refused) > lossMost * Double(stage.sent + stage.refused) {
            return .loss
        }
        guard let delay = stage.delayP99Ns, let baseNs else { return nil }
        return delay > delayFactorMost * max(1, baseNs) ? .delay : nil
    }
}
