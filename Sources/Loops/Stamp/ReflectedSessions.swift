import Datagrams
import Metrics
import STAMP

/// The sessions of a stateful reflector, by source address and session identifier (RFC 8972 §3),
/// in fixed memory.
///
/// A session that is counted is kept until it was silent for ``idleNs`` and its place is needed:
/// so nobody can make the reflector forget the count of a running session by opening others. While
/// all places are taken by running sessions a new one is not answered.
package struct ReflectedSessions: ~Copyable {
    /// The most sessions at one time: 0.5 MB.
    package static let limit = 4_096
    /// The silence after which a session gives up its place to a new one.
    package static let idleNs: Int64 = 60_000_000_000

    private var table: PathTable
    private let counts: CheckedMemory<Reflection.SessionCounts>
    /// The address of the present packet, with its session identifier.
    private let address: CheckedMemory<UInt8>
    /// The sessions that gave up their place.
    package private(set) var evicted = 0

    package init(limit: Int = ReflectedSessions.limit) {
        table = PathTable(limit: limit)
        counts = .allocate(capacity: limit)
        counts.initialize(repeating: Reflection.SessionCounts(), count: limit)
        address = .allocate(capacity: ReceiveBatch.addressBytes)
        address.initialize(repeating: 0, count: ReceiveBatch.addressBytes)
    }

    deinit {
        counts.deallocate()
        address.deallocate()
    }

    package var count: Int { table.count }

    /// Counts a packet that was received.
    /// - Parameters:
    ///   - source: The address in the kernel's layout, see `ReceiveBatch.rawSource`.
    ///   - bytes: The size of the address as written by the kernel.
    /// - Returns: The session; nil if no place is free.
    package mutating func heard(
        from source: UnsafePointer<UInt8>, bytes: Int, identifier: UInt16, atNs nowNs: Int64
    ) -> Int? {
        address.start.update(from: source, count: ReceiveBatch.addressBytes)
        // Bytes that the kernel sets to zero: after the family and port, sin6_flowinfo in an IPv6
        // address, and sin_zero after an IPv4 address (ipv6(7), ip(7)).
        let place = bytes > 16 ? 4 : 8
        address[place] = UInt8(truncatingIfNeeded: identifier >> 8)
        address[place + 1] = UInt8(truncatingIfNeeded: identifier)
        if let session = table.find(address.start) {
            table.touch(session, atNs: nowNs)
            counts[session].received &+= 1  // wraps, as its 32 bits on the wire
            return session
        }
        if table.isFull {
            guard let oldest = table.leastRecent, nowNs - table.usedNs(oldest) >= Self.idleNs
            else { return nil }
            table.remove(oldest)
            evicted += 1
        }
        let session = table.insert(address.start, bytes: bytes, atNs: nowNs)
        counts[session] = Reflection.SessionCounts(received: 1)
        return session
    }

    package subscript(session: Int) -> Reflection.SessionCounts { counts[session] }

    /// Counts an answer that was sent.
    package mutating func answered(_ session: Int) { counts[session].sent &+= 1 }
}
