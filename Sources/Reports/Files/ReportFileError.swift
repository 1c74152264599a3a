import JSON

/// The reason why a report, or a log, could not be written.
package struct ReportFileError: Error, Equatable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The directory is missing, is not a directory, or cannot be opened.
        case directory
        /// A report of that name exists, and no option allows replacing it.
        case exists
        /// An active run is going to write a report of that name.
        case inUse
        /// The name is that of a directory, a device or another special file.
        case notAFile
        /// The path is that of another file of the same command: "the plan".
        case conflict(with: String)
        /// The temporary file could not be made: read-only, no permission, no space.
        case create
        case write, sync, close, rename
        /// The report has its name, but the disk did not confirm it.
        case syncDirectory
    }

    package let code: Code
    /// The report's path as the user gave it, or its directory's for `directory`.
    package let path: String
    package let errno: FileErrno?
    package let kind: OutputKind

    init(_ code: Code, _ path: String, _ errno: FileErrno? = nil, kind: OutputKind = .report) {
        self.code = code
        self.path = path
        self.errno = errno
        self.kind = kind
    }

    /// The exit status: 64 for an unusable path, found before any datagram was sent; 75 for a run
    /// whose report could not be written, which is neither a pass nor a fail.
    package var exitStatus: ExitStatus {
        switch code {
        case .directory, .exists, .inUse, .notAFile, .conflict, .create: .usage
        case .write, .sync, .close, .rename, .syncDirectory: .inconclusive
        }
    }
}

extension ReportFileError: CustomStringConvertible {
    /// The error in one or two sentences: the cause, and the remedy.
    package var description: String {
        let cause = errno.map { ": \($0)" } ?? ""
        let (noun, another) = (kind.noun, "name another with \(kind.option)")
        switch code {
        case .directory:
            return "the directory \(shownPath) of \(noun) cannot be used\(cause); "
                + "create it, or name another place with \(kind.option)"
        case .exists:
            return "\(noun) \(shownPath) exists; replace it with --force, or \(another)"
        case .inUse:
            return "another run that is alive is about to write \(noun) \(shownPath); "
                + "wait for it, or \(another)"
        case .notAFile:
            return "\(shownPath) is not a regular file; name one with \(kind.option)"
        case .conflict(let other):
            return "\(noun) \(shownPath) would take the place of \(other); \(another)"
        case .create:
            return "\(noun) \(shownPath) cannot be written\(cause); \(advice)"
        case .write, .sync, .close:
            return "\(noun) \(shownPath) was not written, and what was there before is untouched"
                + "\(cause); \(advice)"
        case .rename:
            return "\(noun) \(shownPath) was written but could not get its name, "
                + "and what was there before is untouched\(cause); \(advice)"
        case .syncDirectory:
            return "\(noun) \(shownPath) is complete, but the disk did not confirm its name"
                + "\(cause): it may be gone after a power cut; keep a copy"
        }
    }

    private var shownPath: String { path.shown }

    private var advice: String {
        let place = "name another place with \(kind.option)"
        return switch errno {
        case .noSpace: "free some space, or \(place)"
        case .quota: "the quota is used up: delete something, or \(place)"
        case .inputOutput:
            "the disk reports a fault: name a place on another one with \(kind.option)"
        case .exists: "another run took the name: run again, or give --force"
        default: place
        }
    }
}
