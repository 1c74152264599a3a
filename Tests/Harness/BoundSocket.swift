import Glibc

/// A UDP socket on 127.0.0.1 that answers nothing.
package final class BoundSocket: Sendable {
    package let port: UInt16
    private let descriptor: Int32

    /// - Parameter wanted: A port that is known to have been free; by default any.
    package init(port wanted: UInt16 = 0) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = wanted.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard result == 0 else {
            let reason = errno
            close(descriptor)
            throw HarnessError("bind: \(reason)")
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Whether a datagram has come.
    package var hasReceived: Bool {
        var octet: UInt8 = 0
        return recv(descriptor, &octet, 1, Int32(MSG_DONTWAIT | MSG_PEEK))
            >= 0
    }
}
