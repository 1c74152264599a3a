import Glibc

/// A UDP socket of IPv4 in a test's own hands, closed when the test lets go of it.
package final class PlainSocket: Sendable {
    package struct Arrived: Sendable {
        package let octets: [UInt8]
        package let port: UInt16

        package var text: String { String(decoding: octets, as: UTF8.self) }
    }

    package let port: UInt16
    let descriptor: Int32

    /// - Parameters:
    ///   - host: An address of this host, `127.0.0.2` say.
    ///   - port: 0 for a free one, which stays nobody's when this socket is gone.
    package init(host: String = "127.0.0.1", port: UInt16 = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        self.descriptor = descriptor
        let address = try Self.address(host, port)
        let bound = QuietPort.bind(port) { port in
            var address = address
            address.sin_port = port.bigEndian
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
        guard let bound else {
            let reason = errno
            close(descriptor)
            throw HarnessError("bind \(host):\(port): \(reason)")
        }
        self.port = bound
    }

    deinit { close(descriptor) }

    private static func address(_ host: String, _ port: UInt16) throws -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw HarnessError("\(host) is no address")
        }
        return address
    }

    /// - Parameter address: `127.0.0.1:7788`.
    package func send(_ octets: [UInt8], to address: String) throws {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw HarnessError("\(address) is no address")
        }
        var target = try Self.address(String(parts[0]), port)
        let sent = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, octets, octets.count, 0, $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard sent == octets.count else { throw HarnessError("sendto \(address): \(errno)") }
    }

    package func send(_ text: String, to address: String) throws {
        try send(Array(text.utf8), to: address)
    }

    /// The next datagram; `nil` when none comes within `limitMs`.
    package func receive(withinMs limitMs: Int32 = 10_000) -> Arrived? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, limitMs) > 0 else { return nil }
        var octets = [UInt8](repeating: 0, count: 1 << 16)
        var source = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &source) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &octets, octets.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { return nil }
        return Arrived(
            octets: Array(octets[..<count]), port: UInt16(bigEndian: source.sin_port))
    }
}

extension Execution {
    /// The address that the program says it answers at, once it does.
    package func address() async throws -> String {
        let isThere = try await eventually { errorsSoFar.contains(/127\.0\.0\.\d+:\d+/) }
        guard isThere, let match = errorsSoFar.firstMatch(of: /127\.0\.0\.\d+:\d+/) else {
            throw HarnessError("it names no address: \(errorsSoFar)")
        }
        return String(match.output)
    }

    /// Stops it (SIGSTOP).
    package func stop() async throws {
        try await ProcessTable.stop(pid)
    }

    package func goOn() { signal(SIGCONT) }

    /// Whether standard error comes to contain `text`.
    package func says(_ text: String) async throws -> Bool {
        try await eventually { errorsSoFar.contains(text) }
    }

    /// Whether standard output comes to contain `text`.
    package func prints(_ text: String) async throws -> Bool {
        try await eventually { outputSoFar.contains(text) }
    }
}
