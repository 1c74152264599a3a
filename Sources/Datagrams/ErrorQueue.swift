import CLinuxUDP

/// Reads error queues (MSG_ERRQUEUE, recvmsg(2)) without allocating.
package struct ErrorQueueReader: ~Copyable {
    private let entry: UnsafeMutablePointer<udplab_socket_error>

    package init() {
        _ = MessageCalls.current
        entry = .allocate(capacity: 1)
        entry.initialize(to: udplab_socket_error())
    }

    deinit { entry.deallocate() }

    /// Reads the next entry of the socket: its errno, and the wire sequence number and session at
    /// the head of the datagram concerned, if the entry has them.
    @inline(__always)
    package func next(
        on descriptor: Int32
    ) -> (errno: SystemErrno, isICMP: Bool, payload: UnsafeRawBufferPointer)? {
        guard udplab_read_error_queue(descriptor, entry) == 1 else { return nil }
        let count = min(Int(entry.pointee.payload_bytes), 64)
        let payload =
            UnsafeRawPointer(entry) + (MemoryLayout.offset(of: \udplab_socket_error.payload) ?? 0)
        return (
            SystemErrno(rawValue: Int32(entry.pointee.error)),
            entry.pointee.origin == 2 || entry.pointee.origin == 3,
            UnsafeRawBufferPointer(start: payload, count: count)
        )
    }

    /// The destination of the datagram of the last entry read; `nil` if the entry has none.
    package var destination: SocketAddress? {
        let start =
            UnsafeRawPointer(entry)
            + (MemoryLayout.offset(of: \udplab_socket_error.destination) ?? 0)
        return SocketAddress(
            raw: UnsafeRawBufferPointer(start: start, count: Int(entry.pointee.address_bytes)))
    }

    /// Calls `body` with that destination in the kernel's layout: `ReceiveBatch.addressBytes`
    /// bytes, zero behind the address.
    package func withDestination<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        let offset = MemoryLayout.offset(of: \udplab_socket_error.destination) ?? 0
        let start = UnsafeMutableRawPointer(entry) + offset
        let octets = start.assumingMemoryBound(to: UInt8.self)
        for index in Int(entry.pointee.address_bytes)..<Int(UDPLAB_ADDRESS_BYTES) {
            octets[index] = 0
        }
        return body(octets)
    }
}
