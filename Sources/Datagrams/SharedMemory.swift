import CLinuxUDP

/// Memory of this process that another process can read as a file, also after this process has
/// ended: the reader opens /proc/PID/fd/DESCRIPTOR while this process runs.
package struct SharedMemory {
    package let descriptor: Int32
    /// The start of the memory, initially all zeros. It is never unmapped before the process ends.
    package let start: UnsafeMutableRawPointer

    package init(bytes: Int) throws(SystemFailure) {
        var start: UnsafeMutableRawPointer?
        let result = udplab_shared_memory(bytes, &start)
        guard result >= 0, let start else {
            throw SystemFailure(
                "memfd_create", "\(bytes) B", SystemErrno(rawValue: -result))
        }
        descriptor = result
        self.start = start
    }
}
