import JSON
import Metrics

/// The protocol between runner and worker: one JSON object a line, its name under `message`:
/// `{"message":"hello","protocol":1,"pid":4711}`.
///
/// ```
/// runner                      worker
///   │          hello            │   protocol version, pid
///   │ ◄──────────────────────── │
///   │         prepare           │   what to be: opens sockets, starts a program
///   │ ────────────────────────► │
///   │          ready            │   bound addresses, granted buffers
///   │ ◄──────────────────────── │
///   │          start            │   at this monotonic time
///   │ ────────────────────────► │
///   │         interval          │   once a second
///   │ ◄──────────────────────── │
///   │           stop            │   now, or when nothing arrives any more
///   │ ────────────────────────► │
///   │     result | failed       │
///   │ ◄──────────────────────── │
/// ```
///
/// A sender gives its result by itself when its plan is done. A worker whose input ends stops at
/// once, whatever it does.
package enum WorkerProtocol {
    /// Both sides must have the same.
    package static let version = 1
    /// No line of either side is longer.
    package static let lineBytesLimit = 8 << 20
}

package enum RunnerMessage: Sendable {
    case prepare(Assignment)
    case start(StartOrder)
    case stop(StopOrder)
}

package enum WorkerReply: Sendable {
    case hello(Hello)
    case ready(Ready)
    case interval(LiveFigures)
    case result(WorkerResult)
    case failed(WorkerFailure)
}

package struct Hello: Codable, Sendable {
    package var `protocol`: Int
    package var pid: Int
}

/// What a worker is to be: one of these is set.
package struct Assignment: Codable, Sendable {
    package var sender: SenderAssignment?
    package var responder: ResponderAssignment?
    package var command: CommandAssignment?

    package init(
        sender: SenderAssignment? = nil, responder: ResponderAssignment? = nil,
        command: CommandAssignment? = nil
    ) {
        self.sender = sender
        self.responder = responder
        self.command = command
    }
}

package struct SenderAssignment: Codable, Sendable {
    package var name: String
    package var target: String
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
    package var maxBurst: Int
    /// Messages per system call, 1 without sendmmsg or recvmmsg.
    package var sendBatch: Int
    package var receiveBatch: Int
    /// Datagrams per super-packet; 1 without UDP_SEGMENT.
    package var segments: Int
    package var coalesces: Bool
    package var kernelTimestamps: Bool
    package var spinNs: Int64
    /// One for each thread; `nil` leaves them to the scheduler.
    package var cpus: [Int]?
    package var threads: Int
    package var intervalNs: Int64
    package var maxIntervals: Int
    package var logPath: String?
    package var logPrefix: String

    package init(
        name: String, target: String, runId: Int, anchorNs: Int64, flows: Int,
        payloadBytes: Int, ratePps: Double?, window: Int?, durationNs: Int64?, count: Int?,
        warmUpNs: Int64, timeoutNs: Int64, firstSession: Int, firstSequence: Int = 0,
        windowSlots: Int, isOneWay: Bool, endsWithLastAnswer: Bool, maxBurst: Int = 1,
        sendBatch: Int = 64, receiveBatch: Int = 64, segments: Int = 1, coalesces: Bool = false,
        kernelTimestamps: Bool = false, spinNs: Int64 = 50_000, cpus: [Int]? = nil,
        threads: Int = 1, intervalNs: Int64 = 1_000_000_000,
        maxIntervals: Int = 3600, logPath: String? = nil, logPrefix: String = ""
    ) {
        self.name = name
        self.target = target
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
        self.maxBurst = maxBurst
        self.sendBatch = sendBatch
        self.receiveBatch = receiveBatch
        self.segments = segments
        self.coalesces = coalesces
        self.kernelTimestamps = kernelTimestamps
        self.spinNs = spinNs
        self.cpus = cpus
        self.threads = threads
        self.intervalNs = intervalNs
        self.maxIntervals = maxIntervals
        self.logPath = logPath
        self.logPrefix = logPrefix
    }
}

