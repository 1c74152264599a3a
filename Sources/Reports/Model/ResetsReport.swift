import Metrics

/// The resets of a stream (ICMP port unreachable, as ECONNREFUSED), and its outages.
package struct ResetsReport: Codable, Sendable, Equatable {
    /// The reset policy of the sender's flows; nil for a sender that awaits no answers.
    package var policy: String?
    package var socket: String?
    package var seen = 0
    package var retried = 0
    package var refused = 0
    package var unattributed = 0
    package var queueOverflow = 0
    package var eatenByStaleError = 0
    package var retries = RetriesReport()
    package var flowsEnded = 0
    /// The times at which the first flows ended, from the first measured slot.
    package var endedNs: [Int64] = []
    /// The times of the first resets, from the first measured slot.
    package var timesNs: [Int64] = []
    package var timesLeftOut = 0
    package var availability: Double?
    package var timeToDetectNs: Elapsed?
    package var timeToRecoverNs: Elapsed?
    package var resolutionNs: Int64?
    package var collateralLoss: Int?
    package var collateral: CollateralReport?
    package var outages: [OutageReport] = []
    package var outagesLeftOut = 0

    package init() {}
}

/// The collateral loss: the losses of flows whose own responder was up, while others were
/// disturbed.
package struct CollateralReport: Codable, Sendable, Equatable {
    package var flows = 0
    package var sent = 0
    package var lost = 0
    package var baselineRatio: Double?

    package init() {}

    /// The losses beyond the baseline, to the nearest whole one.
    package var loss: Int {
        max(0, Int((Double(lost) - (baselineRatio ?? 0) * Double(sent)).rounded()))
    }
}

/// The outcome of the retries of a policy.
package struct RetriesReport: Codable, Sendable, Equatable {
    package var attempted: Int
    package var succeeded: Int
    package var givenUp: Int

    package init(attempted: Int = 0, succeeded: Int = 0, givenUp: Int = 0) {
        self.attempted = attempted
        self.succeeded = succeeded
        self.givenUp = givenUp
    }
}

/// A period in which probes had no answer; times are from the first measured slot.
package struct OutageReport: Codable, Sendable, Equatable {
    package var startNs: Int64
    package var endNs: Int64?
    package var detectedNs: Int64?
    package var recoveredNs: Int64?
    package var flows: Int
    package var probes: Int
    /// The time at which the start cause was effective (an event of the timeline, a window of the
    /// network, the end of a retry policy), and the time at which the last end cause was.
    package var causeNs: Int64?
    package var returnedNs: Int64?
    /// The instance of the responder, from 1, if it has several.
    package var instance: Int?

    package init(
        startNs: Int64, endNs: Int64? = nil, detectedNs: Int64? = nil, recoveredNs: Int64? = nil,
        flows: Int = 1, probes: Int, causeNs: Int64? = nil, returnedNs: Int64? = nil,
        instance: Int? = nil
    ) {
        self.startNs = startNs
        self.endNs = endNs
        self.detectedNs = detectedNs
        self.recoveredNs = recoveredNs
        self.flows = flows
        self.probes = probes
        self.causeNs = causeNs
        self.returnedNs = returnedNs
        self.instance = instance
    }
}

/// The resets of udplab's own responder, and whether the responder survived.
package struct ResponderResetsReport: Codable, Sendable, Equatable {
    package var policy: String
    package var socket: String
    package var seen = 0
    package var unattributed = 0
    package var queueOverflow = 0
    package var eatenByStaleError = 0
    package var retries = RetriesReport()
    package var responderAlive = true
    /// The number of threads that the policy ended, whose times are from the first measured slot.
    package var ended = 0
    package var endedNs: [Int64] = []
    /// The times at which a call failed because of a reset.
    package var timesNs: [Int64] = []
    package var timesLeftOut = 0

    package init(policy: String, socket: String) {
        self.policy = policy
        self.socket = socket
    }
}
