import Datagrams
import Glibc
import Metrics

/// Receive calls of one socket, or of one thread's sockets, that failed: by errno.
///
/// A receive call has something to say of an earlier datagram (a reset, an unreachable host), or
/// the host fails it: a seccomp filter, no memory. What the host fails again and again brings no
/// datagram, now or later, and a loop that asked on would spin; so the loop ends with the error.
package struct ReceiveErrors: ~Copyable {
    /// Failures in a row with one errno, and no call between them that worked, after which the
    /// error is taken to last.
    package static let inRowLimit = 100
    /// How long a thread with nothing else to do rests after a failure: memory may come back.
    package static let restNs: Int64 = 1_000_000

    private var counts: ErrnoCounts
    private var last = SystemErrno.tryAgain
    private var inRow = 0

    package init() { counts = ErrnoCounts() }

    /// Counts in memory that others can read: see `SharedCounts`.
    init(in memory: CheckedMemory<Int>) { counts = ErrnoCounts(in: memory) }

    /// Counts a call that failed.
    /// - Parameter isOfDatagram: The error queue says which datagram it was about.
    /// - Returns: Whether the error lasts.
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

    /// A call worked, whether or not there was a datagram.
    @inline(__always)
    package mutating func worked() { inRow = 0 }

    /// The counts that are not zero, by symbolic name, without resets: those are counted as such.
    package var byName: [String: Int] { counts.byName }

    /// The same of counts in memory that another thread, or another process, has filled.
    static func byName(in memory: CheckedMemory<Int>) -> [String: Int] {
        ErrnoCounts(in: memory).byName
    }

    /// What an ICMP message makes of a call on a socket without an error queue (icmp_err_convert,
    /// net/ipv4/icmp.c; icmpv6_err_convert, net/ipv6/icmp.c).
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

/// Why a loop could not go on that is this host's doing.
package enum HostFault: Error, Sendable, Equatable, CustomStringConvertible {
    case cannotReceive(call: String, SystemErrno)
    case cannotWait(SystemErrno)

    package var description: String { sentence(of: "program") }

    /// - Parameter role: Who could not, such as `sender`.
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
