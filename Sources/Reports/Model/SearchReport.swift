import Metrics

/// The search for the highest rate of a stream: its answer, and each of its trials.
package struct SearchReport: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case zeroLoss = "zero-loss"
        case threshold
        case rfc9097
    }

    /// The limit at which a search ended.
    package enum Limit: String, Codable, Sendable, CaseIterable {
        /// The path: above the rate found is one that does not hold.
        case path
        /// The plan: the highest rate that it allows holds.
        case plan
        /// This host: it could not send or receive more, and the path may carry more.
        case host
        /// The trials or the time of the search: it is unfinished.
        case budget
        /// The path: even the lowest rate does not hold.
        case none
        /// The end of a trial that ended the search as well.
        case broken
    }

    package var kind: Kind
    package var limit: Limit
    /// The rate found, all flows together; nil if no trial held.
    package var ratePps: Double?
    /// The same in bits of UDP payload.
    package var payloadBitsPerSecond: Double?
    /// The same in bits of IP packets, of which each datagram is one.
    package var ipBitsPerSecond: Double?
    /// The same in bits of Ethernet frames without preamble and check sequence; nil unless the
    /// network is a namespace.
    package var frameBitsPerSecond: Double?
    /// The lowest rate that did not hold, relative to the rate found; nil if one is unknown.
    package var width: Double?
    /// The rate at which the path delivered the load of the trials above its capacity; nil if no
    /// trial was above it.
    package var deliveredPps: Double?
    package var lossRatio: Double?
    package var durationNs: Int
    package var trials: [SearchTrialReport]
    /// The load that was adjusted while it was sent; nil for the other kinds.
    package var adjustment: AdjustmentReport?

    package init(kind: Kind, limit: Limit, durationNs: Int = 0, trials: [SearchTrialReport] = []) {
        self.kind = kind
        self.limit = limit
        self.durationNs = durationNs
        self.trials = trials
    }
}

/// A load that was adjusted while it was sent (RFC 9097).
package struct AdjustmentReport: Codable, Sendable, Equatable {
    /// The place of the sub-interval with the maximum; nil without an arrival.
    package var best: Int?
    /// The least and the greatest delay in it, and their difference.
    package var delayLeastNs: Int?
    package var delayMostNs: Int?
    package var delayRangeNs: Int?
    /// Whether congestion was inferred at any time.
    package var isCongested: Bool
    package var lastRow: Int
    package var subIntervals: [CapacityTest.SubInterval]
    package var steps: [CapacityTest.Step]

    package init(_ test: CapacityTest) {
        let best = test.best
        self.best = best.flatMap { test.subIntervals.firstIndex(of: $0) }
        (delayLeastNs, delayMostNs) = (best?.delayLeastNs, best?.delayMostNs)
        delayRangeNs = best?.delayRangeNs
        isCongested = test.adjustment.isCongested
        lastRow = test.settings.rates.last
        (subIntervals, steps) = (test.subIntervals, test.steps)
    }
}

/// One trial of a search: a run of the scenario at one rate.
package struct SearchTrialReport: Codable, Sendable, Equatable {
    package enum Outcome: String, Codable, Sendable, CaseIterable {
        case held
        /// The path lost datagrams, its queue grew, or a threshold did not hold.
        case failed
        /// This host was the limit, which is no evidence against the path.
        case hostLimited = "host-limited"
        /// The rate was the sender's own and only a first estimate.
        case estimate
        /// Another reason than its rate ended the trial, and the search.
        case unjudged
    }

    package var outcome: Outcome
    /// The sentence for the outcome; nil for a trial that held, and for an estimate.
    package var reason: String?
    /// Whether it is a long trial, at the rate found.
    package var confirms: Bool
    package var durationNs: Int
    /// The rate that was planned, all flows together; nil at `max`.
    package var offeredPps: Double?
    package var sentPps: Double?
    /// The rate of arrivals after the first quarter of the trial; nil without arrivals.
    package var deliveredPps: Double?
    package var lossRatio: Double?
    package var delayP50Ns: Int?
    package var delayP99Ns: Int?
    /// The growth of the median delay per time: the share of the load that a queue keeps. Nil
    /// unless it is larger than the spread of the delays.
    package var delayGrowth: Double?
    package var ledger: Ledger

    package init(
        outcome: Outcome, reason: String? = nil, confirms: Bool = false, durationNs: Int,
        offeredPps: Double?, sentPps: Double?, deliveredPps: Double?, lossRatio: Double?,
        delayP50Ns: Int? = nil, delayP99Ns: Int? = nil, delayGrowth: Double? = nil, ledger: Ledger
    ) {
        self.outcome = outcome
        self.reason = reason
        self.confirms = confirms
        self.durationNs = durationNs
        self.offeredPps = offeredPps
        self.sentPps = sentPps
        self.deliveredPps = deliveredPps
        self.lossRatio = lossRatio
        self.delayP50Ns = delayP50Ns
        self.delayP99Ns = delayP99Ns
        self.delayGrowth = delayGrowth
        self.ledger = ledger
    }
}

extension SearchReport {
    /// The rate found at each layer; nil without one.
    package var found: String? {
        guard let ratePps, let payload = payloadBitsPerSecond, let ip = ipBitsPerSecond else {
            return nil
        }
        let frames =
            frameBitsPerSecond.map { ", \(UnitText.longBitRate($0)) of Ethernet frames" } ?? ""
        return "\(UnitText.longNumber(ratePps)) pps: \(UnitText.longBitRate(payload)) of payload, "
            + "\(UnitText.longBitRate(ip)) of IP packets\(frames)"
    }

    /// The answer in a sentence.
    package var answer: String {
        guard var found else {
            return limit == .none
                ? "no rate was found: even the lowest one does not hold" : "no rate was found"
        }
        if let adjustment {
            found +=
                ", in one second with a loss of \(UnitText.ratio(lossRatio)) and delays of "
                + "\(UnitText.time(ns: adjustment.delayLeastNs)) to "
                + "\(UnitText.time(ns: adjustment.delayMostNs))"
        }
        return switch limit {
        case .budget where adjustment != nil:
            "at least \(found): the load was still going up"
        case .path: width.map { "\(found); \(UnitText.ratio($0)) more does not hold" } ?? found
        case .plan: "at least \(found): the highest rate of the plan holds"
        case .host: "at least \(found): this host, and not the path, was the limit"
        case .budget, .broken: "at least \(found), and the search is unfinished"
        case .none: found
        }
    }
}

extension SearchTrialReport {
    /// The trial in a line: `1,737 pps  failed  lost 0.33 %  p99 26.1 ms: the path lost …`.
    package var line: String {
        let rate = offeredPps.map { "\(UnitText.longNumber($0)) pps" } ?? "max"
        let length = confirms ? " for \(UnitText.time(ns: durationNs))" : ""
        let text =
            "\(rate)\(length)  \(outcome.rawValue)  loss \(UnitText.ratio(lossRatio))"
            + "  p99 \(UnitText.time(ns: delayP99Ns))"
        return reason.map { "\(text)  \($0)" } ?? text
    }
}
