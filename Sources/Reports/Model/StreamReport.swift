import Metrics

/// The statistics of one sender definition: all of its flows.
package struct StreamReport: Codable, Sendable, Equatable {
    package var sender: String
    package var kind: Kind
    package var flows: Int
    package var payloadBytes: Int
    package var timeoutNs: Int
    package var features: FeaturesReport
    package var ledger: Ledger
    package var delivered: DeliveredReport
    package var loss: LossFigures
    /// The duplication; nil where no answer is awaited from a service that tells nothing.
    package var duplication: DuplicationFigures?
    /// The reordering; nil for requests without numbers.
    package var reordering: ReorderingFigures?
    package var rttNs: DelaySummary?
    package var rttIntendedNs: DelaySummary?
    package var oneWayNs: DelaySummary?
    /// The error of the one-way delay; nil without one, and in reports of older versions.
    package var oneWayClock: OneWayClockReport?
    /// The way to the responder; nil without probes, and in reports of older versions.
    package var forward: WayReport?
    /// The way back; nil also if no answer is awaited.
    package var backward: WayReport?
    /// The sessions; nil unless the probes are STAMP packets.
    package var stamp: StampReport?
    package var stackNs: DelaySummary?
    package var ipdvNs: DelaySummary
    package var pdvNs: DelaySummary
    package var rtpJitterNs: Double?
    package var pacing: PacingReport
    /// The closed loop; nil for an open one, and in reports of older versions.
    package var closedLoop: ClosedLoopReport?
    package var throughput: ThroughputReport
    package var rejected: RejectedReport
    /// The other errors by the errno's name; their sum is the ledger's `otherError`.
    package var otherErrors: [String: Int]
    /// The failed receive calls by the errno's name, without resets.
    package var receiveErrors: [String: Int]
    package var resets: ResetsReport
    package var socket: SocketReport
    package var addresses: AddressesReport
    /// The shares of the flows; nil for one flow, if nobody tells what a flow received, and in
    /// reports of older versions.
    package var fairness: FairnessReport?
    /// The hosts that sent it; nil for one host, and in reports of older versions.
    package var fleet: FleetReport?
    /// The requests in place of probes; nil for probes.
    package var request: RequestReport?
    /// The stages; nil without stages.
    package var stages: [StageReport]?
    /// The knee of the stages; nil with fewer than two.
    package var knee: KneeReport?
    /// The quality of a call; nil unless the sender's profile is one with G.711.
    package var voice: VoiceReport?
    /// The room; nil unless the responder is a room.
    package var chat: ChatReport?
    /// The search for the stream's highest rate; nil without one.
    package var search: SearchReport?
    /// The length of the intervals; nil without intervals.
    package var intervalNs: Int64?
    package var intervals: [IntervalFigures]
    /// The courses over the intervals; nil for a short stream, and in reports of older versions.
    package var latencyCourseNs: CourseReport?
    package var lossCourseRatio: CourseReport?
    /// The single losses; nil if the pattern of the losses is not known, and in reports of versions
    /// that had no map.
    package var lossMap: LossMapReport?

    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// The sender sends probes and awaits their answers.
        case probes
        /// The sender sends each burst from a port of its own, which is closed at once.
        case hitAndRun = "hit-and-run"
        /// The sender sends requests of a service and awaits their answers.
        case requests
        /// The sender sends requests that nobody answers.
        case oneWayRequests = "one-way-requests"

        /// Whether it is known at one end of a stream with this ledger what became of its
        /// datagrams: of requests without answers only if a sink of udplab's own counts them.
        func isFollowed(_ ledger: Ledger) -> Bool {
            switch self {
            case .probes, .requests: true
            case .oneWayRequests: ledger.responderReceived != nil
            case .hitAndRun: false
            }
        }
    }

    /// Whether it is known at one end of the stream what became of its datagrams.
    package var isFollowed: Bool { kind.isFollowed(ledger) }

    /// Makes a report. `figures` provides all fields from `loss` to `rtpJitterNs`, and the
    /// intervals.
    package init(
        sender: String, kind: Kind = .probes, flows: Int, payloadBytes: Int, timeoutNs: Int,
        features: FeaturesReport, ledger: Ledger, figures: StreamFigures,
        stackNs: DelaySummary? = nil, pacing: PacingReport,
        throughput: ThroughputReport, rejected: RejectedReport,
        otherErrors: [String: Int] = [:], receiveErrors: [String: Int] = [:], resets: ResetsReport,
        socket: SocketReport,
        addresses: AddressesReport, chat: ChatReport? = nil, lossMap: LossMapReport? = nil
    ) {
        self.sender = sender
        self.kind = kind
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.timeoutNs = timeoutNs
        self.features = features
        self.ledger = ledger
        delivered = DeliveredReport(ledger, isAwaited: kind.isFollowed(ledger))
        self.loss = figures.loss
        self.duplication = figures.duplication
        self.reordering = figures.reordering
        self.rttNs = figures.rttNs
        self.rttIntendedNs = figures.rttIntendedNs
        self.oneWayNs = figures.oneWayNs
        self.stackNs = stackNs
        self.ipdvNs = figures.ipdvNs
        self.pdvNs = figures.pdvNs
        self.rtpJitterNs = figures.rtpJitterNs
        self.pacing = pacing
        self.throughput = throughput
        self.rejected = rejected
        self.otherErrors = otherErrors
        self.receiveErrors = receiveErrors
        self.resets = resets
        self.socket = socket
        self.addresses = addresses
        self.chat = chat
        self.intervalNs = figures.intervalNs
        self.intervals = figures.intervals
        latencyCourseNs = .latency(figures.intervals)
        lossCourseRatio = .loss(figures.intervals)
        self.lossMap = lossMap
    }
}

