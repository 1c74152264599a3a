import Datagrams
import Glibc

/// A log that workers append to.
package enum LogFile {
    /// Makes the file anew, with its first line.
    package static func begin(
        _ path: String, header: String, name: String
    ) throws(StartError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw StartError(
                "\(name) \(path) cannot be opened: \(SystemErrno(rawValue: errno)): "
                    + "name a file in a directory that exists and can be written")
        }
        let octets = Array(header.utf8)
        _ = write(descriptor, octets, octets.count)
        close(descriptor)
    }
}
