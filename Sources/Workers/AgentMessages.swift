import Datagrams
import JSON
import Loops
import Metrics

/// The protocol between the runner and the agent of another host, over the standard streams of
/// whatever the plan launches there (`ssh`, `srun`, …).
///
/// A line is a message of the agent's own, a JSON object as in `WorkerProtocol`, or it belongs to
/// one of its workers, whose number is in front of it:
///
///     {"message":"spawn","worker":3,"arguments":["worker"],"answers":true}
///     @3 {"message":"hello","protocol":2,"pid":4711}        standard output, or input
///     !3 a line of its standard error
///
/// Both sides send `lease` every second. Who hears nothing for `leaseNs` takes the other for lost:
/// the agent kills its workers and ends, and the runner's run is incomplete. Neither the end of a
/// stream nor the launcher's exit status is relied on, because launchers differ in both.
///
/// What precedes the agent's `hello`, such as a login banner, is a diagnostic.
package enum AgentProtocol {
    /// The version, which must be equal on both sides.
    package static let version = 1
    package static let leaseEveryNs: Int64 = 1_000_000_000
    /// The time by which an order of the timeline is sent ahead: over a line with losses it may
    /// be on its way for half a second.
    package static let orderAheadNs: Int64 = 1_000_000_000
    /// The longest time for which an agent keeps an order.
    package static let orderKeptNs: Int64 = 10_000_000_000
    /// The silence after which the other side is lost.
    package static let leaseNs: Int64 = 5_000_000_000
    /// The maximum number of lines before `hello`.
    package static let bannerLinesLimit = 100
    /// The maximum length of a line: a worker's, and its number.
    package static let lineBytesLimit = WorkerProtocol.lineBytesLimit + 24
    /// The maximum length of a line of a worker's standard error; a longer one is divided.
    package static let diagnosticBytesLimit = 4_096
}

package enum AgentOrder: Sendable {
    case clock(ClockQuestion)
    case spawn(SpawnOrder)
    /// Close a worker's standard input.
    case close(WorkerNumber)
    case signal(SignalOrder)
    /// Pass a line on to a worker at a time.
    case deliver(DeliverOrder)
    case load(LoadQuestion)
    /// Open the counts that a worker shares, so that they can be read after its end.
    case hold(HoldOrder)
    case counts(CountsQuestion)
    case address(AddressQuestion)
    /// Say what the host's own synchronization states about its clocks; the number of the order.
    case statement(ClockQuestion)
    case lease(Lease)
}

package indirect enum AgentReply: Sendable {
    case hello(AgentHello)
    case clock(ClockAnswer)
    case spawned(SpawnReply)
    /// A worker has closed its standard output.
    case closed(WorkerNumber)
    case ended(WorkerEnd)
    case done(OrderReply)
    case lease(Lease)
}

package struct AgentHello: Codable, Sendable, Equatable {
    package var `protocol` = AgentProtocol.version
    package var version: String
    /// The digest of the program, equal on both sides.
    package var build: String
    package var host: String
    package var kernel: String
    package var cpus: Int
    package var rmemMax: Int?
    package var addresses: [String]
    /// The kernel's estimate of the largest error of the host's wall clock (adjtimex(2)); nil if
    /// that is not synchronized.
    package var wallClockErrorNs: Int64?

    package init(
        version: String, build: String, host: String, kernel: String, cpus: Int, rmemMax: Int?,
        addresses: [String], wallClockErrorNs: Int64?
    ) {
        self.version = version
        self.build = build
        self.host = host
        self.kernel = kernel
        self.cpus = cpus
        self.rmemMax = rmemMax
        self.addresses = addresses
        self.wallClockErrorNs = wallClockErrorNs
    }
}

package struct ClockQuestion: Codable, Sendable {
    package var number: Int
    package init(number: Int) { self.number = number }
}