extension StreamReport {
    /// Whether the datagrams went to a Unix socket.
    package var goesToUnixSocket: Bool { addresses.remote.hasPrefix("unix:") }

    /// The resets of the stream in a sentence, with what they are.
    package var resetsText: String {
        "resets (\(goesToUnixSocket ? "ECONNREFUSED" : "ICMP port unreachable"))"
    }
}

/// The agreement of the clocks at both ends of a one-way delay.
package struct OneWayClockReport: Codable, Sendable, Equatable {
    /// The largest error of every delay.
    package var errorNs: Int
    package var errorSource: OneWayDelays.Source
    /// The longest delay as measured, and the error; nil without a delay.
    package var atMostNs: Int?

    package init(errorNs: Int, errorSource: OneWayDelays.Source, atMostNs: Int? = nil) {
        self.errorNs = errorNs
        self.errorSource = errorSource
        self.atMostNs = atMostNs
    }
}

extension StreamReport {
    /// Merges the buckets of each histogram until there are at most `most`.
    package mutating func mergeBuckets(to most: Int) {
        for path in [
            \StreamReport.rttNs, \.rttIntendedNs, \.oneWayNs, \.stackNs, \.pacing.errorNs,
        ] {
            let merged = self[keyPath: path]?.buckets?.merged(to: most)
            self[keyPath: path]?.buckets = merged
        }
    }
}

/// The outcome of the plan's schedule: unlike the loss, which is relative to the datagrams sent,
/// this ratio includes datagrams that were not sent.
package struct DeliveredReport: Codable, Sendable, Equatable {
    /// The ratio of datagrams in time to datagrams scheduled; nil if none was scheduled, or no
    /// answer is awaited.
    package var ratio: Double?

    package init(_ ledger: Ledger, isAwaited: Bool) {
        guard isAwaited, ledger.scheduled > 0 else { return }
        ratio = Double(ledger.inTime) / Double(ledger.scheduled)
    }
}

