import Datagrams
import Glibc
import Metrics

/// The clients of a relay or of a responder, by source address, in fixed memory.
///
/// A path is a client address with its socket towards the target, and a number below `limit` that
/// is reused after the path has ended. The paths are ordered by their last use, so that the one to
/// evict for a new client is found at once; a pinned path has no place in this order, and is never
/// evicted.
///
///     buckets   open addressing, linear probing, 2 to 4 times `limit` of them: path or −1
///     entries   per path: address in the kernel's layout, neighbours in the order of use,
///               a generation, which differs for datagrams held for an earlier client
struct PathTable: ~Copyable {
    struct Entry {
        var usedNs: Int64 = 0
        /// The generation, odd while the path is in use.
        var generation: UInt32 = 0
        var addressBytes: Int32 = 0
        var newer: Int32 = -1
        var older: Int32 = -1
        var bucket: Int32 = -1
        var isPinned = false
    }

    private static var none: Int32 { -1 }

    let limit: Int
    private(set) var count = 0
    private let mask: Int
    private let buckets: CheckedMemory<Int32>
    private let entries: CheckedMemory<Entry>
    private let addresses: CheckedMemory<UInt8>
    /// The unused paths, the next one last.
    private let free: CheckedMemory<Int32>
    private var newest = PathTable.none
    private var oldest = PathTable.none
    /// The salt of the hash, so that nobody can choose addresses that all fall into one bucket.
    private let salt: UInt64

    init(limit: Int, salt: UInt64 = .random(in: 0 ... .max)) {
        precondition((1...1 << 20).contains(limit), "1 to 1,048,576 paths")
        self.limit = limit
        self.salt = salt
        let bucketCount = 1 << (Int.bitWidth - (2 * limit - 1).leadingZeroBitCount)
        mask = bucketCount - 1
        buckets = .filled(Self.none, count: bucketCount)
        entries = .filled(Entry(), count: limit)
        addresses = .filled(0, count: limit * ReceiveBatch.addressBytes)
        free = .allocate(capacity: limit)
        for path in 0..<limit { (free + path).initialize(to: Int32(limit - 1 - path)) }
    }

    deinit {
        buckets.deallocate()
        entries.deallocate()
        addresses.deallocate()
        free.deallocate()
    }

    var isFull: Bool { count == limit }

    /// The least recently used path; `nil` if there is none, or all are pinned.
    var leastRecent: Int? { oldest < 0 ? nil : Int(oldest) }

    @inline(__always)
    func address(_ path: Int) -> UnsafeMutablePointer<UInt8> {
        addresses + path * ReceiveBatch.addressBytes
    }

    @inline(__always)
    func addressBytes(_ path: Int) -> Int { Int(entries[path].addressBytes) }

    @inline(__always)
    func generation(_ path: Int) -> UInt32 { entries[path].generation }

    @inline(__always)
    func usedNs(_ path: Int) -> Int64 { entries[path].usedNs }

    @inline(__always)
    func isOpen(_ path: Int) -> Bool { entries[path].generation & 1 == 1 }

    @inline(__always)
    func isOf(_ path: Int, _ address: UnsafePointer<UInt8>) -> Bool {
        memcmp(self.address(path), address, ReceiveBatch.addressBytes) == 0
    }

    /// Returns the path of an address; `nil` for a new address.
    func find(_ address: UnsafePointer<UInt8>) -> Int? {
        var bucket = home(address)
        while buckets[bucket] >= 0 {
            let path = Int(buckets[bucket])
            if isOf(path, address) { return path }
            bucket = (bucket + 1) & mask
        }
        return nil
    }

    /// Makes a path for an address that has none. The table must not be full.
    mutating func insert(
        _ address: UnsafePointer<UInt8>, bytes: Int, atNs: Int64
    ) -> Int {
        precondition(count < limit, "no path is free")
        let path = Int(free[limit - 1 - count])
        count += 1
        self.address(path).update(from: address, count: ReceiveBatch.addressBytes)
        var bucket = home(address)
        while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = Int32(path)
        entries[path].bucket = Int32(bucket)
        entries[path].addressBytes = Int32(bytes)
        entries[path].usedNs = atNs
        entries[path].generation &+= 1  // Only compared.
        entries[path].isPinned = false
        link(path)
        return path
    }

    /// Makes the path of a client that is known before its first datagram.
    mutating func insert(_ client: SocketAddress, atNs: Int64) -> Int {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ReceiveBatch.addressBytes) {
            $0.initialize(repeating: 0)
            guard let padded = $0.baseAddress else { preconditionFailure("no empty address") }
            client.copy(to: padded)
            let bytes = client.withRaw { Int($1) }
            return insert(padded, bytes: bytes, atNs: atNs)
        }
    }

    mutating func remove(_ path: Int) {
        precondition(isOpen(path), "a path ends once")
        entries[path].generation &+= 1
        if !entries[path].isPinned { unlink(path) }
        empty(Int(entries[path].bucket))
        count -= 1
        free[limit - 1 - count] = Int32(path)
    }

    /// Makes the path the most recently used one.
    @inline(__always)
    mutating func touch(_ path: Int, atNs: Int64) {
        entries[path].usedNs = atNs
        guard newest != Int32(path), !entries[path].isPinned else { return }
        unlink(path)
        link(path)
    }

    /// Removes a path from the order of use, so that it is not evicted for a new client.
    mutating func pin(_ path: Int) {
        precondition(isOpen(path), "a path that is in use")
        guard !entries[path].isPinned else { return }
        unlink(path)
        entries[path].isPinned = true
    }

    // MARK: - Parts

    private func home(_ address: UnsafePointer<UInt8>) -> Int {
        let raw = UnsafeRawPointer(address)
        var hash = salt
        for offset in stride(from: 0, to: 24, by: 8) {
            hash ^= raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            hash = (hash ^ (hash >> 32)) &* 0x9E37_79B9_7F4A_7C15  // wraps: a hash
        }
        hash ^= UInt64(raw.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
        hash = (hash ^ (hash >> 32)) &* 0xBF58_476D_1CE4_E5B9
        return Int(truncatingIfNeeded: hash >> 32) & mask
    }

    /// Empties a bucket and moves up entries that probing would no longer reach (Knuth, TAOCP 3,
    /// 6.4, algorithm R).
    private mutating func empty(_ bucket: Int) {
        var hole = bucket
        var next = (hole + 1) & mask
        while buckets[next] >= 0 {
            let path = Int(buckets[next])
            let distance = (next - home(address(path))) & mask
            if distance >= (next - hole) & mask {
                buckets[hole] = buckets[next]
                entries[path].bucket = Int32(hole)
                hole = next
            }
            next = (next + 1) & mask
        }
        buckets[hole] = Self.none
    }

    private mutating func link(_ path: Int) {
        entries[path].newer = Self.none
        entries[path].older = newest
        if newest >= 0 { entries[Int(newest)].newer = Int32(path) }
        newest = Int32(path)
        if oldest < 0 { oldest = Int32(path) }
    }

    private mutating func unlink(_ path: Int) {
        let entry = entries[path]
        if entry.newer >= 0 {
            entries[Int(entry.newer)].older = entry.older
        } else {
            newest = entry.older
        }
        if entry.older >= 0 {
            entries[Int(entry.older)].newer = entry.newer
        } else {
            oldest = entry.newer
        }
    }
}
