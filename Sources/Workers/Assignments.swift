import Datagrams
import Metrics

/// Role of a worker, with what it needs for it. On the wire it is the one member of an object:
/// `{"sender":{…}}`.
package enum Assignment: Sendable {
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

    /// - Throws: Where there is no role, or more than one.
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

package struct SenderAssignment: Codable, Sendable {
    package var name: String
    /// One for each part of the flows, or one for all.
    package var targets: [String]
    package var runId: Int
    /// Wall time less monotonic time, see `ProbeLayout`.
    package var anchorNs: Int64
    package var flows: Int
    package var payloadBytes: Int
    /// Per flow; `nil` is `"rate": "max"`.
    package var ratePps: Double?
    /// Outstanding per flow at `rate: max`; `nil` is without bound (towards a sink).
    package var window: Int?
    package var durationNs: Int64?
    /// Per flow.
    package var count: Int?
    package var warmUpNs: Int64
    package var timeoutNs: Int64
    /// The warm-up has the sessions from here, what is measured those behind them.
    package var firstSession: Int
    package var firstSequence: Int
    /// Of each flow's sequence window, a power of two.
    package var windowSlots: Int
    package var isOneWay: Bool
    package var endsWithLastAnswer: Bool
    /// How much longer than the timeout the answers are awaited that have not come: where nothing
    /// can lose them they are late, and on a busy machine very much so.
    package var latePatienceNs: Int64
    package var maxBurst: Int
    /// Messages per system call, 1 without sendmmsg or recvmmsg.
    package var sendBatch: Int
    package var receiveBatch: Int
    /// Datagrams per super-packet; 1 without UDP_SEGMENT.
    package var segments: Int
    package var coalesces: Bool
    package var kernelTimestamps: Bool
    /// IP_PMTUDISC_DO: what does not fit the path is `too_big` and no set of fragments.
    package var isNeverFragmented: Bool
    package var spinNs: Int64
    /// One for each thread; `nil` leaves them to the scheduler.
    package var cpus: [Int]?
    package var threads: Int
    package var intervalNs: Int64
    package var maxIntervals: Int
    /// Outages of the stream that are kept.
    package var maxOutages = OutageList.capacity
    package var logPath: String?
    package var logPrefix: String
    /// The network of the plan alters datagrams.
    package var expectsAltered = false
    /// The room that the flows are members of.
    package var room: RoomOrder?
    package var socket: SocketKind
    package var onReset: RetryPolicy
    /// Datagrams from one port, for a hit-and-run sender.
    package var hitAndRunBurst: Int?
    /// Instances of the responder, among which the flows are shared out.
    package var parts = 1
    /// How the losses of each are kept by time; nil where nobody will ask.
    package var partGrid: PartLosses.Grid?

    package init(
        name: String, targets: [String], runId: Int, anchorNs: Int64, flows: Int,
        payloadBytes: Int, ratePps: Double?, window: Int?, durationNs: Int64?, count: Int?,
        warmUpNs: Int64, timeoutNs: Int64, firstSession: Int, firstSequence: Int = 0,
        windowSlots: Int, isOneWay: Bool, endsWithLastAnswer: Bool, latePatienceNs: Int64 = 0,
        maxBurst: Int = 1,
        sendBatch: Int = 64, receiveBatch: Int = 64, segments: Int = 1, coalesces: Bool = false,
        kernelTimestamps: Bool = false, isNeverFragmented: Bool = false,
        spinNs: Int64 = 50_000, cpus: [Int]? = nil, threads: Int = 1,
        intervalNs: Int64 = 1_000_000_000,
        maxIntervals: Int = 3600, logPath: String? = nil, logPrefix: String = "",
        socket: SocketKind = .connected, onReset: RetryPolicy = .always,
        hitAndRunBurst: Int? = nil
    ) {
        self.name = name
        self.targets = targets
        self.runId = runId
        self.anchorNs = anchorNs
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.ratePps = ratePps
        self.window = window
        self.durationNs = durationNs
        self.count = count
        self.warmUpNs = warmUpNs
        self.timeoutNs = timeoutNs
        self.firstSession = firstSession
        self.firstSequence = firstSequence
        self.windowSlots = windowSlots
        self.isOneWay = isOneWay
        self.endsWithLastAnswer = endsWithLastAnswer
        self.latePatienceNs = latePatienceNs
        self.maxBurst = maxBurst
        self.sendBatch = sendBatch
        self.receiveBatch = receiveBatch
        self.segments = segments
        self.coalesces = coalesces
        self.kernelTimestamps = kernelTimestamps
        self.isNeverFragmented = isNeverFragmented
        self.spinNs = spinNs
        self.cpus = cpus
        self.threads = threads
        self.intervalNs = intervalNs
        self.maxIntervals = maxIntervals
        self.logPath = logPath
        self.logPrefix = logPrefix
        self.socket = socket
        self.onReset = onReset
        self.hitAndRunBurst = hitAndRunBurst
    }

    /// The part that each of these flows belongs to; empty where there is one.
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

    /// Without a warm-up its sessions do not exist.
    var firstMeasuredSession: Int { firstSession + (warmUpNs > 0 ? flows : 0) }

    /// From one probe of a flow to the next, as far as the rate says: what outages are resolved
    /// to.
    package var probeIntervalNs: Int64? { ratePps.map { Int64(1e9 / $0) } }

    /// Outages of one stream that are no further apart are one: a few probes that were tried in
    /// vain, or fast ones in the time that a scheduler takes.
    var outagesJoinNs: Int64 { max(10_000_000, 3 * (probeIntervalNs ?? 0)) }
}

package struct ResponderAssignment: Codable, Sendable {
    package var address: String
    package var echoes: Bool
    /// Of a room: the most that it takes. An echo or a sink has none.
    package var members: Int?
    package var runId: Int
    package var anchorNs: Int64
    package var receiveBufferBytes: Int
    package var coalesces: Bool
    package var kernelTimestamps: Bool
    package var cpus: [Int]?
    package var threads: Int
    package var socket: SocketKind
    package var onReset: RetryPolicy
    package var streams: [ExpectedStreamOrder]
    /// Its stalls count from then on.
    package var warmUpNs: Int64 = 0
    /// The network of the plan alters datagrams.
    package var expectsAltered = false
    package var singleCalls = SingleCalls()
    /// Whether what it counts is to outlive it: it will be killed.
    package var sharesCounts = false

    package init(
        address: String, echoes: Bool, runId: Int, anchorNs: Int64, receiveBufferBytes: Int,
        coalesces: Bool = false, kernelTimestamps: Bool = false, cpus: [Int]? = nil,
        threads: Int = 1, socket: SocketKind = .unconnected, onReset: RetryPolicy = .always,
        members: Int? = nil, streams: [ExpectedStreamOrder]
    ) {
        self.address = address
        self.echoes = echoes
        self.members = members
        self.runId = runId
        self.anchorNs = anchorNs
        self.receiveBufferBytes = receiveBufferBytes
        self.coalesces = coalesces
        self.kernelTimestamps = kernelTimestamps
        self.cpus = cpus
        self.threads = threads
        self.socket = socket
        self.onReset = onReset
        self.streams = streams
    }
}

/// One phase of one sender, as its responder expects it; of a responder with several instances,
/// the flows of one of them.
package struct ExpectedStreamOrder: Codable, Sendable {
    package var firstSession: Int
    package var flows: Int
    package var payloadBytes: Int
    package var firstSequence: Int
    package var timeoutNs: Int64
    package var windowCapacity: Int
    package var intervalNs: Int64
    package var maxIntervals: Int
    /// Its datagrams come from ports that change.
    package var peersChange: Bool
    /// The instance of the responder that answers it.
    package var instance: Int
    /// The fill of each payload is looked at as well.
    package var verifies = false
    /// What its sender can have sent by a time after the start.
    package var bound: SendingBound?

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
    /// The program and its arguments, nothing left to fill in.
    package var command: [String]
    /// Where it will answer.
    package var address: String
    package var readyTimeoutNs: Int64
    /// How many of the last lines of output are kept.
    package var outputLines: Int
    /// Whether the worker asks the program until it answers; else whoever started it finds out,
    /// and the program has heard of nobody before.
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
