import CLinuxUDP
import Glibc

/// A listening TCP socket at 127.0.0.1 and a free port, which never blocks.
package final class LoopbackListener: Sendable {
    private static let backlog: Int32 = 16

    package let descriptor: Int32
    package let address: SocketAddress

    package init() throws(SystemFailure) {
        guard let any = SocketAddress(numericHost: "127.0.0.1", port: 0) else {
            throw SystemFailure("inet_pton", "127.0.0.1", .invalidArgument)
        }
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else {
            throw SystemFailure(
                "socket", "of TCP", SystemErrno(rawValue: errno),
                advice: errno == EMFILE ? "raise the limit on open files (ulimit -n)" : "")
        }
        do throws(SystemFailure) {
            let isBound = any.withRaw { bind(descriptor, $0, $1) == 0 }
            guard isBound, listen(descriptor, Self.backlog) == 0 else {
                throw SystemFailure("cannot listen", "at \(any)", SystemErrno(rawValue: errno))
            }
            address = try DatagramSocket.localAddress(of: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Accepts a connection that waits.
    /// - Returns: Its descriptor; nil if there is none.
    package func accept() throws(SystemErrno) -> Int32? {
        let accepted = udplab_accept(descriptor)
        guard accepted < 0 else { return accepted }
        switch -accepted {
        // A connection that its client has given up before (accept(2)) is none either.
        case EAGAIN, EINTR, ECONNABORTED: return nil
        default: throw SystemErrno(rawValue: -accepted)
        }
    }
}
