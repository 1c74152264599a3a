import Datagrams
import Glibc
import Metrics

/// The failed receive calls of one socket, or of one thread's sockets, by errno.
///
/// A receive call fails because of an earlier datagram (a reset, an unreachable host), or because
/// of the host: a seccomp filter, no memory. If the host fails every call, no datagram will arrive
/// and the loop would spin; so the loop ends with the error.
package struct ReceiveErrors: ~Copyable {
    /// The number of consecutive failures with one errno after which the error is taken to be
    /// permanent.
    package static let inRowLimit = 100
    /// The pause of an otherwise idle thread after a failure: memory may become available again.
    package static let restNs: Int64 = 1_000_000

    private var counts: ErrnoCounts
    private var last = SystemErrno.tryAgain
    private var inRow = 0

    package init() { counts = ErrnoCounts() }

    /// Makes counts in memory that others can read: see `SharedCounts`.
    init(in memory: CheckedMemory<Int>) { counts = ErrnoCounts(in: memory) }

    /// Counts a failed call.
    /// - Parameter isOfDatagram: Whether the error queue identifies the datagram concerned.
    /// - Returns: Whether the error is permanent.
    package mutating func add(_ errno: SystemErrno, isOfDatagram: Bool = false) -> Bool {
        guard errno != .connectionRefused else { return false }
        counts.add(errno)
        guard !isOfDatagram, !Self.isOfNetwork(errno) else {
            inRow = 0
            return false
        }
        inRow = errno == last ? inRow + 1 : 1
        last = errno
        return inRow >= Self.inRowLimit
    }

    /// Records a call that worked, with or without a datagram.
    @inline(__always)
    package mutating func worked() { inRow = 0 }

    /// The counts that are not zero, by symbolic name, without resets, which are counted elsewhere.
    package var byName: [String: Int] { counts.byName }

    /// Returns the same for counts in memory that another thread, or another process, has filled.
    static func byName(in memory: CheckedMemory<Int>) -> [String: Int] {
        ErrnoCounts(in: memory).byName
    }

    /// Whether an errno is the result of an ICMP message on a socket without an error queue
    /// (icmp_err_convert, net/ipv4/icmp.c; icmpv6_err_convert, net/ipv6/icmp.c).
    package static func isOfNetwork(_ errno: SystemErrno) -> Bool {
        switch errno.rawValue {
        case ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, EMSGSIZE, EOPNOTSUPP, EHOSTDOWN,
            ENONET,
            EPROTO, EACCES:
            true
        default: false
        }
    }
}

/// A fault of this host that ends a loop.
package enum HostFault: Error, Sendable, Equatable, CustomStringConvertible {
    case cannotReceive(call: String, SystemErrno)
    case cannotWait(SystemErrno)

    package var description: String { sentence(of: "program") }

    /// Returns the fault as a sentence.
    /// - Parameter role: The role concerned, such as `sender`.
    package func sentence(of role: String) -> String {
        switch self {
        case .cannotReceive(let call, let errno):
            "the \(role) cannot receive on this host: \(call) failed "
                + "\(ReceiveErrors.inRowLimit) times in a row with \(errno)"
        case .cannotWait(let errno):
            "the \(role) cannot wait for its sockets on this host: \(Readiness.WaitCall.current) "
                + "failed with \(errno)"
        }
    }
}