/// The agent's monotonic times at which a question arrived and its answer left.
package struct ClockAnswer: Codable, Sendable {
    package var number: Int
    package var receivedNs: Int64
    package var sentNs: Int64

    package init(number: Int, receivedNs: Int64, sentNs: Int64) {
        self.number = number
        self.receivedNs = receivedNs
        self.sentNs = sentNs
    }
}

package struct SpawnOrder: Codable, Sendable {
    package var worker: Int
    package var name: String
    package var arguments: [String]

    package init(worker: Int, name: String, arguments: [String]) {
        self.worker = worker
        self.name = name
        self.arguments = arguments
    }
}

package struct SpawnReply: Codable, Sendable {
    package var worker: Int
    /// The process id; nil if it could not be started.
    package var pid: Int?
    package var fault: String?

    package init(worker: Int, pid: Int?, fault: String? = nil) {
        self.worker = worker
        self.pid = pid
        self.fault = fault
    }
}

package struct WorkerNumber: Codable, Sendable {
    package var worker: Int
    package init(worker: Int) { self.worker = worker }
}

package struct SignalOrder: Codable, Sendable {
    package var order: Int
    package var signal: Int
    /// The worker whose process group is signalled; nil for `group`.
    package var worker: Int?
    /// The group of a program that one of the agent's workers has started, or of a worker.
    package var group: Int?
    /// The agent's monotonic time at which it is sent; nil for at once.
    package var atNs: Int64?
    /// The address of the sockets whose load is read just before.
    package var address: String?

    package init(
        order: Int, signal: Int, worker: Int?, group: Int? = nil, atNs: Int64? = nil,
        address: String? = nil
    ) {
        self.order = order
        self.signal = signal
        self.worker = worker
        self.group = group
        self.atNs = atNs
        self.address = address
    }
}

package struct DeliverOrder: Codable, Sendable {
    package var worker: Int
    /// The agent's monotonic time.
    package var atNs: Int64
    package var line: String

    package init(worker: Int, atNs: Int64, line: String) {
        self.worker = worker
        self.atNs = atNs
        self.line = line
    }
}

/// The question for the load of the sockets at an address, or for the processes of a group.
package struct LoadQuestion: Codable, Sendable {
    package var order: Int
    package var address: String?
    /// A process in the network namespace of the sockets; nil for the agent's own.
    package var pid: Int?
    package var group: Int?

    package init(order: Int, address: String? = nil, pid: Int? = nil, group: Int? = nil) {
        self.order = order
        self.address = address
        self.pid = pid
        self.group = group
    }
}

package struct HoldOrder: Codable, Sendable {
    package var order: Int
    package var pid: Int
    package var descriptor: Int

    package init(order: Int, pid: Int, descriptor: Int) {
        self.order = order
        self.pid = pid
        self.descriptor = descriptor
    }
}

package struct CountsQuestion: Codable, Sendable {
    package var order: Int
    package var pid: Int
    /// The number of flows of each stream.
    package var streams: [Int]
    package var lanes: Int

    package init(order: Int, pid: Int, streams: [Int], lanes: Int) {
        self.order = order
        self.pid = pid
        self.streams = streams
        self.lanes = lanes
    }
}

/// The question for an address that a responder can bind.
package struct AddressQuestion: Codable, Sendable {
    package var order: Int
    package var host: String
    /// The ports to choose from; nil for any.
    package var firstPort: Int?
    package var lastPort: Int?
    /// Whether a free port is picked; otherwise port 0 stays 0.
    package var picksPort: Bool

    package init(order: Int, host: String, ports: ClosedRange<Int>?, picksPort: Bool) {
        self.order = order
        self.host = host
        firstPort = ports?.lowerBound
        lastPort = ports?.upperBound
        self.picksPort = picksPort
    }
}

/// The end of a worker.
package struct WorkerEnd: Codable, Sendable {
    package var worker: Int
    package var code: Int?
    package var signal: Int?
    package var coreDumped: Bool?
    package var cpuSeconds: Double?
    package var maxRssBytes: Int?

    package init(worker: Int) { self.worker = worker }
}

