/// The maximum number of retries of an interrupted call; only a signal every microsecond would
/// reach it.
let interruptsAtMost = 10_000

/// Repeats the call as long as a signal interrupts it.
func retryingInterrupts<Answer>(
    _ call: () throws(FileErrno) -> Answer
) throws(FileErrno) -> Answer {
    for _ in 0..<interruptsAtMost {
        do throws(FileErrno) {
            return try call()
        } catch .interrupted {
            continue
        }
    }
    throw .interrupted
}

extension FileLayer {
    /// Writes all of `bytes`, in as many calls as necessary.
    func writeAll(_ bytes: [UInt8], to file: Int32) throws(FileErrno) {
        var done = 0
        while done < bytes.count {
            let count = try retryingInterrupts { () throws(FileErrno) in
                try write(bytes.span.bytes.extracting(done..<bytes.count), to: file)
            }
            // write(2) returns 0 only for files without space to write: continuing would never end.
            guard count > 0 else { throw .inputOutput }
            done += count
        }
    }

    /// Syncs a directory. A file system that cannot sync a directory returns EINVAL (fsync(2)),
    /// which is ignored because there is no alternative.
    func syncDirectory(_ directory: Int32) throws(FileErrno) {
        do throws(FileErrno) {
            try retryingInterrupts { () throws(FileErrno) in try sync(directory) }
        } catch .invalid {
            return
        }
    }

    /// Closes a descriptor to which nothing was written, or whose failure is already being
    /// reported.
    func closeQuietly(_ descriptor: Int32) {
        _ = try? close(descriptor)
    }
}
