import Datagrams
import Impairment
import Load
import Metrics

/// The role of a worker with its parameters. On the wire it is the one member of an object:
/// `{"sender":{…}}`.
package indirect enum Assignment: Sendable {
    case sender(SenderAssignment)
    case responder(ResponderAssignment)
    case command(CommandAssignment)
    case relay(RelayAssignment)
    case network(NetworkAssignment)
}

extension Assignment: Codable {
    private enum Role: String, CodingKey, CaseIterable {
        case sender, responder, command, relay, network
    }

    /// Decodes a role.
    /// - Throws: If there is no role, or more than one.
    package init(from decoder: any Decoder) throws {
        let roles = try decoder.container(keyedBy: Role.self)
        let given = Role.allCases.filter(roles.contains)
        guard given.count == 1 else {
            let names = given.map { "\"\($0.rawValue)\"" }.joined(separator: " and ")
            throw ProtocolViolation(
                reason: given.isEmpty ? "an assignment without a role" : "an assignment of \(names)"
            )
        }
        switch given[0] {
        case .sender: self = .sender(try roles.decode(SenderAssignment.self, forKey: .sender))
        case .responder:
            self = .responder(try roles.decode(ResponderAssignment.self, forKey: .responder))
        case .command: self = .command(try roles.decode(CommandAssignment.self, forKey: .command))
        case .relay: self = .relay(try roles.decode(RelayAssignment.self, forKey: .relay))
        case .network: self = .network(try roles.decode(NetworkAssignment.self, forKey: .network))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var roles = encoder.container(keyedBy: Role.self)
        switch self {
        case .sender(let assignment): try roles.encode(assignment, forKey: .sender)
        case .responder(let assignment): try roles.encode(assignment, forKey: .responder)
        case .command(let assignment): try roles.encode(assignment, forKey: .command)
        case .relay(let assignment): try roles.encode(assignment, forKey: .relay)
        case .network(let assignment): try roles.encode(assignment, forKey: .network)
        }
    }
}

/// The order to a sender: what it sends, and what only the run knows.
package struct SenderAssignment: Codable, Sendable {
    package var sender: SenderDefinition
    /// The targets: one per part of the flows, or one for all.
    package var targets: [String]
    package var runId: Int
    /// The difference of wall time and monotonic time, see `ProbeLayout`.
    package var anchorNs: Int64
    /// The maximum number of outstanding probes per flow at `rate: max`; `nil` is without bound
    /// (towards a sink).
    package var window: Int?
    /// The window of all flows together instead, which then take turns.
    package var sharedWindow: Int?
    /// The first rate of each flow, which `rate` orders change: that of the sender is then the
    /// highest. Nil for a sender that keeps its schedule.
    package var firstPps: Double?
    package var warmUpNs: Int64 = 0
    package var timeoutNs: Int64
    /// The first session number; the warm-up has the sessions from here, the measurement those
    /// after them.
    package var firstSession: Int
    /// The slots of each flow's sequence window, a power of two.
    package var windowSlots: Int
    package var isOneWay = false
    package var endsWithLastAnswer = false
    /// The additional wait for missing answers after the timeout: where nothing can lose them they
    /// are late, and on a busy machine very late.
    package var latePatienceNs: Int64 = 0
    /// The number of messages per system call, 1 without sendmmsg or recvmmsg.
    package var sendBatch = 64
    package var receiveBatch = 64
    /// The number of datagrams per super-packet; 1 without UDP_SEGMENT.
    package var segments = 1
    package var coalesces = false
    package var kernelTimestamps = false
    /// Whether the marks of the answers are counted.
    package var readsMarks = false
    /// Whether IP_PMTUDISC_DO is set: a datagram that does not fit the path is `too_big` and not
    /// fragmented.
    package var isNeverFragmented = false
    package var spinNs: Int64 = 50_000
    /// The CPU of each thread; `nil` leaves them to the scheduler.
    package var cpus: [Int]?
    package var intervalNs: Int64 = 1_000_000_000
    package var maxIntervals = 3600
    /// The maximum number of outages of the stream that are kept.
    package var maxOutages = OutageList.capacity
    /// The maximum number of loss runs that each thread keeps.
    package var maxLossRuns = 0
    /// The maximum number of probes of which the times at both ends are kept.
    package var maxEndTimes = 0
    package var logPath: String?
    package var logPrefix = ""
    /// The address from which the flows send; nil leaves it to the kernel's routes.
    package var source: String?
    /// Whether the plan's network alters datagrams.
    package var expectsAltered = false
    /// The room whose members the flows are.
    package var room: RoomOrder?
    /// The STAMP packets to send; nil for udplab's own probes.
    package var stamp: StampOrder?
    /// The payload of every answer in bytes; nil if each has the size of its probe.
    package var replyBytes: Int?
    /// The longest time for which the responder holds an answer.
    package var longestHoldNs: Int64 = 0
    /// The number of responder instances that share the flows.
    package var parts = 1
    /// The grid for each part's losses over time; nil if they are not needed.
    package var partGrid: PartLosses.Grid?

    package init(
        _ sender: SenderDefinition, targets: [String], runId: Int, anchorNs: Int64,
        timeoutNs: Int64, firstSession: Int, windowSlots: Int
    ) {
        self.sender = sender
        self.targets = targets
        self.runId = runId
        self.anchorNs = anchorNs
        self.timeoutNs = timeoutNs
        self.firstSession = firstSession
        self.windowSlots = windowSlots
    }

    package var flows: Int { sender.flows }

    /// Returns the part of each of these flows; empty if there is one part.
    func partOfFlow(_ flows: Range<Int>) -> [Int] {
        parts > 1 ? flows.map(part(of:)) : []
    }

    func part(of flow: Int) -> Int {
        parts > 1 ? FlowParts(flows: flows, count: parts).part(of: flow) : 0
    }

    func targetAddresses() throws(WorkerFailure) -> [SocketAddress] {
        guard targets.count == 1 || targets.count == parts else {
            throw WorkerFailure(.own, "\(targets.count) targets for \(parts) parts of the flows")
        }
        var addresses: [SocketAddress] = []
        for target in targets {
            guard let address = SocketAddress(numeric: target) else {
                throw WorkerFailure(.own, "the target \(target) is no numeric address")
            }
            addresses.append(address)
        }
        return addresses
    }

    /// The first session of the measurement. Without a warm-up its sessions do not exist.
    var firstMeasuredSession: Int { firstSession + (warmUpNs > 0 ? flows : 0) }

    /// The time between probes of a flow, if the rate is known, which is the resolution of outages.
    package var probeIntervalNs: Int64? { sender.ratePps.map { Int64(1e9 / $0) } }

    /// The maximum distance between outages of one stream that are merged: that of a few unanswered
    /// probes or, at high rates, of a scheduling delay.
    var outagesJoinNs: Int64 { max(10_000_000, 3 * (probeIntervalNs ?? 0)) }
}

/// The order to udplab's own responder: what it does, and what only the run knows.
package struct ResponderAssignment: Codable, Sendable {
    package var responder: OwnResponder
    package var address: String
    /// The maximum number of members of a room; nil for an echo or a sink.
    package var members: Int?
    package var runId: Int
    package var anchorNs: Int64
    package var coalesces = false
    package var kernelTimestamps = false
    package var cpus: [Int]?
    package var streams: [ExpectedStreamOrder]
    /// The duration of the warm-up, after which stalls count.
    package var warmUpNs: Int64 = 0
    /// Whether the plan's network alters datagrams.
    package var expectsAltered = false
    package var singleCalls = SingleCalls()
    /// The stream whose counts are reported every `LoadFeedback.everyNs`; nil for none.
    package var feedbackStream: Int?
    /// The time for which each answer of an echo is held; nil if it leaves at once.
    package var replyDelay: DelayModel?
    /// The seed of the times, each of which follows from it and from the probe.
    package var replyDelaySeed = 0
    /// Whether the responder's counts must survive it, because it will be killed.
    package var sharesCounts = false

    package init(
        _ responder: OwnResponder, address: String, runId: Int, anchorNs: Int64,
        streams: [ExpectedStreamOrder]
    ) {
        self.responder = responder
        self.address = address
        self.runId = runId
        self.anchorNs = anchorNs
        self.streams = streams
    }
}

/// A phase of a sender, as its responder expects it; for a responder with several instances, the
/// flows of one of them.
package struct ExpectedStreamOrder: Codable, Sendable {
    package var firstSession: Int
    package var flows: Int
    /// The payload of every probe, or of the largest.
    package var payloadBytes: Int
    /// The sizes of the probes, if they differ.
    package var sizes: PayloadSizes?
    /// The payload of every answer in bytes; nil if each has the size of its probe.
    package var replyBytes: Int?
    package var firstSequence: Int
    package var timeoutNs: Int64
    package var windowCapacity: Int
    package var intervalNs: Int64
    package var maxIntervals: Int
    /// The maximum number of loss runs that a responder's thread, or a relay, keeps of the stream.
    package var maxLossRuns = 0
    /// The maximum number of probes of which an echo keeps the times.
    package var maxEndTimes = 0
    /// Whether the result has the statistics as an image, to be merged with those of other hosts.
    package var keepsImage = false
    /// The start of the phase after that of the run, as planned.
    package var beginsNs: Int64 = 0
    /// The lengths of the stages of the phase; empty without stages, and for an echo.
    package var stageLengthsNs: [Int64] = []
    /// The planned length of the phase; nil if a count limits it.
    package var lengthNs: Int64?
    /// Whether the datagrams come from changing ports.
    package var peersChange: Bool
    /// Whether the datagrams are requests to a service: a relay tells them by their client alone.
    package var areRequests = false
    /// The instance of the responder that answers the stream.
    package var instance: Int
    /// Whether the fill of each payload is checked as well.
    package var verifies = false
    /// The maximum number of datagrams that the sender can have sent by a time after the start.
    package var bound: SendingBound?
    /// Whether the way there of the stream is the way back of the network, and the other way round:
    /// a relay then does to its probes what the network does to answers.
    package var isReversed = false
    /// The traffic class with which the probes are sent, which their answers get too; nil if marks
    /// are not of interest.
    package var trafficClass: UInt8?
    /// The largest error between the clocks of both ends: 0 on one host. The timeout is longer by
    /// twice of it, and every delay is recorded too long by it.
    package var clockErrorNs: Int64 = 0

    package init(
        firstSession: Int, flows: Int, payloadBytes: Int, firstSequence: Int, timeoutNs: Int64,
        windowCapacity: Int, intervalNs: Int64, maxIntervals: Int, peersChange: Bool = false,
        instance: Int = 0
    ) {
        self.firstSession = firstSession
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.firstSequence = firstSequence
        self.timeoutNs = timeoutNs
        self.windowCapacity = windowCapacity
        self.intervalNs = intervalNs
        self.maxIntervals = maxIntervals
        self.peersChange = peersChange
        self.instance = instance
    }
}

package struct CommandAssignment: Codable, Sendable {
    /// The program and its arguments, without placeholders.
    package var command: [String]
    /// The address at which the program will answer.
    package var address: String
    package var readyTimeoutNs: Int64
    /// The number of the last lines of output that are kept.
    package var outputLines: Int
    /// The request by which the program is asked whether it answers; nil for a datagram that an
    /// echo server returns.
    package var question: RequestDefinition?
    /// Whether the worker probes the program for readiness; otherwise the runner does, and the
    /// program has received nothing before.
    package var asks: Bool

    package init(
        command: [String], address: String, readyTimeoutNs: Int64, outputLines: Int,
        asks: Bool = true
    ) {
        self.asks = asks
        self.command = command
        self.address = address
        self.readyTimeoutNs = readyTimeoutNs
        self.outputLines = outputLines
    }
}
