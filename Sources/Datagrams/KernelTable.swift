import Glibc

/// The tables that the kernel shows everybody as text, in this process's network namespace.
enum KernelTable {
    /// Octets of a table that are looked at: some 40,000 sockets.
    static let bytesLimit = 4 << 20

    /// The text of a table; `nil` when it cannot be opened.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < bytesLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
