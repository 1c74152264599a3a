import Datagrams
import Metrics

/// The members of a room: a bounded number of addresses that spoke recently.
///
/// ```
///             speaks                     speaks
///   outsider ────────► member ◄───────────────────┐
///      ▲                 │ └──────────────────────┘
///      └─────────────────┘  is silent for longer than `idleNs`, or its port is found closed
/// ```
///
/// Every member receives every message, its own included: so a speaker sees that its message was
/// delivered, and deliveries are messages times members. Members are contiguous, for the fan-out of
/// a message; a hash table finds the speaker. All memory is allocated in `init`. Complexity:
/// `heard` is O(1), and O(members) at most once a second, when it removes idle members; so is
/// `expire`.
package struct ChatRoom: ~Copyable {
    package enum Hearing: Sendable, Equatable {
        case member, joined
        /// The room has its maximum number of members, none of them idle: the speaker is not
        /// admitted.
        case full
    }

    private static let expiryEveryNs: Int64 = 1_000_000_000
    private static let addressBytes = ReceiveBatch.addressBytes

    package let capacity: Int
    /// The maximum silence of a member; `.max` for no limit.
    package let idleNs: Int64
    package private(set) var count = 0
    /// The last speaker, until the next `heard` or `leave`.
    package private(set) var speaker = -1
    package private(set) var joined = 0
    package private(set) var expired = 0

    /// The addresses of `capacity` members in the kernel's layout, and their sizes.
    private let addresses: CheckedMemory<UInt8>
    private let lengths: CheckedMemory<Int>
    private let heardNs: CheckedMemory<Int64>
    /// A table from the hash of an address to a member, −1 for none: linear probing, at most half
    /// full.
    private let table: CheckedMemory<Int32>
    private let tableMask: Int
    private var nextExpiryNs = Int64.min

    package init(capacity: Int, idleNs: Int64 = .max) {
        precondition((0...1 << 20).contains(capacity), "a room has at most 2^20 members")
        self.capacity = capacity
        self.idleNs = idleNs
        var slots = 2
        while slots < capacity * 2 { slots *= 2 }
        tableMask = slots - 1
        addresses = .allocate(capacity: max(1, capacity * Self.addressBytes))
        lengths = .allocate(capacity: max(1, capacity))
        heardNs = .allocate(capacity: max(1, capacity))
        table = .filled(-1, count: slots)
    }

    deinit {
        addresses.deallocate()
        lengths.deallocate()
        heardNs.deallocate()
        table.deallocate()
    }

    /// Returns the address of a member, `0 ..< count`, which changes with the next `heard` or
    /// `leave`.
    @inline(__always)
    package func address(_ member: Int) -> UnsafePointer<UInt8> {
        UnsafePointer(addresses + member * Self.addressBytes)
    }

    @inline(__always)
    package func addressBytes(_ member: Int) -> Int { lengths[member] }

    /// Records a message from an address.
    /// - Parameters:
    ///   - source: `ReceiveBatch.addressBytes` bytes, see `ReceiveBatch.rawSource`.
    ///   - bytes: The size of the address as written by the kernel.
    package mutating func heard(
        from source: UnsafePointer<UInt8>, bytes: Int, atNs nowNs: Int64
    ) -> Hearing {
        expire(atNs: nowNs) { _ in }
        let slot = slot(of: source)
        if table[slot] >= 0 {
            speaker = Int(table[slot])
            heardNs[speaker] = nowNs
            return .member
        }
        guard count < capacity else { return .full }
        (addresses + count * Self.addressBytes).update(from: source, count: Self.addressBytes)
        lengths[count] = bytes
        heardNs[count] = nowNs
        table[slot] = Int32(count)
        speaker = count
        count += 1
        joined += 1
        return .joined
    }

    /// Removes a member whose port is closed.
    /// - Returns: Whether the address was a member.
    package mutating func leave(_ source: UnsafePointer<UInt8>) -> Bool {
        let slot = slot(of: source)
        guard table[slot] >= 0 else { return false }
        remove(at: slot)
        return true
    }

    /// Removes members that were silent for too long. Takes effect at most once a second.
    /// - Parameter onLeaving: Called with the address of each, in the kernel's layout.
    package mutating func expire(
        atNs nowNs: Int64, onLeaving: (UnsafeRawBufferPointer) -> Void
    ) {
        guard idleNs != .max, nowNs >= nextExpiryNs else { return }
        nextExpiryNs = nowNs + Self.expiryEveryNs
        // Backwards: the last member replaces one that is removed.
        for member in stride(from: count - 1, through: 0, by: -1)
        where nowNs - heardNs[member] > idleNs {
            onLeaving(UnsafeRawBufferPointer(start: address(member), count: lengths[member]))
            remove(at: slot(of: address(member)))
            expired += 1
        }
    }

    // MARK: - The table

    /// Returns the slot of the address, or the empty slot where it would be inserted.
    private func slot(of source: UnsafePointer<UInt8>) -> Int {
        var slot = home(of: source)
        while table[slot] >= 0, !isSame(address(Int(table[slot])), source) {
            slot = (slot + 1) & tableMask
        }
        return slot
    }

    /// Returns the hash of an address, seeded per process, so that nobody can choose addresses that
    /// collide.
    private func home(of source: UnsafePointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(start: source, count: Self.addressBytes))
        return hasher.finalize() & tableMask
    }

    private func isSame(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>) -> Bool {
        for index in 0..<Self.addressBytes where one[index] != other[index] { return false }
        return true
    }

    private mutating func remove(at hole: Int) {
        let member = Int(table[hole])
        let last = count - 1
        let lastSlot = slot(of: address(last))
        table[lastSlot] = Int32(member)
        if member != last {
            (addresses + member * Self.addressBytes).update(
                from: address(last), count: Self.addressBytes)
            lengths[member] = lengths[last]
            heardNs[member] = heardNs[last]
        }
        count = last
        close(hole)
    }

    /// Empties a slot and moves up entries displaced by it, so that no search ends too early.
    private func close(_ slot: Int) {
        var hole = slot
        table[hole] = -1
        var next = (hole + 1) & tableMask
        while table[next] >= 0 {
            let wanted = home(of: address(Int(table[next])))
            // Whether `wanted` lies cyclically at or before the hole, as seen from `next`.
            if (next - wanted) & tableMask >= (next - hole) & tableMask {
                table[hole] = table[next]
                table[next] = -1
                hole = next
            }
            next = (next + 1) & tableMask
        }
    }
}
