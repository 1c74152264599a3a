import CLinuxUDP

/// Memory of this process that another one can read as a file, also after this one's end: the
/// other opens /proc/PID/fd/DESCRIPTOR while this one lives.
package struct SharedMemory {
    package let descriptor: Int32
    /// All zeros at first. Never unmapped: it lives as long as the process does.
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
