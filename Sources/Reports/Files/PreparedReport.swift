/// A report that has a location but no content yet. It is written or abandoned once; otherwise only
/// its temporary file remains, which the next run removes.
package struct PreparedReport: ~Copyable, Sendable {
    private let destination: ReportDestination
    private let directory: Int32
    private let claim: Claim
    private var isClaimed = true
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
        let (layer, directory, claim) = (destination.layer, directory, claim)
        let replaces = destination.replaces
        // A second descriptor: some file systems report a late error at its close, which has to
        // come before the rename, while the first descriptor still holds the lock.
        let file = try destination.failing(.write) { () throws(FileErrno) in
            try retryingInterrupts { () throws(FileErrno) in
                try layer.open(claim.name, in: directory)
            }
        }
        do throws(ReportFileError) {
            try destination.failing(.write) { () throws(FileErrno) in
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
