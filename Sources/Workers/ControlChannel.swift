import Datagrams
import Glibc
import JSON
import Loops

/// The worker's end of the control plane: lines on standard input and output.
package struct ControlChannel: ~Copyable {
    package indirect enum Event {
        case message(RunnerMessage)
        /// The data thread has finished.
        case finished
        case timeout
        /// The watched descriptor is readable.
        case readable
        /// The runner is gone, or has closed the input: stop at once.
        case closed
    }

    private var pending: [UInt8] = []
    private var assembler = MessageAssembler()
    private let wakeRead: Int32
    private let wakeWrite: Int32
    /// The silence after which the runner is taken for lost; nil leaves that to the end of the
    /// input.
    private let silenceNs: Int64?
    private var heardNs = LinuxClock().nowNs()

    /// - Parameter silenceNs: The longest time without a line, be it an empty one.
    package init(silenceNs: Int64? = nil) throws(SystemFailure) {
        self.silenceNs = silenceNs
        let pipe = try ProcessControl.pipe()
        wakeRead = pipe.reading
        wakeWrite = pipe.writing
    }

    deinit {
        close(wakeRead)
        close(wakeWrite)
    }

    /// The waker for the data thread, which makes `next` return `.finished`.
    package var waker: Waker { Waker(descriptor: wakeWrite) }

    package struct Waker: Sendable {
        let descriptor: Int32
        package func wake() {
            var octet: UInt8 = 1
            _ = Glibc.write(descriptor, &octet, 1)
        }
    }

    /// Waits for the next line or the data thread, for at most `timeoutMs`.
    /// - Parameter watched: A further descriptor to poll; -1 for none.
    package mutating func next(timeoutMs: Int32, watching watched: Int32 = -1) throws -> Event {
        let untilNs = LinuxClock().nowNs() + Int64(timeoutMs) * 1_000_000
        while true {
            if let line = takeLine() {
                // An empty one renews the lease, and says nothing.
                if line.isEmpty { continue }
                let value = try JSONValue.parse(line, limits: .controlMessage)
                guard let message = try assembler.take(value) else { continue }
                return .message(try RunnerMessage(message))
            }
            guard pending.count <= WorkerProtocol.lineBytesLimit else {
                throw ProtocolViolation(
                    reason: "a line of more than \(WorkerProtocol.lineBytesLimit) bytes")
            }
            var entries = [
                pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watched, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&entries, nfds_t(entries.count), bounded(timeoutMs))
            if ready == 0 {
                if isSilent { return .closed }
                if timeoutMs < 0 || LinuxClock().nowNs() < untilNs { continue }
                return .timeout
            }
            if ready < 0 {
                guard errno == EINTR else {
                    throw SystemFailure(
                        "cannot wait for orders", "(poll)", SystemErrno(rawValue: errno))
                }
                continue
            }
            if entries[1].revents != 0 {
                var octet: UInt8 = 0
                _ = read(wakeRead, &octet, 1)
                return .finished
            }
            if entries[0].revents == 0 { return .readable }
            if !fill() { return .closed }
        }
    }

    /// Whether nothing was heard for too long. Asked only when there is nothing to read: a worker
    /// that was stopped for a while has not listened.
    private var isSilent: Bool {
        guard let silenceNs else { return false }
        return LinuxClock().nowNs() - heardNs > silenceNs
    }

    /// Returns a timeout of poll(2) in which silence is noticed.
    private func bounded(_ timeoutMs: Int32) -> Int32 {
        guard silenceNs != nil else { return timeoutMs }
        return timeoutMs < 0 ? Self.lookMs : min(timeoutMs, Self.lookMs)
    }

    private static let lookMs: Int32 = 1_000

    private mutating func takeLine() -> [UInt8]? {
        guard let end = pending.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = Array(pending[..<end])
        pending.removeSubrange(...end)
        return line
    }

    /// Reads the available input: `false` at its end.
    private mutating func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let got = read(0, &chunk, chunk.count)
        if got > 0 {
            pending.append(contentsOf: chunk[..<got])
            heardNs = LinuxClock().nowNs()
        }
        return got > 0 || (got < 0 && errno == EINTR)
    }

    /// Writes one message. A runner that no longer reads ends this process, because its work has no
    /// purpose then.
    package func send(_ message: WorkerReply) throws {
        let bytes = try MessagePieces.lines(of: message.json())
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes {
                write(1, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if wrote > 0 {
                done += wrote
            } else if errno != EINTR {
                exit(0)
            }
        }
    }
}
