/// A report that has a location but no content yet. It is written or abandoned once; otherwise only
/// its temporary file remains, which the next run removes.
package struct PreparedReport: ~Copyable, Sendable {
    private let destination: ReportDestination
    private let directory: Int32
    private let claim: Claim
    private var isClaimed = true
    /// Whether the temporary file has, or may have, content.
    private var isTouched = false
    /// Whether the temporary file has its whole content.
    private var isStaged = false
    /// The number of the report's name among those that may be tried.
    private let attempt: Int
    /// Minor problems of the preparation for the log, a sentence each.
    package let notes: [String]

    init(
        destination: ReportDestination, directory: Int32, claim: Claim, attempt: Int,
        notes: [String]
    ) {
        self.destination = destination
        self.directory = directory
        self.claim = claim
        self.attempt = attempt
        self.notes = notes
    }

    deinit {
        let layer = destination.layer
        if isClaimed {
            // A file that cannot be removed now is stale once its lock ends.
            _ = try? layer.remove(claim.name, in: directory)
        }
        layer.closeQuietly(claim.lockFile)
        layer.closeQuietly(directory)
    }

    package var path: String { destination.path(attempt) }

    /// Removes the temporary file, because there is nothing to report.
    package consuming func abandon() {}

    /// Writes the report whole: temporary file, its sync, its name, the directory's sync. At every
    /// moment the name denotes the previous file or all of `bytes`.
    ///
    /// - Returns: The path of the report: if another run has taken a name made by udplab, the next
    ///   name.
    /// - Throws: `write`, `sync`, `close` or `rename`, with the name unchanged; `syncDirectory`
    ///   with the report in place.
    @discardableResult
    package consuming func write(_ bytes: [UInt8]) throws(ReportFileError) -> String {
        try stage(bytes)
        return try publish()
    }

    /// Writes the temporary file, in place of what was staged before. Several files can be staged
    /// before the first of them gets its name, so that all of them tell of one that failed.
    ///
    /// - Throws: `write`, `sync` or `close`, with the name unchanged.
    package mutating func stage(_ bytes: [UInt8]) throws(ReportFileError) {
        let (layer, directory, claim) = (destination.layer, directory, claim)
        // A second descriptor: some file systems report a late error at its close, which has to
        // come before the rename, while the first descriptor still holds the lock.
        let file = try destination.failing(.write) { () throws(FileErrno) in
            try retryingInterrupts { () throws(FileErrno) in
                try layer.open(claim.name, in: directory)
            }
        }
        let isTouched = isTouched
        self.isTouched = true
        isStaged = false
        do throws(ReportFileError) {
            try destination.failing(.write) { () throws(FileErrno) in
                if isTouched {
                    try retryingInterrupts { () throws(FileErrno) in try layer.truncate(file) }
                }
                try layer.writeAll(bytes, to: file)
            }
            try destination.failing(.sync) { () throws(FileErrno) in
                try retryingInterrupts { () throws(FileErrno) in try layer.sync(file) }
            }
        } catch {
            layer.closeQuietly(file)
            throw error
        }
        try destination.failing(.close) { () throws(FileErrno) in try layer.close(file) }
        isStaged = true
    }

    /// Gives the staged file its name.
    ///
    /// - Returns: The path, as `write` does.
    /// - Throws: `rename`, with the name unchanged; `syncDirectory` with the file in place.
    @discardableResult
    package consuming func publish() throws(ReportFileError) -> String {
        precondition(isStaged, "a report is staged before it gets its name")
        let (layer, directory, claim) = (destination.layer, directory, claim)
        let replaces = destination.replaces
        var attempt = attempt
        while true {
            do throws(ReportFileError) {
                try destination.failing(.rename) { () throws(FileErrno) in
                    try retryingInterrupts { () throws(FileErrno) in
                        try layer.rename(
                            claim.name, to: destination.name(attempt), in: directory,
                            replacing: replaces)
                    }
                }
                break
            } catch {
                attempt += 1
                guard error.errno == .exists, attempt < destination.attempts.upperBound else {
                    throw error
                }
            }
        }
        isClaimed = false
        try destination.failing(.syncDirectory) { () throws(FileErrno) in
            try layer.syncDirectory(directory)
        }
        return destination.path(attempt)
    }
}
