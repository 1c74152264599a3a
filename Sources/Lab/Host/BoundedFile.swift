import Glibc

/// Reads small files of the kernel whole, within a bound.
enum BoundedFile {
    /// The maximum size read, larger than any file of /proc and /sys that is read here.
    static let limitBytes = 64 << 10

    /// Returns the text of a file; `nil` if it cannot be opened or read.
    static func text(_ path: String) -> String? {
        // O_NONBLOCK, so that a FIFO in place of the file does not block the caller.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limitBytes {
            let count = read(descriptor, &buffer, min(buffer.count, limitBytes - bytes.count))
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns the number on the line `Name:   1234 kB` of /proc/PID/status or /proc/meminfo.
    static func kibibytes(of name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            let words = line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace)
            return words.first.flatMap { Int($0) }
        }
        return nil
    }
}
