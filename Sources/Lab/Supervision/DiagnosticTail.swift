/// The last lines of a process's standard error, kept for the message about its failure. Bounded in
/// the number and the length of lines, so that a flood costs nothing more.
struct DiagnosticTail {
    private let limits: WorkerLimits
    private var partial: [UInt8] = []
    private var partialIsCut = false
    private(set) var lines: [String] = []
    /// The number of all lines, those no longer kept included.
    private(set) var count = 0

    init(limits: WorkerLimits) {
        self.limits = limits
    }

    /// Takes a chunk and returns the lines that it completed, each cut at the limit.
    mutating func take(_ chunk: UnsafeRawBufferPointer) -> [String] {
        var completed: [String] = []
        for byte in chunk {
            if byte == UInt8(ascii: "\n") {
                completed.append(endLine())
            } else if partial.count < limits.diagnosticLineBytes {
                partial.append(byte)
            } else {
                partialIsCut = true
            }
        }
        return completed
    }

    /// Returns the unfinished last line of the stream, if there is one.
    mutating func finish() -> String? {
        partial.isEmpty ? nil : endLine()
    }

    private mutating func endLine() -> String {
        let line = String(decoding: partial, as: UTF8.self) + (partialIsCut ? " …" : "")
        partial.removeAll(keepingCapacity: true)
        partialIsCut = false
        count += 1
        lines.append(line)
        if lines.count > limits.diagnosticLinesKept {
            lines.removeFirst(lines.count - limits.diagnosticLinesKept)
        }
        return line
    }
}
