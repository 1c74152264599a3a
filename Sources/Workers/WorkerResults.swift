import Metrics

package struct WorkerResult: Codable, Sendable {
    package var sender: SenderResult?
    package var responder: ResponderResult?
    package var command: CommandResult?
    package var relay: RelayResult?
    package var network: NetworkResult?
    package var cpuSeconds = 0.0
    package var maxRssBytes = 0
}

package struct SenderResult: Codable, Sendable {
    package var accounts: LedgerAccounts
    package var rejected: RejectedCounts
    package var otherErrors: [String: Int]
    package var receiveErrors: [String: Int]
    package var retried: Int
    package var resets: ResetFigures
    /// In order of time.
    package var outages: [Outage]
    package var outagesLeftOut: Int
    package var largestBurst: Int
    package var stalls: StallCounts
    package var figures: StreamFigures
    /// From the kernel's receive time to that of the loop, where both are known.
    package var stackNs: DelaySummary?
    /// Super-packets were refused in mid-run, and the probes sent singly from then on.
    package var abandonedSegments: Bool
    /// The wall clock was stepped while the phase ran.
    package var wallClockStepped: Bool
    /// Of the receive buffers of all flows, while this phase ran; `nil` when the kernel does not
    /// say.
    package var drops: Int?
    package var intendedPps: Double?
    package var firstSentNs: Int64
    package var lastSentNs: Int64
    /// The time that rates are over: see `SenderPhase.measured`; of several threads the longest.
    package var measuredNs: Int64
    package var startNs: Int64
    package var endNs: Int64
    /// What each flow sent in the warm-up and in what was measured, for the responder.
    package var warmUpSentByFlow: [Int]
    package var sentByFlow: [Int]
    /// First copies of answers to what was measured.
    package var receivedByFlow: [Int] = []
    /// What each part of the flows sent and lost by time, where that was asked for.
    package var partLosses: PartLosses?
    /// What came round, where the flows are members of a room.
    package var room: RoomDeliveries?
    /// The MTU of the path at the end; nil where the kernel knows none.
    package var pathMTUBytes: Int?
    /// Rows of the datagram log that could not be written, and the errno of the first failure.
    package var logRowsLost = 0
    package var logErrno: String?
    /// What came after the drain; nil where nobody asked, or got no reply.
    package var tail: TailReply?
}

package struct ResponderResult: Codable, Sendable {
    package var streams: [ResponderStreamResult]
    /// `nil` when the kernel does not say.
    package var drops: Int?
    package var datagrams: Int
    package var rejected: RejectedCounts
    package var receiveErrors: [String: Int]
    package var stackNs: DelaySummary?
    package var resets: ResetFigures
    /// Whether one of its threads still answers: the retry policy has not ended all of them.
    package var isAlive: Bool
    /// Of all threads; the measured part from the end of the warm-up on.
    package var stalls = StallCounts()
}

package struct ResponderStreamResult: Codable, Sendable {
    package var counts: ResponderCounts
    /// The figures of a sink's stream, or what an echo responder saw of order.
    package var figures: StreamFigures
    /// What went round, where the responder is a room.
    package var room: RoomRounds?
    /// Flows whose probes came to several threads, each with a sequence window of its own: the
    /// counts of the threads add up, their patterns of loss and order do not, and a copy that came
    /// to another thread than its first counts twice.
    package var splitFlows = 0
}

package struct CommandResult: Codable, Sendable {
    package var exitCode: Int?
    package var signal: Int?
    package var output: [String]
}