/// The reply to an order with a number.
package struct OrderReply: Codable, Sendable {
    package var order: Int
    /// The agent's monotonic time at which it was carried out.
    package var atNs: Int64
    package var drops: Int?
    package var queuedBytes: Int?
    package var sockets: Int?
    package var connected: Int?
    package var residentBytes: Int?
    package var descriptors: Int?
    package var isRunnable: Bool?
    package var address: String?
    package var counts: KilledCounts?
    package var statement: ClockStatement?
    package var fault: String?

    package init(order: Int, atNs: Int64) {
        self.order = order
        self.atNs = atNs
    }
}

package struct Lease: Codable, Sendable {
    /// Of an agent: the workers that a signal has stopped.
    package var stopped: [Int] = []

    package init() {}
}

// MARK: - Lines

extension AgentOrder {
    package func json() throws -> JSONValue {
        switch self {
        case .clock(let body): try envelope("clock", body)
        case .spawn(let body): try envelope("spawn", body)
        case .close(let body): try envelope("close", body)
        case .signal(let body): try envelope("signal", body)
        case .deliver(let body): try envelope("deliver", body)
        case .load(let body): try envelope("load", body)
        case .hold(let body): try envelope("hold", body)
        case .counts(let body): try envelope("counts", body)
        case .address(let body): try envelope("address", body)
        case .statement(let body): try envelope("statement", body)
        case .lease(let body): try envelope("lease", body)
        }
    }

    package init(_ value: JSONValue) throws {
        switch try name(of: value) {
        case "clock": self = .clock(try JSONCoding.decode(ClockQuestion.self, from: value))
        case "spawn": self = .spawn(try JSONCoding.decode(SpawnOrder.self, from: value))
        case "close": self = .close(try JSONCoding.decode(WorkerNumber.self, from: value))
        case "signal": self = .signal(try JSONCoding.decode(SignalOrder.self, from: value))
        case "deliver": self = .deliver(try JSONCoding.decode(DeliverOrder.self, from: value))
        case "load": self = .load(try JSONCoding.decode(LoadQuestion.self, from: value))
        case "hold": self = .hold(try JSONCoding.decode(HoldOrder.self, from: value))
        case "counts": self = .counts(try JSONCoding.decode(CountsQuestion.self, from: value))
        case "address": self = .address(try JSONCoding.decode(AddressQuestion.self, from: value))
        case "statement":
            self = .statement(try JSONCoding.decode(ClockQuestion.self, from: value))
        case "lease": self = .lease(try JSONCoding.decode(Lease.self, from: value))
        case let name:
            throw ProtocolViolation(reason: "unknown message \"\(name)\" of the runner")
        }
    }
}

extension AgentReply {
    package func json() throws -> JSONValue {
        switch self {
        case .hello(let body): try envelope("hello", body)
        case .clock(let body): try envelope("clock", body)
        case .spawned(let body): try envelope("spawned", body)
        case .closed(let body): try envelope("closed", body)
        case .ended(let body): try envelope("ended", body)
        case .done(let body): try envelope("done", body)
        case .lease(let body): try envelope("lease", body)
        }
    }

    package init(_ value: JSONValue) throws {
        switch try name(of: value) {
        case "hello": self = .hello(try JSONCoding.decode(AgentHello.self, from: value))
        case "clock": self = .clock(try JSONCoding.decode(ClockAnswer.self, from: value))
        case "spawned": self = .spawned(try JSONCoding.decode(SpawnReply.self, from: value))
        case "closed": self = .closed(try JSONCoding.decode(WorkerNumber.self, from: value))
        case "ended": self = .ended(try JSONCoding.decode(WorkerEnd.self, from: value))
        case "done": self = .done(try JSONCoding.decode(OrderReply.self, from: value))
        case "lease": self = .lease(try JSONCoding.decode(Lease.self, from: value))
        case let name:
            throw ProtocolViolation(reason: "unknown message \"\(name)\" of an agent")
        }
    }
}
