import Datagrams
import Glibc

/// The function write(2), which a test may replace.
typealias LogWrite = @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int

/// Rows that a log lacks because they could not be written.
package struct LostRows: Sendable, Equatable {
    package var count = 0
    /// The name of the errno of the first failure; nil without one.
    package var errno: String?

    /// Adds the rows lost by another log of the same job.
    mutating func add(_ other: LostRows) {
        count += other.count
        errno = errno ?? other.errno
    }
}

/// The system calls of a log.
enum LogFiles {
    /// Opens an existing regular file for appending. Another object in place of the file, such as a
    /// symbolic link or a FIFO, is refused.
    static func open(_ path: String) throws(SystemFailure) -> Int32 {
        let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let descriptor = Glibc.open(path, flags)
        guard descriptor >= 0 else {
            throw SystemFailure("open", path, SystemErrno(rawValue: errno))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SystemFailure(
                "open", path, .invalidArgument, advice: "a log is a regular file")
        }
        return descriptor
    }

    @Sendable static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    }
}