package struct ResponderAssignment: Codable, Sendable {
    package var address: String
    package var echoes: Bool
    package var runId: Int
    package var anchorNs: Int64
    package var receiveBufferBytes: Int
    package var coalesces: Bool
    package var kernelTimestamps: Bool
    package var cpus: [Int]?
    package var threads: Int
    package var streams: [ExpectedStreamOrder]

    package init(
        address: String, echoes: Bool, runId: Int, anchorNs: Int64, receiveBufferBytes: Int,
        coalesces: Bool = false, kernelTimestamps: Bool = false, cpus: [Int]? = nil,
        threads: Int = 1, streams: [ExpectedStreamOrder]
    ) {
        self.address = address
        self.echoes = echoes
        self.runId = runId
        self.anchorNs = anchorNs
        self.receiveBufferBytes = receiveBufferBytes
        self.coalesces = coalesces
        self.kernelTimestamps = kernelTimestamps
        self.cpus = cpus
        self.threads = threads
        self.streams = streams
    }
}

/// One phase of one sender, as its responder expects it.
package struct ExpectedStreamOrder: Codable, Sendable {
    package var firstSession: Int
    package var flows: Int
    package var payloadBytes: Int
    package var firstSequence: Int
    package var timeoutNs: Int64
    package var windowCapacity: Int
    package var intervalNs: Int64
    package var maxIntervals: Int

    package init(
        firstSession: Int, flows: Int, payloadBytes: Int, firstSequence: Int, timeoutNs: Int64,
        windowCapacity: Int, intervalNs: Int64, maxIntervals: Int
    ) {
        self.firstSession = firstSession
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.firstSequence = firstSequence
        self.timeoutNs = timeoutNs
        self.windowCapacity = windowCapacity
        self.intervalNs = intervalNs
        self.maxIntervals = maxIntervals
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

package struct Ready: Codable, Sendable {
    package var addresses: [String] = []
    package var receiveBufferAskedBytes = 0
    package var receiveBufferGrantedBytes = 0
    package var sendBufferGrantedBytes = 0
    package var features = FeaturesGranted()
    /// The user's program, where there is one: also the id of its process group.
    package var commandPid: Int?
}

/// What of the offered features the kernel granted when it was tried.
package struct FeaturesGranted: Codable, Equatable, Sendable {
    package var segments = false
    package var coalesces = false
    package var kernelTimestamps = false

    package init() {}
}

package struct StartOrder: Codable, Sendable {
    /// Monotonic time of the first slot of the warm-up, or of what is measured without one.
    package var startNs: Int64

    package init(startNs: Int64) { self.startNs = startNs }
}

package struct StopOrder: Codable, Sendable {
    /// How much longer to wait for what is still on its way.
    package var drainNs: Int64
    /// For a responder: what each flow of each expected stream sent, in their order.
    package var sent: [[Int]]

    package init(drainNs: Int64, sent: [[Int]] = []) {
        self.drainNs = drainNs
        self.sent = sent
    }
}

package struct WorkerResult: Codable, Sendable {
    package var sender: SenderResult?
    package var responder: ResponderResult?
    package var command: CommandResult?
    package var cpuSeconds = 0.0
    package var maxRssBytes = 0
}

/// How the worker fails: for the user's ears, and which exit code it makes.
package struct WorkerFailure: Codable, Sendable, Error {
    package enum Kind: String, Codable, Sendable {
        /// The plan asks for what cannot be had here.
        case setUp
        /// The very first datagram was too long.
        case payload
        /// A fault of udplab itself.
        case own
        /// The user's program did not start, did not answer or ended.
        case command
    }

    package var kind: Kind
    package var reason: String
    /// The last lines that the user's program wrote.
    package var output: [String] = []

    package init(_ kind: Kind, _ reason: String, output: [String] = []) {
        self.kind = kind
        self.reason = reason
        self.output = output
    }
}

package struct SenderResult: Codable, Sendable {
    package var accounts: LedgerAccounts
    package var rejected: RejectedCounts
    package var otherErrors: [String: Int]
    package var retried: Int
    package var resetsSeen: Int
    package var resetsUnattributed: Int
    package var largestBurst: Int
    package var stalls: StallCounts
    package var figures: StreamFigures
    /// From the kernel's receive time to that of the loop, where both are known.
    package var stackNs: DelaySummary?
    /// Super-packets were refused in mid-run, and the probes sent singly from then on.
    package var abandonedSegments: Bool
    /// The wall clock was stepped while the phase ran.
    package var wallClockStepped: Bool
    /// Of the receive buffers of all flows, while this phase ran.
    package var drops: Int
    package var intendedPps: Double?
    package var firstSentNs: Int64
    package var lastSentNs: Int64
    package var firstReceivedNs: Int64
    package var lastReceivedNs: Int64
    package var startNs: Int64
    package var endNs: Int64
    /// What each flow sent in the warm-up and in what was measured, for the responder.
    package var warmUpSentByFlow: [Int]
    package var sentByFlow: [Int]
}

/// The sender's own accounts, as they stand in the ledger.
package struct LedgerAccounts: Codable, Sendable {
    package var scheduled: Int
    package var sent: Int
    package var skipped: Int
    package var refused: Int
    package var localQueue: Int
    package var localFirewall: Int
    package var tooBig: Int
    package var otherError: Int

    mutating func add(_ other: LedgerAccounts) {
        scheduled += other.scheduled
        sent += other.sent
        skipped += other.skipped
        refused += other.refused
        localQueue += other.localQueue
        localFirewall += other.localFirewall
        tooBig += other.tooBig
        otherError += other.otherError
    }
}

package struct ResponderResult: Codable, Sendable {
    package var streams: [ResponderStreamResult]
    package var drops: Int
    package var datagrams: Int
    package var rejected: RejectedCounts
    package var stackNs: DelaySummary?
}

package struct ResponderStreamResult: Codable, Sendable {
    package var received: Int
    package var duplicates: Int
    package var echoed: Int
    package var echoFailed: Int
    package var rejected: Int
    package var firstReceivedNs: Int64
    package var lastReceivedNs: Int64
    /// The figures of a sink's stream, or what an echo responder saw of order.
    package var figures: StreamFigures
}

package struct CommandResult: Codable, Sendable {
    package var exitCode: Int?
    package var signal: Int?
    package var output: [String]
}

// MARK: - Lines

extension RunnerMessage {
    package func json() throws -> JSONValue {
        switch self {
        case .prepare(let body): try envelope("prepare", body)
        case .start(let body): try envelope("start", body)
        case .stop(let body): try envelope("stop", body)
        }
    }

    package init(_ value: JSONValue) throws {
        switch try Workers.name(of: value) {
        case "prepare": self = .prepare(try JSONCoding.decode(Assignment.self, from: value))
        case "start": self = .start(try JSONCoding.decode(StartOrder.self, from: value))
        case "stop": self = .stop(try JSONCoding.decode(StopOrder.self, from: value))
        case let name:
            throw ProtocolViolation(reason: "unknown message \"\(name)\" of the runner")
        }
    }
}

extension WorkerReply {
    package func json() throws -> JSONValue {
        switch self {
        case .hello(let body): try envelope("hello", body)
        case .ready(let body): try envelope("ready", body)
        case .interval(let body): try envelope("interval", body)
        case .result(let body): try envelope("result", body)
        case .failed(let body): try envelope("failed", body)
        }
    }
}

extension WorkerReply {
    package init(_ value: JSONValue) throws {
        switch try Workers.name(of: value) {
        case "hello": self = .hello(try JSONCoding.decode(Hello.self, from: value))
        case "ready": self = .ready(try JSONCoding.decode(Ready.self, from: value))
        case "interval": self = .interval(try JSONCoding.decode(LiveFigures.self, from: value))
        case "result": self = .result(try JSONCoding.decode(WorkerResult.self, from: value))
        case "failed": self = .failed(try JSONCoding.decode(WorkerFailure.self, from: value))
        case let name:
            throw ProtocolViolation(reason: "unknown message \"\(name)\" of a worker")
        }
    }
}

/// A line that is no message of this protocol version.
package struct ProtocolViolation: Error, Sendable, CustomStringConvertible {
    package let reason: String
    package init(reason: String) { self.reason = reason }
    package var description: String { reason }
}

private func envelope(_ name: String, _ body: some Encodable) throws -> JSONValue {
    guard case .object(let members) = try JSONCoding.encode(body) else {
        throw ProtocolViolation(reason: "the body of \"\(name)\" is no object")
    }
    return .object([JSONMember(key: "message", value: .string(name))] + members)
}

private func name(of value: JSONValue) throws -> String {
    guard case .string(let name)? = value["message"] else {
        throw ProtocolViolation(reason: "a line without a \"message\"")
    }
    return name
}
