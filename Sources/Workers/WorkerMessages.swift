import Datagrams
import JSON
import Loops
import Metrics

/// The protocol between runner and worker: one JSON object per line, with the message's name under
/// `message`: `{"message":"hello","protocol":2,"pid":4711}`.
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
/// A relay may receive `impair` between start and stop, with its impairments from then on. A
/// responder may receive `port`, to close its port or to open it again, and replies with `port`
/// when it has.
///
/// The receiver of a test of RFC 9097, which is a sink, or the sender towards an echo, sends
/// `feedback` twenty times a second, and the sender receives `rate` with each change of its load.
///
/// A worker on another host answers `start` with `armed`, which says by how much the order was
/// late.
///
/// A message that is longer than a line is sent in pieces: see `MessagePieces`.
///
/// A sender sends its result without a stop when its plan is done. A worker whose input ends stops
/// at once.
package enum WorkerProtocol {
    /// The version, which must be equal on both sides.
    package static let version = 2
    /// The maximum length of a line of either side.
    package static let lineBytesLimit = 256 << 10
    /// The maximum length of a message of either side, its pieces together.
    package static let messageBytesLimit = 16 << 20
}

package indirect enum RunnerMessage: Sendable {
    case prepare(Assignment)
    case start(StartOrder)
    case stop(StopOrder)
    /// To a relay: change the impairments.
    case impair(ImpairmentOrder)
    /// To a responder: close the port, or open it again.
    case port(PortOrder)
    /// To a relay: report when no datagram for the responder is held.
    case settle(SettleOrder)
    /// To a sender with a first rate: send at another one.
    case rate(RateOrder)
    /// To a sender that has sent its result: report the datagrams received since.
    case tail(TailOrder)
}

package indirect enum WorkerReply: Sendable {
    case hello(Hello)
    case ready(Ready)
    case armed(Armed)
    case interval(LiveFigures)
    case feedback(LoadFeedback)
    case port(PortReply)
    case settled(SettleReply)
    case tail(TailReply)
    case result(WorkerResult)
    case failed(WorkerFailure)
}

package struct Hello: Codable, Sendable {
    package var `protocol`: Int
    package var pid: Int
}

// MARK: - Lines

extension RunnerMessage {
    package func json() throws -> JSONValue {
        switch self {
        case .prepare(let body): try envelope("prepare", body)
        case .start(let body): try envelope("start", body)
        case .stop(let body): try envelope("stop", body)
        case .impair(let body): try envelope("impair", body)
        case .port(let body): try envelope("port", body)
        case .settle(let body): try envelope("settle", body)
        case .rate(let body): try envelope("rate", body)
        case .tail(let body): try envelope("tail", body)
        }
    }

    package init(_ value: JSONValue) throws {
        switch try Workers.name(of: value) {
        case "prepare": self = .prepare(try JSONCoding.decode(Assignment.self, from: value))
        case "start": self = .start(try JSONCoding.decode(StartOrder.self, from: value))
        case "stop": self = .stop(try JSONCoding.decode(StopOrder.self, from: value))
        case "impair":
            self = .impair(try JSONCoding.decode(ImpairmentOrder.self, from: value))
        case "port": self = .port(try JSONCoding.decode(PortOrder.self, from: value))
        case "settle": self = .settle(try JSONCoding.decode(SettleOrder.self, from: value))
        case "rate": self = .rate(try JSONCoding.decode(RateOrder.self, from: value))
        case "tail": self = .tail(try JSONCoding.decode(TailOrder.self, from: value))
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
        case .armed(let body): try envelope("armed", body)
        case .interval(let body): try envelope("interval", body)
        case .feedback(let body): try envelope("feedback", body)
        case .port(let body): try envelope("port", body)
        case .settled(let body): try envelope("settled", body)
        case .tail(let body): try envelope("tail", body)
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
        case "armed": self = .armed(try JSONCoding.decode(Armed.self, from: value))
        case "interval": self = .interval(try JSONCoding.decode(LiveFigures.self, from: value))
        case "feedback":
            self = .feedback(try JSONCoding.decode(LoadFeedback.self, from: value))
        case "port": self = .port(try JSONCoding.decode(PortReply.self, from: value))
        case "settled": self = .settled(try JSONCoding.decode(SettleReply.self, from: value))
        case "tail": self = .tail(try JSONCoding.decode(TailReply.self, from: value))
        case "result": self = .result(try JSONCoding.decode(WorkerResult.self, from: value))
        case "failed": self = .failed(try JSONCoding.decode(WorkerFailure.self, from: value))
        case let name:
            throw ProtocolViolation(reason: "unknown message \"\(name)\" of a worker")
        }
    }
}

func envelope(_ name: String, _ body: some Encodable) throws -> JSONValue {
    guard case .object(let members) = try JSONCoding.encode(body) else {
        throw ProtocolViolation(reason: "the body of \"\(name)\" is no object")
    }
    return .object([JSONMember(key: "message", value: .string(name))] + members)
}

func name(of value: JSONValue) throws -> String {
    guard case .string(let name)? = value["message"] else {
        throw ProtocolViolation(reason: "a line without a \"message\"")
    }
    return name
}
