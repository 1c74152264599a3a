import Datagrams
import Glibc
import Metrics
import Synchronization

/// A fixed-size record that becomes a line of a log.
protocol LogRow: BitwiseCopyable, Sendable {
    /// - Parameter prefix: What names of flows begin with.
    func append(to text: inout [UInt8], prefix: String)
}

/// A log of rows: the data thread puts them into a ring, a thread of its own writes them as text.
final class RowLog<Row: LogRow>: @unchecked Sendable {
    // The ring has one producer (the data thread) and one consumer (the writer): `head` is
    // written by the first alone, `tail` by the second alone, and a row is read only after the
    // store of the `head` behind it.
    static var capacity: Int { 1 << 18 }

    private let ring: CheckedMemory<Row>
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    private let isFinished = Atomic<Bool>(false)
    private let failure = Mutex<SystemFailure?>(nil)
    private let descriptor: Int32
    private let path: String
    private let prefix: String
    private var writer: DataThread?

    /// Opens `path` to append to it.
    /// - Parameter name: Of the writing thread.
    init(path: String, name: String, prefix: String) throws(SystemFailure) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SystemFailure("open", path, SystemErrno(rawValue: errno))
        }
        self.path = path
        self.prefix = prefix
        ring = .allocate(capacity: Self.capacity)
        writer = try DataThread.start(name: name, cpu: nil) { [unowned self] in
            self.writeUntilFinished()
        }
    }

    deinit {
        ring.deallocate()
        close(descriptor)
    }

    /// Adds a row.
    /// - Returns: Whether there was room.
    @inline(__always)
    func add(_ row: Row) -> Bool {
        let position = head.load(ordering: .relaxed)
        guard position - tail.load(ordering: .acquiring) < Self.capacity else { return false }
        ring[position & (Self.capacity - 1)] = row
        head.store(position + 1, ordering: .releasing)
        return true
    }

    /// Writes what is left and ends the writer.
    func finish() throws(SystemFailure) {
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
                ring[position & (Self.capacity - 1)].append(to: &text, prefix: prefix)
                position += 1
                if text.count > 1 << 16 { flush(&text, upTo: position) }
            }
            flush(&text, upTo: position)
            if isLast { return }
            if position == head.load(ordering: .acquiring) { usleep(2_000) }
        }
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
                    advice: "the log is incomplete: free some space and run again")
                failure.withLock { if $0 == nil { $0 = failed } }
                break
            }
        }
        text.removeAll(keepingCapacity: true)
        tail.store(position, ordering: .releasing)
    }
}
