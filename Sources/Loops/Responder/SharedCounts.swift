import Datagrams
import Glibc
import Metrics

/// A responder's counts in memory that the runner can read after the responder was killed: a
/// SIGKILL leaves no time for a report.
///
/// An anonymous file (`SharedMemory`) that the data threads write through a shared mapping, and the
/// runner reads through /proc/PID/fd, which it opened while the process was running: no copy, no
/// lock, and a store in the mapping is visible to read(2) at once, whatever happens to the process.
/// First a `LaneCounts` per lane, then each lane's failed receive calls by errno, then a
/// `ResponderCounts` per flow of each lane:
///
///     lane 0 │ lane 1 │ …    lane 0: errno 0 │ 1 │ …    lane 0: flow 0 │ flow 1 │ …    lane 1: …
///
/// Both sides are the same executable, so the layout is the same. A datagram is counted as received
/// before its answer is sent, and as echoed after: a datagram received and neither echoed nor
/// failed was in the responder when it was killed, and its answer may or may not have been sent.
struct SharedCounts {
    let descriptor: Int32
    private let layout: SharedCountsLayout
    private let start: UnsafeMutableRawPointer

    init(lanes: Int, flows: Int) throws(SystemFailure) {
        layout = SharedCountsLayout(lanes: lanes, flows: flows)
        let memory = try SharedMemory(bytes: layout.bytes)
        start = memory.start
        descriptor = memory.descriptor
        for index in 0..<lanes { lane(index).initialize(flows: flows) }
    }

    /// Returns the memory of one lane.
    func lane(_ index: Int) -> LaneMemory { layout.lane(index, from: start) }
}

/// The runner's side of the shared counts.
package final class SharedCountsFile: Sendable {
    private let descriptor: Int32

    /// Opens the counts.
    /// - Returns: `nil` if the kernel does not let this process read the other's.
    package init?(pid: Int, descriptor: Int) {
        let opened = open("/proc/\(pid)/fd/\(descriptor)", O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        self.descriptor = opened
    }

    deinit { close(descriptor) }

    /// Returns the sums over all lanes, and of each stream over its flows; `nil` if the file is too
    /// short.
    /// - Parameter streams: The number of flows of each stream.
    package func sums(streams: [Int], lanes: Int) -> KilledCounts? {
        let layout = SharedCountsLayout(lanes: lanes, flows: streams.reduce(0, +))
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: layout.bytes, alignment: SharedCountsLayout.alignment)
        defer { memory.deallocate() }
        guard pread(descriptor, memory, layout.bytes, 0) == layout.bytes else { return nil }
        var counts = KilledCounts(streams: streams.map { _ in ResponderCounts() })
        for index in 0..<lanes {
            let lane = layout.lane(index, from: memory)
            counts.lanes.add(lane.lane.pointee)
            counts.receiveErrors.merge(
                ReceiveErrors.byName(in: lane.receiveErrors), uniquingKeysWith: +)
            var flow = 0
            for (stream, flows) in streams.enumerated() {
                for _ in 0..<flows {
                    counts.streams[stream].add(lane.flows[flow])
                    flow += 1
                }
            }
        }
        return counts
    }
}

/// The counts of a killed responder.
package struct KilledCounts: Codable, Sendable {
    /// The counts of each expected stream.
    package var streams: [ResponderCounts]
    /// The counts that belong to no single flow, all threads together.
    package var lanes = LaneCounts()
    /// The failed receive calls, by symbolic name of the errno.
    package var receiveErrors: [String: Int] = [:]

    package init(streams: [ResponderCounts]) { self.streams = streams }
}

private struct SharedCountsLayout {
    static let alignment = max(
        MemoryLayout<LaneCounts>.alignment, MemoryLayout<ResponderCounts>.alignment)

    let lanes: Int
    let flows: Int

    private var errnosStart: Int { lanes * MemoryLayout<LaneCounts>.stride }
    private var laneErrnosBytes: Int { ErrnoCounts.capacity * MemoryLayout<Int>.stride }
    private var flowsStart: Int { errnosStart + lanes * laneErrnosBytes }
    private var laneFlowsBytes: Int { flows * MemoryLayout<ResponderCounts>.stride }
    var bytes: Int { flowsStart + lanes * laneFlowsBytes }

    func lane(_ index: Int, from start: UnsafeMutableRawPointer) -> LaneMemory {
        let counts = start + index * MemoryLayout<LaneCounts>.stride
        let errnos = start + errnosStart + index * laneErrnosBytes
        let flowCounts = start + flowsStart + index * laneFlowsBytes
        return LaneMemory(
            lane: counts.assumingMemoryBound(to: LaneCounts.self),
            receiveErrors: CheckedMemory(
                start: errnos.assumingMemoryBound(to: Int.self), count: ErrnoCounts.capacity),
            flows: CheckedMemory(
                start: flowCounts.assumingMemoryBound(to: ResponderCounts.self), count: flows))
    }
}
