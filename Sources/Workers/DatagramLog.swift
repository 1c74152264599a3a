import Datagrams
import Glibc
import Synchronization

/// `--log-datagrams`: one row per event at the sender, for audit.
///
/// The data thread puts fixed-size records into a ring; a thread of its own writes them as text.
/// When the ring is full the data thread waits: an audit log loses nothing, it costs speed
/// instead, and the slots that pass meanwhile are `skipped`.
package final class DatagramLog: @unchecked Sendable {
    // The ring has one producer (the data thread) and one consumer (the writer): `head` is
    // written by the first alone, `tail` by the second alone, and a record is read only after
    // the store of the `head` behind it.
    package static let header = "flow,seq,event,time_ns,bytes\n"
    static let capacity = 1 << 18

    struct Record {
        var sequence: UInt64
        var timeNs: Int64
        var flow: Int32
        var bytes: Int32
        var isReceived: Bool
    }

    private let ring: UnsafeMutablePointer<Record>
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    private let isFinished = Atomic<Bool>(false)
    private let failure = Mutex<SystemFailure?>(nil)
    private let descriptor: Int32
    private let path: String
    private let flowPrefix: String
    private var writer: DataThread?

    /// Opens `path` to append to it. Rows name flows as `flowPrefix` and the flow's number.
    package init(path: String, flowPrefix: String) throws(SystemFailure) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SystemFailure("open", path, SystemErrno(rawValue: errno))
        }
        self.path = path
        self.flowPrefix = flowPrefix
        ring = .allocate(capacity: DatagramLog.capacity)
        writer = try DataThread.start(name: "datagram-log", cpu: nil) { [unowned self] in
            self.writeUntilFinished()
        }
    }

    deinit {
        ring.deallocate()
        close(descriptor)
    }

    @inline(__always)
    package func add(sequence: UInt64, timeNs: Int64, flow: Int, bytes: Int, isReceived: Bool) {
        let position = head.load(ordering: .relaxed)
        while position - tail.load(ordering: .acquiring) >= DatagramLog.capacity { sched_yield() }
        ring[position & (DatagramLog.capacity - 1)] = Record(
            sequence: sequence, timeNs: timeNs, flow: Int32(flow), bytes: Int32(bytes),
            isReceived: isReceived)
        head.store(position + 1, ordering: .releasing)
    }

    /// Writes what is left and ends the writer.
    package func finish() throws(SystemFailure) {
        isFinished.store(true, ordering: .releasing)
        writer?.join()
        writer = nil
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func writeUntilFinished() {
        var text: [UInt8] = []
        while true {
            let isLast = isFinished.load(ordering: .acquiring)
            var position = tail.load(ordering: .relaxed)
            let end = head.load(ordering: .acquiring)
            while position < end {
                append(ring[position & (DatagramLog.capacity - 1)], to: &text)
                position += 1
                if text.count > 1 << 16 { flush(&text, upTo: position) }
            }
            flush(&text, upTo: position)
            if isLast { return }
            if position == head.load(ordering: .acquiring) { usleep(2_000) }
        }
    }

    private func append(_ record: Record, to text: inout [UInt8]) {
        let event = record.isReceived ? "received" : "sent"
        let row =
            "\(flowPrefix)\(record.flow),\(record.sequence),\(event),\(record.timeNs),"
            + "\(record.bytes)\n"
        text.append(contentsOf: row.utf8)
    }

    private func flush(_ text: inout [UInt8], upTo position: Int) {
        var done = 0
        while done < text.count {
            let wrote = text.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + done }, text.count - done)
            }
            if wrote > 0 {
                done += wrote
            } else if errno != EINTR {
                let failed = SystemFailure(
                    "write", path, SystemErrno(rawValue: errno),
                    advice: "the datagram log is incomplete: free some space and run again")
                failure.withLock { if $0 == nil { $0 = failed } }
                break
            }
        }
        text.removeAll(keepingCapacity: true)
        tail.store(position, ordering: .releasing)
    }
}
