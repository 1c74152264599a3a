import Metrics

/// The result of a worker: one of the parts.
///
/// The parts are behind a reference. They have hundreds of fields, and every place that copies a
/// value takes code for each of its fields.
package struct WorkerResult: Codable, Sendable {
    private struct Parts: Codable, Sendable {
        var sender: SenderResult?
        var responder: ResponderResult?
        var command: CommandResult?
        var relay: RelayResult?
        var network: NetworkResult?
        var cpuSeconds = 0.0
        var maxRssBytes = 0
    }

    private final class Box: Sendable {
        let parts: Parts

        init(_ parts: Parts) { self.parts = parts }
    }

    private var box: Box

    package init() { box = Box(Parts()) }

    package init(from decoder: any Decoder) throws { box = Box(try Parts(from: decoder)) }

    package func encode(to encoder: any Encoder) throws { try box.parts.encode(to: encoder) }

    private mutating func change(_ change: (inout Parts) -> Void) {
        var parts = box.parts
        change(&parts)
        box = Box(parts)
    }

    package var sender: SenderResult? {
        get { box.parts.sender }
        set { change { $0.sender = newValue } }
    }

    package var responder: ResponderResult? {
        get { box.parts.responder }
        set { change { $0.responder = newValue } }
    }

    package var command: CommandResult? {
        get { box.parts.command }
        set { change { $0.command = newValue } }
    }

    package var relay: RelayResult? {
        get { box.parts.relay }
        set { change { $0.relay = newValue } }
    }

    package var network: NetworkResult? {
        get { box.parts.network }
        set { change { $0.network = newValue } }
    }

    package var cpuSeconds: Double {
        get { box.parts.cpuSeconds }
        set { change { $0.cpuSeconds = newValue } }
    }

    package var maxRssBytes: Int {
        get { box.parts.maxRssBytes }
        set { change { $0.maxRssBytes = newValue } }
    }
}

package struct SenderResult: Codable, Sendable {
    package var accounts: LedgerAccounts
    package var rejected: RejectedCounts
    package var otherErrors: [String: Int]
    package var receiveErrors: [String: Int]
    package var retried: Int
    package var resets: ResetFigures
    /// The outages in order of time.
    package var outages: [Outage]
    package var outagesLeftOut: Int
    package var largestBurst: Int
    package var stalls: StallCounts
    package var figures: StreamFigures
    /// The delay from the kernel's receive time to that of the loop, where both are known.
    package var stackNs: DelaySummary?
    /// Whether super-packets were refused during the run, and the probes sent singly from then on.
    package var abandonedSegments: Bool
    /// Whether the wall clock was stepped during the phase.
    package var wallClockStepped: Bool
    /// The drops of the receive buffers of all flows during this phase; `nil` if the kernel does
    /// not report drops.
    package var drops: Int?
    package var intendedPps: Double?
    package var firstSentNs: Int64
    package var lastSentNs: Int64
    /// The measured time, see `SenderPhase.measured`; of several threads the longest.
    package var measuredNs: Int64
    package var startNs: Int64
    package var endNs: Int64
    /// The number of datagrams that each flow sent in the warm-up and in the measurement, for the
    /// responder.
    @RunLengths package var warmUpSentByFlow: [Int]
    @RunLengths package var sentByFlow: [Int]
    /// The first copies of answers in the measurement.
    @RunLengths package var receivedByFlow: [Int] = []
    /// The send and receive times of sampled probes.
    package var endTimes = EndTimes(most: 0)
    /// The statistics, if other hosts send the same stream.
    package var image: StatisticsImage?
    /// The probes that each part of the flows sent and lost over time, if requested.
    package var partLosses: PartLosses?
    /// The deliveries, if the flows are members of a room.
    package var room: RoomDeliveries?
    /// The sessions, if the probes are STAMP packets.
    package var stamp: StampResult?
    /// The bytes of requests and their answers; nil for probes.
    package var answers: AnswerFacts?
    /// The marks of the answers; nil if they were not asked for, or the kernel reports none.
    package var marks: MarkCounts?
    /// The MTU of the path at the end; nil if the kernel knows none.
    package var pathMTUBytes: Int?
    /// The rows of the datagram log that could not be written, and the errno of the first failure.
    package var logRowsLost = 0
    package var logErrno: String?
    /// The datagrams that arrived after the drain; nil if not requested, or without a reply.
    package var tail: TailReply?
}

package struct ResponderResult: Codable, Sendable {
    package var streams: [ResponderStreamResult]
    /// The drops; `nil` if the kernel does not report them.
    package var drops: Int?
    package var datagrams: Int
    package var rejected: RejectedCounts
    package var receiveErrors: [String: Int]
    package var stackNs: DelaySummary?
    package var resets: ResetFigures
    /// Whether one of the responder's threads still answers: the retry policy has not ended all of
    /// them.
    package var isAlive: Bool
    /// The stalls of all threads; the measured part from the end of the warm-up on.
    package var stalls = StallCounts()
    /// The answers that were held; nil if none was to be, and of several instances together.
    package var held: HeldFigures?
}

/// The times for which a responder held its answers, and the answers for which it had no room.
package struct HeldFigures: Codable, Sendable, Equatable {
    /// From the read of a probe to the send call of its answer.
    package var heldNs: DelaySummary
    /// The answers that were not held for want of memory.
    package var overflow: Int
    /// The most answers that were held at a time; of several threads the sum of their maxima.
    package var most: Int
}

package struct ResponderStreamResult: Codable, Sendable {
    package var counts: ResponderCounts
    /// The figures of a sink's stream, or the order of arrivals at an echo responder.
    package var figures: StreamFigures
    /// The deliveries, if the responder is a room.
    package var room: RoomRounds?
    /// The flows whose probes came to several threads, each with a sequence window of its own: the
    /// counts of the threads add up, their patterns of loss and order do not, and a copy that came
    /// to another thread than its first counts twice.
    package var splitFlows = 0
    /// The first copies received of each flow; empty for responders that answer.
    @RunLengths package var receivedByFlow: [Int] = []
    /// The receive times of sampled probes, and the send times of their answers.
    package var endTimes = EndTimes(most: 0)
    /// The marks of the probes; nil if they were not asked for, or the kernel reports none.
    package var marks: MarkCounts?
    /// The statistics, if several hosts send the stream to a sink.
    package var image: StatisticsImage?
}

package struct CommandResult: Codable, Sendable {
    package var exitCode: Int?
    package var signal: Int?
    package var output: [String]
    /// The datagrams dropped by the full receive buffers of the program's sockets at its address;
    /// nil if the program had none any more at the end, or the kernel's table cannot be read.
    package var drops: Int?

    package init(
        exitCode: Int?, signal: Int?, output: [String], drops: Int? = nil
    ) {
        self.exitCode = exitCode
        self.signal = signal
        self.output = output
        self.drops = drops
    }
}
