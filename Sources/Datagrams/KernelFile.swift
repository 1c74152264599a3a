import Glibc
import SystemPackage

/// Small files of the kernel: those of /proc, /sys and /dev, which are read and written whole.
package enum KernelFile {
    /// The maximum bytes read of a file: a table of some 40,000 sockets.
    package static let bytesMax = 4 << 20

    /// Returns the text of a file, up to the maximum; nil if it cannot be opened or read.
    package static func text(_ path: String) -> String? {
        // Without blocking, so that a FIFO in place of the file does not hold up the caller.
        guard
            let file = try? FileDescriptor.open(
                path, .readOnly, options: [.nonBlocking, .closeOnExec])
        else { return nil }
        return try? file.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while bytes.count < bytesMax {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { break }
                bytes += chunk[..<min(count, bytesMax - bytes.count)]
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Returns the target of a symbolic link; nil if it cannot be read.
    package static func link(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        guard count > 0, count < bytes.count else { return nil }
        return String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Writes a value to a switch of the kernel (sysctl(8)).
    package static func write(_ value: Int, to path: String) throws(SystemFailure) {
        do {
            let file = try FileDescriptor.open(path, .writeOnly, options: .closeOnExec)
            _ = try file.closeAfter { try file.writeAll("\(value)".utf8) }
        } catch {
            let number = (error as? Errno)?.rawValue ?? 0
            throw SystemFailure("cannot write", path, SystemErrno(rawValue: number))
        }
    }

    /// Returns the number on the line `Name:   1234 kB` of /proc/PID/status or /proc/meminfo.
    package static func kibibytes(of name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            let words = line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace)
            return words.first.flatMap { Int($0) }
        }
        return nil
    }
}
