import Glibc
import Synchronization

/// The agent's standard output: lines from many tasks, written one after the other.
///
/// A launcher whose line stalls stops reading, and a write would then hold one of the few threads
/// that tasks share. So only as much is written as the stream is known to take: a pipe that
/// poll(2) reports as writable takes PIPE_BUF bytes at least (pipe(7)).
final class AgentOutput: Sendable {
    /// The maximum number of lines that wait to be written. More are lost, and the agent ends.
    static let linesLimit = 8_192
    private static let pipeBytes = 4_096
    private static let restWhileFull = Duration.milliseconds(2)

    private let lines: AsyncStream<[UInt8]>
    private let end: AsyncStream<[UInt8]>.Continuation
    private let descriptor: Int32

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        (lines, end) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.linesLimit))
    }

    /// Appends a line. Returns `false` if there is no room.
    func post(_ line: [UInt8]) -> Bool {
        if case .enqueued = end.yield(line) { return true }
        return false
    }

    func finish() { end.finish() }

    /// Writes the lines until `finish`. Returns early if the stream breaks.
    func write() async {
        for await line in lines {
            var done = 0
            while done < line.count {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&entry, 1, 0) > 0 else {
                    try? await Task.sleep(for: Self.restWhileFull)
                    continue
                }
                let size = min(Self.pipeBytes, line.count - done)
                let wrote = line.withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, size)
                }
                if wrote > 0 {
                    done += wrote
                } else if errno != EINTR, errno != EAGAIN {
                    return
                }
            }
        }
    }
}
