import Workers

/// Splits a stream of bytes into lines and refuses a line longer than its limit, so that memory
/// stays below the limit plus one chunk whatever the other side sends.
struct LineAssembler: ~Copyable {
    /// The result of one chunk.
    enum Outcome: Equatable {
        /// The lines that the chunk completed, without their line feed.
        case lines([[UInt8]])
        /// A line exceeded the limit. The assembler is empty now.
        case tooLong
    }

    private let limitBytes: Int
    private var partial: [UInt8] = []

    /// Makes an assembler.
    /// - Parameter limitBytes: the maximum length of a line, its line feed not counted.
    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// The number of bytes since the last line feed.
    var pendingBytes: Int { partial.count }

    mutating func take(_ chunk: UnsafeRawBufferPointer) -> Outcome {
        var lines: [[UInt8]] = []
        var rest = chunk
        while let bytes = rest.bytesBeforeLineFeed {
            guard partial.count + bytes <= limitBytes else { return overflow() }
            partial.append(contentsOf: rest.prefix(bytes))
            lines.append(partial)
            partial = []
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(bytes + 1))
        }
        guard partial.count + rest.count <= limitBytes else { return overflow() }
        partial.append(contentsOf: rest)
        return .lines(lines)
    }

    private mutating func overflow() -> Outcome {
        partial = []
        return .tooLong
    }
}
