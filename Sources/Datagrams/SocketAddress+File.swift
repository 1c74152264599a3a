import Glibc

/// The file of a Unix socket with a path: the kernel makes it when the socket is bound, and leaves
/// it there when the socket is closed (unix(7)).
extension SocketAddress {
    /// The path of the file; nil for other addresses.
    private var path: String? { unixName.flatMap { $0.hasPrefix("@") ? nil : $0 } }

    /// Whether the file is that of a datagram socket which nobody has any more.
    var isAbandonedFile: Bool {
        guard path != nil, let probe = try? DatagramSocket(family: .unix) else { return false }
        let descriptor = probe.descriptor
        return withRaw { connect(descriptor, $0, $1) == 0 ? 0 : errno } == ECONNREFUSED && isSocket
    }

    private var isSocket: Bool {
        var status = stat()
        guard let path, lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Removes the file of a socket that its owner has closed, or is about to; nothing for other
    /// addresses.
    package func removeFile() {
        if let path, isSocket { unlink(path) }
    }
}
