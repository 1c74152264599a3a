/// The last lines of a program's output. The cost depends on the number of lines kept, and not of
/// those written: only the end of a chunk is split into lines.
struct OutputTail {
    /// The maximum length of a line.
    static let lineBytesLimit = 512
    private static let newline = UInt8(ascii: "\n")

    private let linesLimit: Int
    private var kept: [[UInt8]] = []
    private var partial: [UInt8] = []

    init(lines: Int) { linesLimit = lines }

    mutating func take(_ chunk: UnsafeRawBufferPointer) {
        var start = Self.start(ofLast: linesLimit, in: chunk)
        if start > 0 {
            // The begun line, and all kept lines, are older than those of the chunk.
            partial.removeAll(keepingCapacity: true)
            kept.removeAll(keepingCapacity: true)
        }
        while let bytes = UnsafeRawBufferPointer(rebasing: chunk[start...]).bytesBeforeLineFeed {
            add(chunk[start..<start + bytes])
            endLine()
            start += bytes + 1
        }
        add(chunk[start...])
    }

    /// Returns the lines, including an unfinished last one, as text without control characters.
    mutating func finish() -> [String] {
        if !partial.isEmpty { endLine() }
        return lines
    }

    var lines: [String] {
        kept.map { line in
            let text = String(decoding: line, as: UTF8.self)
            return String(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 })
        }
    }

    /// Returns the start of the last `count` ended lines and the begun one; 0 if there are fewer.
    private static func start(ofLast count: Int, in chunk: UnsafeRawBufferPointer) -> Int {
        var (left, end) = (count + 1, chunk.count)
        while let position = chunk[..<end].lastIndex(of: newline) {
            left -= 1
            if left == 0 { return position + 1 }
            end = position
        }
        return 0
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
        partial.append(contentsOf: bytes.prefix(max(0, Self.lineBytesLimit - partial.count)))
    }

    private mutating func endLine() {
        kept.append(partial)
        partial.removeAll(keepingCapacity: true)
        if kept.count > linesLimit { kept.removeFirst(kept.count - linesLimit) }
    }
}
