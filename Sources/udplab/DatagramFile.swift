import ArgumentParser
import Datagrams
import Glibc
import JSON
import Loops
import Reports

/// File whose bytes are sent.
enum DatagramFile {
    /// Opens a file, or standard input for `-`.
    static func open(_ path: String) throws(ValidationError) -> Int32 {
        if path == "-" { return 0 }
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path) }
        return descriptor
    }

    /// Returns the bytes of a file as one datagram.
    static func whole(_ path: String) throws(ValidationError) -> [UInt8] {
        let descriptor = try open(path)
        defer { if descriptor > 0 { close(descriptor) } }
        // One byte more shows that the file is too large; the rest is not read.
        var bytes = [UInt8](repeating: 0, count: ProbeLayout.maximumBytes + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress?.advanced(by: length), $0.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault(path) }
            if count == 0 { return Array(bytes[..<length]) }
            length += count
        }
        throw ValidationError(
            "--file: \(path.shown) is more than a datagram holds: "
                + "\(UnitText.count(ProbeLayout.maximumBytes)) B at most; --lines sends a text file "
                + "line by line")
    }

    private static func fault(_ path: String) -> ValidationError {
        ValidationError("--file: cannot read \(path.shown): \(SystemErrno(rawValue: errno))")
    }
}
