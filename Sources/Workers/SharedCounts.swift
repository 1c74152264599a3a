import Datagrams
import Glibc

/// What a responder counts, kept in memory that the runner can read when the responder has been
/// killed: a SIGKILL leaves no time to say anything.
///
/// An anonymous file (`SharedMemory`) that the data threads write through a shared mapping, and
/// the runner reads through /proc/PID/fd, which it opened while the process lived: no copy, no
/// lock, and a store in the mapping is there for read(2) the moment it is done, whatever becomes
/// of the process. A lane after the other, in each a `ResponderFlow` per flow:
///
///     lane 0: flow 0 │ flow 1 │ …    lane 1: flow 0 │ flow 1 │ …
///
/// Both sides are the same executable, so the layout is the same. A datagram is counted as
/// received before its answer is sent, and as echoed after: what was received and neither echoed
/// nor failed was in the responder's hands when it died, and its answer may have left or not.
struct SharedCounts {
    let descriptor: Int32
    private let start: UnsafeMutablePointer<ResponderFlow>
    private let flows: Int

    init(lanes: Int, flows: Int) throws(SystemFailure) {
        let memory = try SharedMemory(
            bytes: max(1, lanes * flows * MemoryLayout<ResponderFlow>.stride))
        start = memory.start.bindMemory(to: ResponderFlow.self, capacity: lanes * flows)
        start.initialize(repeating: ResponderFlow(), count: lanes * flows)
        descriptor = memory.descriptor
        self.flows = flows
    }

    /// The counts of one lane.
    func lane(_ index: Int) -> UnsafeMutablePointer<ResponderFlow> { start + index * flows }
}

/// The runner's side of it.
package final class SharedCountsFile: Sendable {
    private let descriptor: Int32

    /// - Returns: `nil` where the kernel does not let this process see into the other.
    package init?(pid: Int, descriptor: Int) {
        let opened = open("/proc/\(pid)/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        self.descriptor = opened
    }

    deinit { close(descriptor) }

    /// The sums of each stream over its flows and all lanes; `nil` when there are not as many.
    /// - Parameter streams: The number of flows of each.
    package func sums(streams: [Int], lanes: Int) -> [ResponderFlow]? {
        let flows = streams.reduce(0, +)
        let stride = MemoryLayout<ResponderFlow>.stride
        let bytes = lanes * flows * stride
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, bytes), alignment: MemoryLayout<ResponderFlow>.alignment)
        defer { memory.deallocate() }
        guard pread(descriptor, memory, bytes, 0) == bytes else { return nil }
        let counts = memory.bindMemory(to: ResponderFlow.self, capacity: lanes * flows)
        var sums: [ResponderFlow] = []
        var first = 0
        for stream in streams {
            var sum = ResponderFlow()
            for lane in 0..<lanes {
                for flow in first..<first + stream { sum.add(counts[lane * flows + flow]) }
            }
            sums.append(sum)
            first += stream
        }
        return sums
    }
}
