/// What will happen when: a binary heap by time; of two at one time, the one that was added first.
struct EventQueue<Event> {
    private struct Entry {
        let atNs: Int64
        let number: Int
        let event: Event

        func comes(before other: Entry) -> Bool {
            (atNs, number) < (other.atNs, other.number)
        }
    }

    private var heap: [Entry] = []
    private var added = 0

    var nextNs: Int64? { heap.first?.atNs }

    mutating func add(_ event: Event, atNs: Int64) {
        heap.append(Entry(atNs: atNs, number: added, event: event))
        added += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comes(before: heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the next event when it is due at `nowNs`.
    mutating func next(dueAtNs nowNs: Int64) -> (atNs: Int64, event: Event)? {
        guard let first = heap.first, first.atNs <= nowNs else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].comes(before: heap[least]) { least = child }
            }
            guard least != parent else { return (first.atNs, first.event) }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
