/// A signal a microsecond would be needed to reach it: the bound of every retried call.
let interruptsAtMost = 10_000

/// Makes the call again as long as a signal interrupts it.
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
    /// Writes all of `bytes`, however many calls that takes.
    func writeAll(_ bytes: [UInt8], to file: Int32) throws(FileErrno) {
        var done = 0
        while done < bytes.count {
            let count = try retryingInterrupts { () throws(FileErrno) in
                try write(bytes.span.bytes.extracting(done..<bytes.count), to: file)
            }
            // write(2) gives 0 for no file that has space: going on would never end.
            guard count > 0 else { throw .inputOutput }
            done += count
        }
    }

    /// As `sync`; a file system that cannot sync a directory says EINVAL (fsync(2)), and then
    /// there is nothing better to be had.
    func syncDirectory(_ directory: Int32) throws(FileErrno) {
        do throws(FileErrno) {
            try retryingInterrupts { () throws(FileErrno) in try sync(directory) }
        } catch .invalid {
            return
        }
    }

    /// For a descriptor that nothing was written to, or whose failure is already being reported.
    func closeQuietly(_ descriptor: Int32) {
        _ = try? close(descriptor)
    }
}
