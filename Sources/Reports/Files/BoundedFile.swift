import Glibc
import JSON
import SystemPackage

/// Reads a whole file named by a user, with an upper bound.
///
/// Whatever the path names, reading neither hangs nor exceeds the bound: the file is opened without
/// blocking, must be a regular file, and its size is checked first.
package struct BoundedFile {
    /// The name of the kind of file with its article: "a plan".
    let what: String
    let bytesMax: Int

    /// The reason why a file cannot be read, as a sentence that names the path.
    package struct Refusal: Error, Sendable, Equatable {
        package let sentence: String
    }

    package init(what: String, bytesMax: Int) {
        self.what = what
        self.bytesMax = bytesMax
    }

    package func bytes(of path: String) throws(Refusal) -> [UInt8] {
        guard !path.utf8.contains(0) else {
            throw Refusal(sentence: "\(path.shown): a path has no NUL")
        }
        let file: FileDescriptor
        do {
            file = try .open(
                path, .readOnly, options: [.nonBlocking, .closeOnExec, Self.noTerminal])
        } catch {
            throw failure(path, "cannot be opened", error)
        }
        do {
            return try file.closeAfter { try contents(of: file, path) }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw failure(path, "cannot be read", error)
        }
    }

    /// Opening a terminal does not make it the one that controls this process (open(2)).
    private static let noTerminal = FileDescriptor.OpenOptions(rawValue: O_NOCTTY)

    /// Reads the file. A file may grow after its size was checked, so the bound is kept while
    /// reading too.
    private func contents(of file: FileDescriptor, _ path: String) throws -> [UInt8] {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(
                sentence:
                    "\(path.shown): is \(Self.kind(status.st_mode)); \(what) is a regular file")
        }
        guard status.st_size <= bytesMax else { throw tooLarge(path, "\(status.st_size) B") }
        return try rest(of: file, path)
    }

    /// Reads standard input to its end.
    /// - Parameter name: The name of the input in messages.
    package func bytesOfStandardInput(named name: String) throws(Refusal) -> [UInt8] {
        do {
            return try rest(of: .standardInput, name)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw failure(name, "cannot be read", error)
        }
    }

    private func rest(of file: FileDescriptor, _ path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= bytesMax {
            let count: Int
            do {
                count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            } catch Errno.wouldBlock {
                // Standard input may be without blocking; a regular file is always ready.
                var entry = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
                _ = poll(&entry, 1, -1)
                continue
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw tooLarge(path, "more than \(bytesMax) B")
    }

    private func tooLarge(_ path: String, _ size: String) -> Refusal {
        Refusal(
            sentence:
                "\(path.shown): has \(size); \(what) has at most \(bytesMax) B (\(bytesMax >> 20) MiB)"
        )
    }

    private func failure(_ path: String, _ problem: String, _ error: any Error) -> Refusal {
        Refusal(sentence: "\(path.shown): \(problem): \(error)")
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a FIFO"
        case S_IFCHR, S_IFBLK: "a device"
        case S_IFSOCK: "a socket"
        default: "no regular file"
        }
    }
}
