import Metrics

/// The held datagrams in the order of their due times, in fixed memory.
///
/// A datagram that is due no sooner than all earlier ones is appended to a list, through the
/// datagrams' own links: with a constant delay these are all datagrams, at no cost. The others are
/// in a binary heap with an entry for every possible datagram.
struct TimedQueue: ~Copyable {
    private struct Entry {
        var dueNs: Int64
        var order: UInt64
        var slot: Int32

        func isBefore(_ other: Entry) -> Bool {
            dueNs != other.dueNs ? dueNs < other.dueNs : order < other.order
        }
    }

    private let capacity: Int
    private let heap: CheckedMemory<Entry>
    private var heapCount = 0
    private var head: Int32 = -1
    private var tail: Int32 = -1
    private var headDueNs = Int64.max
    private var tailDueNs = Int64.min
    private var nextOrder: UInt64 = 0
    private(set) var count = 0

    static func memoryBytes(capacity: Int) -> Int { capacity * MemoryLayout<Entry>.stride }

    init(capacity: Int) {
        self.capacity = capacity
        heap = .allocate(capacity: max(1, capacity))
    }

    deinit { heap.deallocate() }

    /// The due time of the first datagram; `.max` if there is none.
    @inline(__always)
    var nextNs: Int64 { heapCount > 0 ? min(headDueNs, heap[0].dueNs) : headDueNs }

    mutating func insert(_ slot: Int32, dueNs: Int64, _ pool: borrowing DatagramPool) {
        let header = pool.header(slot)
        header.pointee.order = nextOrder
        header.pointee.next = -1
        count += 1
        if head < 0 || dueNs >= tailDueNs {
            if head < 0 {
                head = slot
                headDueNs = dueNs
            } else {
                pool.header(tail).pointee.next = slot
            }
            tail = slot
            tailDueNs = dueNs
        } else {
            push(Entry(dueNs: dueNs, order: nextOrder, slot: slot))
        }
        nextOrder += 1
    }

    /// Removes the first datagram; the queue must not be empty.
    mutating func removeFirst(_ pool: borrowing DatagramPool) -> Int32 {
        count -= 1
        if heapCount > 0 {
            let top = heap[0]
            let isFirst =
                head < 0 || top.dueNs < headDueNs
                || top.dueNs == headDueNs && top.order < pool.header(head).pointee.order
            if isFirst {
                popTop()
                return top.slot
            }
        }
        let slot = head
        head = pool.header(slot).pointee.next
        if head < 0 {
            tail = -1
            headDueNs = .max
            tailDueNs = .min
        } else {
            headDueNs = pool.header(head).pointee.datagram.dueNs
        }
        return slot
    }

    private mutating func push(_ entry: Entry) {
        precondition(heapCount < capacity, "no more entries than slots")
        var index = heapCount
        heapCount += 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            (heap + index).initialize(to: heap[parent])
            index = parent
        }
        (heap + index).initialize(to: entry)
    }

    private mutating func popTop() {
        heapCount -= 1
        guard heapCount > 0 else { return }
        let last = heap[heapCount]
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heapCount else { break }
            if child + 1 < heapCount, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(last) else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = last
    }
}
