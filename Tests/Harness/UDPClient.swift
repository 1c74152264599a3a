import Glibc

/// A UDP client on 127.0.0.1, as anybody's program is one.
package final class UDPClient: Sendable {
    private let descriptor: Int32

    package init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw HarnessError("connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends `count` datagrams a millisecond apart, each with its number in decimal, and takes the
    /// answers until none has come for a while.
    package func exchange(_ count: Int, quietMs: Int32 = 500) -> [String] {
        var answers: [String] = []
        for number in 0..<count {
            let octets = Array("\(number)".utf8)
            _ = send(descriptor, octets, octets.count, 0)
            answers += take(waitMs: 1)
        }
        while case let more = take(waitMs: quietMs), !more.isEmpty { answers += more }
        return answers
    }

    /// Sends datagrams of `bytes` bytes as fast as the kernel takes them, and takes no answers.
    package func pour(_ count: Int, bytes: Int) {
        let octets = [UInt8](repeating: 0x2a, count: bytes)
        for _ in 0..<count { _ = send(descriptor, octets, bytes, 0) }
    }

    /// Whether a datagram meets a closed port: one of the next calls on the socket says so.
    package var isRefused: Bool {
        for _ in 0..<4 {
            if send(descriptor, "x", 1, 0) < 0, errno == ECONNREFUSED { return true }
            usleep(20_000)
        }
        return false
    }

    private func take(waitMs: Int32) -> [String] {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, waitMs) > 0 else { return [] }
        var answers: [String] = []
        var octets = [UInt8](repeating: 0, count: 1 << 16)
        while case let got = recv(descriptor, &octets, octets.count, Int32(MSG_DONTWAIT)), got >= 0
        {
            answers.append(String(decoding: octets[..<got], as: UTF8.self))
        }
        return answers
    }
}

extension UDPClient {
    /// One datagram from each of so many source addresses, 127.1.0.0 and up.
    package static func flood(
        to port: UInt16, sources: Range<Int>, octets: [UInt8] = Array("x".utf8)
    ) throws {
        func address(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = host.bigEndian
            address.sin_port = port.bigEndian
            return address
        }
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var target = address(0x7f00_0001, port)
        for source in sources {
            let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            guard descriptor >= 0 else { throw HarnessError("socket: \(errno)") }
            defer { close(descriptor) }
            var own = address(0x7f01_0000 + UInt32(source), 0)
            _ = withUnsafePointer(to: &own) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size)
                }
            }
            let sent = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, octets, octets.count, 0, $0, size)
                }
            }
            guard sent == octets.count else { throw HarnessError("sendto: \(errno)") }
        }
    }
}
