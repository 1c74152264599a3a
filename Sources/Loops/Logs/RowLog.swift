import Datagrams
import Glibc
import Metrics
import Synchronization

/// A fixed-size record that becomes a line of a log.
protocol LogRow: BitwiseCopyable, Sendable {
    /// Appends the row as a line.
    /// - Parameter prefix: The prefix of the names of flows.
    func append(to text: inout [UInt8], prefix: String)
}

/// A log of rows: the data thread puts them into a ring, and a thread of the log writes them as
/// text.
final class RowLog<Row: LogRow>: @unchecked Sendable {
    // The ring has one producer (the data thread) and one consumer (the writer): `head` is
    // written by the first alone, `tail` by the second alone, and a row is read only after the
    // store of the `head` behind it.
    static var capacity: Int { 1 << 18 }

    private let ring: CheckedMemory<Row>
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)
    private let isFinished = Atomic<Bool>(false)
    private let lost = Mutex(LostRows())
    private let descriptor: Int32
    private let prefix: String
    private let write: LogWrite
    private var writer: DataThread?
    /// Whether the pending text begins with the rest of a row; used by the writing thread only.
    private var startsInRow = false

    /// Opens `path` for appending.
    /// - Parameter name: The name of the writing thread.
    /// - Throws: If there is no regular file at `path`.
    init(
        path: String, name: String, prefix: String, write: @escaping LogWrite = LogFiles.write
    ) throws(SystemFailure) {
        descriptor = try LogFiles.open(path)
        self.prefix = prefix
        self.write = write
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
    /// - Returns: Whether the ring had a free place.
    @inline(__always)
    func add(_ row: Row) -> Bool {
        let position = head.load(ordering: .relaxed)
        guard position - tail.load(ordering: .acquiring) < Self.capacity else { return false }
        ring[position & (Self.capacity - 1)] = row
        head.store(position + 1, ordering: .releasing)
        return true
    }

    /// Writes the remaining rows and ends the writer.
    /// - Returns: The rows that could not be written.
    func finish() -> LostRows {
        isFinished.store(true, ordering: .releasing)
        writer?.join()
        writer = nil
        return lost.withLock { $0 }
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
            if isLast {
                if !text.isEmpty { lost.withLock { $0.count += 1 } }
                return
            }
            if position == head.load(ordering: .acquiring) { usleep(2_000) }
        }
    }

    /// Writes the text. If a write fails, only the rest of a begun row stays in the text for the
    /// next time: the rows behind it are lost, and counted.
    private func flush(_ text: inout [UInt8], upTo position: Int) {
        var done = 0
        while done < text.count {
            let wrote = text.withUnsafeBytes {
                write(descriptor, UnsafeRawBufferPointer(rebasing: $0[done...]))
            }
            if wrote > 0 {
                done += wrote
            } else if wrote == 0 || errno != EINTR {
                keepCutRow(of: &text, from: done, errno: wrote == 0 ? ENOSPC : errno)
                tail.store(position, ordering: .releasing)
                return
            }
        }
        text.removeAll(keepingCapacity: true)
        startsInRow = false
        tail.store(position, ordering: .releasing)
    }

    private func keepCutRow(of text: inout [UInt8], from done: Int, errno: Int32) {
        let newline = UInt8(ascii: "\n")
        let isCut = done > 0 ? text[done - 1] != newline : startsInRow
        let rest = text[done...]
        let end = isCut ? rest.firstIndex(of: newline).map { $0 + 1 } ?? text.count : done
        let count = text[end...].count { $0 == newline }
        lost.withLock { lost in
            lost.count += count
            if lost.errno == nil { lost.errno = SystemErrno(rawValue: errno).name }
        }
        text.removeSubrange(end...)
        text.removeFirst(done)
        startsInRow = isCut
    }
}
