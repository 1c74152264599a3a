/// Why a report cannot be written, or was not.
package struct ReportFileError: Error, Equatable, Sendable {
    package enum Code: String, Sendable {
        /// The directory is missing, is no directory, or cannot be opened.
        case directory
        /// There is a report of that name, and nothing said to replace it.
        case exists
        /// A run that is alive is going to write a report of that name.
        case inUse = "in_use"
        /// The name is that of a directory, a device or another thing that is no file.
        case notAFile = "not_a_file"
        /// The temporary file could not be made: read-only, no permission, no space.
        case create
        case write, sync, close, rename
        /// The report has its name, but the disk did not confirm it.
        case syncDirectory = "sync_directory"
    }

    package let code: Code
    /// The report's path as the user gave it, or its directory's for `directory`.
    package let path: String
    package let errno: FileErrno?

    init(_ code: Code, _ path: String, _ errno: FileErrno? = nil) {
        self.code = code
        self.path = path
        self.errno = errno
    }

    /// 64 for a place that cannot be used, found before any datagram left; 75 for a run whose
    /// report could not be kept, which must read neither as a pass nor as a fail.
    package var exitStatus: ExitStatus {
        switch code {
        case .directory, .exists, .inUse, .notAFile, .create: .usage
        case .write, .sync, .close, .rename, .syncDirectory: .inconclusive
        }
    }
}

extension ReportFileError: CustomStringConvertible {
    /// One or two sentences: what happened, and what to do.
    package var description: String {
        let cause = errno.map { ": \($0)" } ?? ""
        switch code {
        case .directory:
            return "the reports' directory \(path) cannot be used\(cause); "
                + "create it, or name another place with --report FILE"
        case .exists:
            return "the report \(path) exists; "
                + "replace it with --force, or name another with --report FILE"
        case .inUse:
            return "another run that is alive is about to write the report \(path); "
                + "wait for it, or name another with --report FILE"
        case .notAFile:
            return "\(path) is not a regular file; name one with --report FILE"
        case .create:
            return "the report \(path) cannot be written\(cause); \(advice)"
        case .write, .sync, .close:
            return "the report \(path) was not written, and what was there before is untouched"
                + "\(cause); \(advice)"
        case .rename:
            return "the report \(path) was written but could not get its name, "
                + "and what was there before is untouched\(cause); \(advice)"
        case .syncDirectory:
            return "the report \(path) is complete, but the disk did not confirm its name"
                + "\(cause): it may be gone after a power cut; keep a copy"
        }
    }

    private var advice: String {
        switch errno {
        case .noSpace: "free some space, or name another place with --report FILE"
        case .quota: "the quota is used up: delete something, or name another place with --report"
        case .inputOutput: "the disk reports a fault: name a place on another one with --report"
        case .exists: "another run took the name: run again, or give --force"
        default: "name another place with --report FILE"
        }
    }
}
