import Glibc
import SystemPackage

/// A file whose content nobody else may know: read only if neither the group nor others have any
/// right to it, and if it belongs to this user or to root.
package enum SecretFile {
    package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// The reason, without the path's content, and with the command that mends it.
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// Returns the content of a regular file.
    /// - Parameter bytesMax: The most bytes that it may have.
    package static func bytes(of path: String, bytesMax: Int) throws(Fault) -> [UInt8] {
        guard !path.utf8.contains(0) else { throw Fault(description: "a path has no NUL") }
        do {
            // Without blocking, so that a FIFO in place of the file does not hold up the caller.
            let file = try FileDescriptor.open(
                path, .readOnly,
                options: [.nonBlocking, .closeOnExec, .init(rawValue: O_NOCTTY)])
            return try file.closeAfter { try content(of: file, path, bytesMax) }
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(description: "\(path): cannot be read: \(error)")
        }
    }

    /// Reads the opened file: its rights are those of the file that is read, whatever the path
    /// names by then.
    private static func content(
        of file: FileDescriptor, _ path: String, _ bytesMax: Int
    ) throws -> [UInt8] {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Fault(description: "\(path): is no regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw Fault(
                description: "\(path): belongs to user \(status.st_uid), who can read and change "
                    + "it; chown it to this user")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw Fault(
                description: "\(path): others have rights to it (mode "
                    + "\(String(status.st_mode & 0o777, radix: 8))); chmod 600 takes them away")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= bytesMax {
            let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw Fault(description: "\(path): has more than \(bytesMax) B")
    }
}
