import CLinuxUDP
import Glibc

/// An epoll(7) instance over the sockets of one thread, with nanosecond timeouts if this host
/// supports them.
package struct Readiness: ~Copyable {
    /// The system call that waits: the first of these that this host does not refuse.
    package enum WaitCall: String, Sendable, CustomStringConvertible {
        /// Nanosecond timeouts, since Linux 5.11.
        case epollPwait2 = "epoll_pwait2"
        /// The call ppoll(2) on the epoll descriptor, then epoll_pwait(2): nanoseconds, for two
        /// calls.
        case ppoll
        /// Millisecond timeouts, rounded up.
        case epollPwait = "epoll_pwait"

        package var description: String { rawValue }

        /// The call of this process.
        package static var current: WaitCall {
            switch udplab_wait_call() {
            case Int32(UDPLAB_EPOLL_PWAIT2): .epollPwait2
            case Int32(UDPLAB_PPOLL): .ppoll
            default: .epollPwait
            }
        }

        /// The consequence of missing calls; `nil` if none is missing.
        package var sentence: String? {
            switch self {
            case .epollPwait2: nil
            case .ppoll:
                "epoll_pwait2 is missing (Linux before 5.11) or refused: waits take ppoll and "
                    + "epoll_pwait, two calls each"
            case .epollPwait:
                "epoll_pwait2 and ppoll are missing or refused: waits have a resolution of 1 ms, "
                    + "and paced senders may miss slots"
            }
        }
    }

    /// The maximum number of descriptors that one wait reports; the next wait reports the others.
    package static let capacity = 64

    private let descriptor: Int32
    private let data: UnsafeMutablePointer<UInt64>
    private let events: UnsafeMutablePointer<UInt32>

    package init() throws(SystemFailure) {
        let created = udplab_epoll_create()
        guard created >= 0 else {
            throw SystemFailure("epoll_create1", "", SystemErrno(rawValue: -created))
        }
        descriptor = created
        data = .allocate(capacity: Readiness.capacity)
        events = .allocate(capacity: Readiness.capacity)
        data.initialize(repeating: 0, count: Readiness.capacity)
        events.initialize(repeating: 0, count: Readiness.capacity)
    }

    deinit {
        close(descriptor)
        data.deallocate()
        events.deallocate()
    }

    /// Adds a descriptor.
    /// - Parameter token: The number that a wait reports for this descriptor.
    package borrowing func add(_ socket: Int32, token: Int) throws(SystemFailure) {
        let result = udplab_epoll_add(descriptor, socket, UInt64(token))
        guard result == 0 else {
            throw SystemFailure("epoll_ctl", "", SystemErrno(rawValue: -result))
        }
    }

    /// Waits for at most `timeoutNs` (0: not at all). Returns the number of ready descriptors, or
    /// -errno.
    @inline(__always)
    package borrowing func wait(timeoutNs: Int64) -> Int {
        Int(
            udplab_epoll_wait(
                descriptor, data, events, Int32(Readiness.capacity), max(0, timeoutNs)))
    }

    @inline(__always)
    private borrowing func checked(_ index: Int) -> Int {
        precondition(index >= 0 && index < Readiness.capacity, "a descriptor of one wait")
        return index
    }

    /// Returns the token of the n-th descriptor that the last wait reported.
    @inline(__always)
    package borrowing func token(_ index: Int) -> Int { Int(data[checked(index)]) }

    /// Whether the n-th descriptor has an entry in its error queue, or a pending error.
    @inline(__always)
    package borrowing func hasError(_ index: Int) -> Bool {
        udplab_epoll_is_error(events[checked(index)]) != 0
    }
}
