import Glibc
import Synchronization

/// Resolves host names, with a deadline.
package enum Resolver {
    /// The deadline. getaddrinfo(3) has none of its own and may hang for minutes without a name
    /// server.
    package static let timeoutNs: Int64 = 5_000_000_000

    /// Returns the first address of `host` in the order of RFC 6724 (getaddrinfo(3)), or the
    /// numeric address itself.
    /// - Throws: If there is no address, or no answer within `timeoutNs`.
    package static func resolve(
        host: String, port: UInt16, timeoutNs: Int64 = Resolver.timeoutNs
    ) throws(SystemFailure) -> SocketAddress {
        if let numeric = SocketAddress(numericHost: host, port: port) { return numeric }
        let answer = Answer()
        _ = try DataThread.start(name: "resolver", cpu: nil) {
            answer.set(lookUp(host, port))
        }
        let untilNs = LinuxClock().nowNs() + timeoutNs
        while LinuxClock().nowNs() < untilNs {
            if let outcome = answer.get() {
                guard let address = outcome.address else {
                    throw SystemFailure(
                        "cannot resolve", "\"\(host)\"", .hostUnreachable,
                        reason: outcome.reason,
                        advice: "use a numeric address, or check the name")
                }
                return address
            }
            guard !ProcessControl.isStopRequested else {
                throw SystemFailure(
                    "cannot resolve", "\"\(host)\"", SystemErrno(rawValue: EINTR),
                    reason: "a signal came")
            }
            usleep(1_000)
        }
        throw SystemFailure(
            "cannot resolve", "\"\(host)\" within \(timeoutNs / 1_000_000_000) s",
            SystemErrno(rawValue: ETIMEDOUT),
            advice: "use a numeric address, or check the name server")
    }

    private struct Outcome: Sendable {
        let address: SocketAddress?
        let reason: String
    }

    private final class Answer: Sendable {
        private let outcome = Mutex<Outcome?>(nil)
        func set(_ value: Outcome) { outcome.withLock { $0 = value } }
        func get() -> Outcome? { outcome.withLock { $0 } }
    }

    private static func lookUp(_ host: String, _ port: UInt16) -> Outcome {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, "\(port)", &hints, &list)
        guard result == 0, let first = list else {
            let reason = gai_strerror(result).map { String(cString: $0) } ?? "no answer"
            return Outcome(address: nil, reason: reason)
        }
        defer { freeaddrinfo(list) }
        let raw = UnsafeRawBufferPointer(
            start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen))
        return Outcome(address: SocketAddress(raw: raw), reason: "no address")
    }
}

/// The addresses of this host's interfaces.
package enum HostAddresses {
    /// Whether `address` is one of this host's own, loopback included (getifaddrs(3)).
    package static func contains(_ address: SocketAddress) -> Bool {
        if address.isLoopback { return true }
        return all().contains { $0.own.octets == address.octets }
    }

    /// The addresses of this host's interfaces, without a port.
    package static func own() -> [SocketAddress] { all().map { $0.own.with(port: 0) } }

    /// Whether `address` is the broadcast address of a subnet of this host.
    package static func isBroadcast(_ address: SocketAddress) -> Bool {
        address.isLimitedBroadcast || all().contains { $0.broadcast?.octets == address.octets }
    }

    private static func all() -> [(own: SocketAddress, broadcast: SocketAddress?)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [(own: SocketAddress, broadcast: SocketAddress?)] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let own = read(entry.pointee.ifa_addr) else { continue }
            let hasBroadcast = entry.pointee.ifa_flags & UInt32(IFF_BROADCAST) != 0
            found.append((own, hasBroadcast ? read(entry.pointee.ifa_ifu.ifu_broadaddr) : nil))
        }
        return found
    }

    private static func read(_ pointer: UnsafeMutablePointer<sockaddr>?) -> SocketAddress? {
        guard let pointer else { return nil }
        let size =
            switch Int32(pointer.pointee.sa_family) {
            case AF_INET: MemoryLayout<sockaddr_in>.size
            case AF_INET6: MemoryLayout<sockaddr_in6>.size
            default: 0
            }
        return SocketAddress(raw: UnsafeRawBufferPointer(start: pointer, count: size))
    }
}
