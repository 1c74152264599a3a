import Datagrams
import Glibc

/// write(2), which a test may replace.
typealias LogWrite = @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int

/// Rows that a log lacks because they could not be written.
package struct LostRows: Sendable, Equatable {
    package var count = 0
    /// Name of the errno of the first failure; nil without one.
    package var errno: String?

    /// Adds the rows that another log of the same job lacks.
    mutating func add(_ other: LostRows) {
        count += other.count
        errno = errno ?? other.errno
    }
}

/// System calls of a log.
enum LogFiles {
    /// Opens an existing regular file to append to it. What has taken the place of the file since
    /// it was made, such as a symbolic link or a FIFO, is refused.
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