/// The kernel features that a stream used.
package struct FeaturesReport: Codable, Sendable, Equatable {
    package enum Use: String, Codable, Sendable, CaseIterable {
        case on, off
        /// Requested, but not supported by this kernel.
        case unsupported
        /// In use until a call failed, then switched off.
        case abandoned
    }

    package enum Timestamps: String, Codable, Sendable, CaseIterable {
        /// Receive times of the kernel, taken on arrival (SO_TIMESTAMPNS, socket(7)).
        case kernel
        /// Receive times read from the clock after the receive call.
        case user
    }

    package var sendmmsg: Use
    package var gso: Use
    package var recvmmsg: Use
    package var gro: Use
    package var timestamps: Timestamps
    /// The use of IP_RECVERR.
    package var errorQueue: Use

    package init(
        sendmmsg: Use, gso: Use, recvmmsg: Use, gro: Use, timestamps: Timestamps,
        errorQueue: Use = .on
    ) {
        self.errorQueue = errorQueue
        self.sendmmsg = sendmmsg
        self.gso = gso
        self.recvmmsg = recvmmsg
        self.gro = gro
        self.timestamps = timestamps
    }
}

/// The accuracy with which the schedule was kept.
package struct PacingReport: Codable, Sendable, Equatable {
    /// The intended rate; nil at `"rate": "max"`.
    package var intendedPps: Double?
    /// The rate over the measured time, as the rates of `ThroughputReport`.
    package var achievedPps: Double?
    package var skipped: Int
    /// The actual minus the intended send time; nil without a schedule.
    package var errorNs: DelaySummary?
    /// The maximum number of datagrams sent back to back to catch up.
    package var largestBurst: Int
    package var stalls: StallsReport

    package init(
        intendedPps: Double?, achievedPps: Double?, skipped: Int, errorNs: DelaySummary?,
        largestBurst: Int, stalls: StallsReport = StallsReport()
    ) {
        self.intendedPps = intendedPps
        self.achievedPps = achievedPps
        self.skipped = skipped
        self.errorNs = errorNs
        self.largestBurst = largestBurst
        self.stalls = stalls
    }
}

/// The datagrams that arrived at the sender and are not answers, each counted once.
package struct RejectedReport: Codable, Sendable, Equatable {
    package var short = 0
    package var truncated = 0
    package var peer = 0
    package var runId = 0
    package var warmUp = 0
    package var fromFuture = 0
    package var impossible = 0
    package var corrupt = 0
    package var beyondWindow = 0
    /// Datagrams that answer no request by the plan's rule; nil for probes.
    package var unmatched: Int?

    package init() {}

    /// Makes a report. The first four counts come from the socket, the others from the statistics.
    package init(
        short: Int, truncated: Int, peer: Int, runId: Int, discarded: DiscardedFigures
    ) {
        self.short = short
        self.truncated = truncated
        self.peer = peer
        self.runId = runId
        fromFuture = discarded.fromFuture
        impossible = discarded.impossible
        corrupt = discarded.corrupt
        beyondWindow = discarded.beyondWindow
    }
}

/// The buffers of each of the sender's sockets, and their drops together.
package struct SocketReport: Codable, Sendable, Equatable {
    package var receiveBufferAskedBytes: Int?
    /// The granted size of the receive buffers; nil if the kernel does not report it.
    package var receiveBufferGrantedBytes: Int?
    package var sendBufferAskedBytes: Int?
    package var sendBufferGrantedBytes: Int?
    package var drops: Int?
    /// The MTU of the path; nil if the kernel has no route, or does not report the MTU.
    package var pathMtuBytes: Int?
    /// The ICMP messages from routers that a probe does not fit the path.
    package var packetTooBig = 0

    package init(
        receiveBufferAskedBytes: Int? = nil, receiveBufferGrantedBytes: Int?,
        sendBufferAskedBytes: Int? = nil, sendBufferGrantedBytes: Int?, drops: Int?,
        pathMtuBytes: Int? = nil, packetTooBig: Int = 0
    ) {
        self.receiveBufferAskedBytes = receiveBufferAskedBytes
        self.receiveBufferGrantedBytes = receiveBufferGrantedBytes
        self.sendBufferAskedBytes = sendBufferAskedBytes
        self.sendBufferGrantedBytes = sendBufferGrantedBytes
        self.drops = drops
        self.pathMtuBytes = pathMtuBytes
        self.packetTooBig = packetTooBig
    }
}

package struct AddressesReport: Codable, Sendable, Equatable {
    /// The local addresses, one per flow, in the order of the flows.
    package var local: [String]
    package var remote: String

    package init(local: [String], remote: String) {
        self.local = local
        self.remote = remote
    }
}
