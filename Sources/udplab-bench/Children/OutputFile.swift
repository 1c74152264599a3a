import Datagrams
import SystemPackage

/// Files and streams that the benchmark writes.
enum OutputFile {
    static func write(_ text: String, to path: String) throws {
        do {
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            _ = try file.closeAfter { try file.writeAll(text.utf8) }
        } catch let error as Errno {
            throw SystemFailure("cannot write", path, SystemErrno(rawValue: error.rawValue))
        }
    }

    /// Writes a message to standard error.
    static func say(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll("\(text)\n".utf8)
    }

    /// Writes a result to standard output.
    static func result(_ text: String) {
        _ = try? FileDescriptor.standardOutput.writeAll("\(text)\n".utf8)
    }
}
