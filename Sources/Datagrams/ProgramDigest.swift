import Glibc

/// A digest of the program that runs, by which two hosts see whether they run the same one. It
/// tells builds apart, and is no protection against anybody.
package enum ProgramDigest {
    /// 16 hexadecimal digits; nil if the program's file cannot be read.
    package static let own: String? = ofFile("/proc/self/exe")

    /// Returns FNV-1a over the words of a file (Fowler, Noll, Vo), with its last bytes filled up by
    /// zeros, and its length.
    static func ofFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
            start != MAP_FAILED
        else { return nil }
        defer { munmap(start, size) }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01b3 }
        let words = UnsafeRawBufferPointer(start: start, count: size & ~7)
            .bindMemory(to: UInt64.self)
        for word in words { mix(word) }
        var last: UInt64 = 0
        for byte in UnsafeRawBufferPointer(start: start + (size & ~7), count: size & 7) {
            last = last << 8 | UInt64(byte)
        }
        mix(last)
        mix(UInt64(size))
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
