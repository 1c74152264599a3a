import Glibc

/// The error of a file call: errno(3) as a value.
package struct FileErrno: Error, Equatable, Sendable {
    package let code: Int32

    package init(_ code: Int32) {
        self.code = code
    }

    /// The errno of the last call in this thread.
    static var last: FileErrno { FileErrno(errno) }
}

extension FileErrno: CustomStringConvertible {
    /// The error as text: `ENOSPC (No space left on device)`.
    package var description: String {
        let sentence = strerror(code).map { String(cString: $0) } ?? "no description"
        return "\(Self.names[code] ?? "errno \(code)") (\(sentence))"
    }

    /// The names of the errors of file calls. Swift's Glibc does not import strerrorname_np(3).
    private static let names: [Int32: String] = [
        EACCES: "EACCES", EDQUOT: "EDQUOT", EEXIST: "EEXIST", EFBIG: "EFBIG", EINTR: "EINTR",
        EINVAL: "EINVAL", EIO: "EIO", EISDIR: "EISDIR", ELOOP: "ELOOP", EMFILE: "EMFILE",
        ENAMETOOLONG: "ENAMETOOLONG", ENFILE: "ENFILE", ENOENT: "ENOENT", ENOSPC: "ENOSPC",
        ENOTDIR: "ENOTDIR", EPERM: "EPERM", EROFS: "EROFS",
    ]
}

extension FileErrno {
    static let noSpace = FileErrno(ENOSPC)
    static let quota = FileErrno(EDQUOT)
    static let inputOutput = FileErrno(EIO)
    static let exists = FileErrno(EEXIST)
    static let missing = FileErrno(ENOENT)
    static let interrupted = FileErrno(EINTR)
    static let invalid = FileErrno(EINVAL)
}
