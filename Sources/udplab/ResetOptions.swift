import ArgumentParser
import Load
import Loops

/// The retry policies by name.
enum ResetChoice: String, CaseIterable, ExpressibleByArgument {
    case none, once, always, backoff

    var policy: RetryPolicy {
        switch self {
        case .none: .none
        case .once: .once
        case .always: .always
        case .backoff: .backoff(.init())
        }
    }
}

/// The kinds of socket that a responder may have.
enum EchoSocketChoice: String, CaseIterable, ExpressibleByArgument {
    case unconnected
    case unconnectedRecverr = "unconnected_recverr"

    var kind: SocketKind { self == .unconnected ? .unconnected : .unconnectedRecverr }
}
