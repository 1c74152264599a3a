import Glibc
import Loops

/// Standard input or a file, line by line, with bounded waits, so that a Ctrl-C is noticed in time.
struct LineInput {
    enum Next: Equatable {
        case line([UInt8])
        /// No line is available yet.
        case nothing
        /// A line was longer than any datagram, and was skipped.
        case tooLong
        case end
    }

    /// The maximum length of a line: two digits and a space for each byte of the largest datagram.
    private static let lineBytesLimit = 3 * ProbeLayout.maximumBytes
    private static let chunkBytes = 1 << 14

    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var isPassingOver = false
    private(set) var isAtEnd = false

    init(_ descriptor: Int32 = 0) { self.descriptor = descriptor }

    mutating func next(waitMs: Int32) -> Next {
        if let line = takeLine() { return line }
        if isAtEnd { return .end }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&entry, 1, waitMs)
        // If poll(2) is refused the read below waits for a line.
        guard ready > 0 || ready < 0 && errno != EINTR else { return .nothing }
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return .nothing }
        guard count > 0 else {
            isAtEnd = true
            // The last line may lack a line feed.
            guard !pending.isEmpty, !isPassingOver else { return .end }
            defer { pending = [] }
            return .line(pending)
        }
        pending += chunk[..<count]
        return takeLine() ?? .nothing
    }

    private mutating func takeLine() -> Next? {
        guard let feed = pending.firstIndex(of: UInt8(ascii: "\n")) else {
            guard pending.count > Self.lineBytesLimit else { return nil }
            pending = []
            isPassingOver = true
            return nil
        }
        let line = Array(pending[..<feed])
        pending.removeFirst(feed + 1)
        let isTooLong = isPassingOver || line.count > Self.lineBytesLimit
        isPassingOver = false
        return isTooLong ? .tooLong : .line(line)
    }
}
