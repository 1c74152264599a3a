import CLinuxUDP
import Glibc

/// epoll(7) over the sockets of one thread, with nanosecond timeouts (epoll_pwait2, Linux 5.11).
package struct Readiness: ~Copyable {
    /// The most descriptors that one wait reports; the others are reported by the next.
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

    /// - Parameter token: What `ready` reports for this descriptor.
    package borrowing func add(_ socket: Int32, token: Int) throws(SystemFailure) {
        let result = udplab_epoll_add(descriptor, socket, UInt64(token))
        guard result == 0 else {
            throw SystemFailure("epoll_ctl", "", SystemErrno(rawValue: -result))
        }
    }

    /// Waits for at most `timeoutNs` (0: not at all): how many descriptors are ready.
    @inline(__always)
    package borrowing func wait(timeoutNs: Int64) -> Int {
        max(
            0,
            Int(
                udplab_epoll_wait(
                    descriptor, data, events, Int32(Readiness.capacity), max(0, timeoutNs))))
    }

    @inline(__always)
    private borrowing func checked(_ index: Int) -> Int {
        precondition(index >= 0 && index < Readiness.capacity, "a descriptor of one wait")
        return index
    }

    /// The token of the n-th descriptor that the last wait found ready.
    @inline(__always)
    package borrowing func token(_ index: Int) -> Int { Int(data[checked(index)]) }

    /// That descriptor has an entry in its error queue, or a pending error.
    @inline(__always)
    package borrowing func hasError(_ index: Int) -> Bool {
        udplab_epoll_is_error(events[checked(index)]) != 0
    }
}
