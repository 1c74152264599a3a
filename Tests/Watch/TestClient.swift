import Glibc
import Harness
import Synchronization

/// A TCP connection to a server under test, whose reads wait for a bounded time.
final class TestClient: Sendable {
    private let descriptor: Int32
    private let arrived = Mutex<[UInt8]>([])

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let cause = errno
            close(descriptor)
            throw HarnessError("connect to port \(port): \(cause)")
        }
    }

    deinit { close(descriptor) }

    var text: String { arrived.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Sends bytes; a connection that the server has ended takes none.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Reads until `condition` holds of all that has arrived.
    /// - Returns: Whether it came to hold.
    func read(withinMs limitMs: Int32 = 20_000, until condition: (String) -> Bool) -> Bool {
        while !condition(text) {
            guard readOnce(withinMs: limitMs) else { return condition(text) }
        }
        return true
    }

    /// Reads until the server ends the connection.
    /// - Returns: All that has arrived; nil if the connection has not ended.
    func readToEnd() -> String? {
        while readOnce(withinMs: 20_000) {}
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 0 ? text : nil
    }

    /// Whether the connection was ended, also by a reset.
    func isEnded() -> Bool {
        while readOnce(withinMs: 20_000) {}
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 0 || errno != EAGAIN
    }

    private func readOnce(withinMs limitMs: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, limitMs) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        arrived.withLock { $0 += buffer[..<count] }
        return true
    }
}
