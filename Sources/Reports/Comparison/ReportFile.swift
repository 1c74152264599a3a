import Glibc
import JSON

/// Reads a report from a file.
package enum ReportFile {
    /// Loads a report. Whatever the path names, loading neither hangs nor exceeds the maximum size
    /// of a report.
    package static func load(_ path: String) throws(ComparisonError) -> ComparedReport {
        try ComparedReport(path: path, bytes: bytes(of: path))
    }

    private static let bytesMax = JSONLimits.report.documentBytesMax

    /// Returns the content of a file that is not larger than a report may be.
    static func bytes(of path: String) throws(ComparisonError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw failure(path, "cannot be examined", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable("\(path.shown): a report is a regular file, and this is none")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(max(0, min(bytesMax, status.st_size)))
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= bytesMax {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "cannot be read", errno) }
            bytes += chunk[..<count]
        }
        throw .unreadable("\(path.shown): a report has at most \(bytesMax) B, and this has more")
    }

    private static func failure(_ path: String, _ what: String, _ code: Int32) -> ComparisonError {
        .unreadable("\(path.shown): \(what): \(String(cString: strerror(code)))")
    }
}
