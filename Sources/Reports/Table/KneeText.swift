extension KneeReport {
    /// The knee in a sentence.
    package var sentence: String {
        let rate = UnitText.packetRate(offeredPps ?? 0)
        switch (offeredPps, limit, nextPps) {
        case (_?, let limit?, let next?):
            return "the knee is at \(rate): at \(UnitText.packetRate(next)) \(limit.clause)"
        case (_?, _, _): return "no knee up to \(rate)"
        case (nil, let limit?, let next?):
            return "no stage holds: at \(UnitText.packetRate(next)) \(limit.clause)"
        default: return "no stage was judged"
        }
    }
}

extension KneeReport.Limit {
    fileprivate var clause: String {
        switch self {
        case .loss: "more than 1 % was lost"
        case .delay: "p99 was more than ten times that of the lowest rate"
        case .host: "this host did not send all of it in time, which shows nothing of the network"
        }
    }
}
