import Datagrams
import Glibc

/// Files and streams that the benchmark writes.
enum OutputFile {
    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SystemFailure("cannot write", path, SystemErrno(rawValue: errno))
        }
        defer { close(descriptor) }
        guard write(text, on: descriptor) else {
            throw SystemFailure("cannot write", path, SystemErrno(rawValue: errno))
        }
    }

    /// Writes a message to standard error.
    static func say(_ text: String) { _ = write(text + "\n", on: 2) }

    /// Writes a result to standard output.
    static func result(_ text: String) { _ = write(text + "\n", on: 1) }

    private static func write(_ text: String, on descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if wrote > 0 {
                done += wrote
            } else if wrote == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}
