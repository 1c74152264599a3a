import Metrics

/// What a stream saw of resets (ICMP port unreachable, as ECONNREFUSED), and of the times in
/// which nobody answered.
package struct ResetsReport: Codable, Sendable, Equatable {
    /// Of the sender's flows; nil for a sender that awaits nothing.
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
    /// When the first flows ended, from the first measured slot.
    package var endedNs: [Int64] = []
    /// When resets came, likewise: the first of them.
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

/// What the trouble of others cost flows whose own responder was there.
package struct CollateralReport: Codable, Sendable, Equatable {
    package var flows = 0
    package var sent = 0
    package var lost = 0
    package var baselineRatio: Double?

    package init() {}

    /// Losses beyond the baseline, to the nearest whole one.
    package var loss: Int {
        max(0, Int((Double(lost) - (baselineRatio ?? 0) * Double(sent)).rounded()))
    }
}

/// What the retries of a policy came to.
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

/// A time in which probes had no answer; times from the first measured slot.
package struct OutageReport: Codable, Sendable, Equatable {
    package var startNs: Int64
    package var endNs: Int64?
    package var detectedNs: Int64?
    package var recoveredNs: Int64?
    package var flows: Int
    package var probes: Int
    /// When what began it was there (an event of the timeline, a window of the network, the end of
    /// a retry policy), and when the last of what kept probes from being answered was over.
    package var causeNs: Int64?
    package var returnedNs: Int64?
    /// Of the responder, from 1, where it has several.
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

/// What udplab's own responder saw of resets, and whether it lived.
package struct ResponderResetsReport: Codable, Sendable, Equatable {
    package var policy: String
    package var socket: String
    package var seen = 0
    package var unattributed = 0
    package var queueOverflow = 0
    package var eatenByStaleError = 0
    package var retries = RetriesReport()
    package var responderAlive = true
    /// Threads that the policy ended, and when, from the first measured slot.
    package var ended = 0
    package var endedNs: [Int64] = []
    /// When a step failed because of a reset.
    package var timesNs: [Int64] = []
    package var timesLeftOut = 0

    package init(policy: String, socket: String) {
        self.policy = policy
        self.socket = socket
    }
}
