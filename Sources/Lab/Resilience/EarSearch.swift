import Datagrams
import Glibc

/// Searches for the destination of the answers of a server that does not answer the sender.
///
/// With CAP_NET_RAW a packet tap (packet(7)) shows them, whatever program has the destination port.
/// Without, the search binds the free ports of this host in turn, asks, and checks for arrivals:
/// ports of other programs, and addresses of other hosts, are not found then.
struct EarSearch {
    /// The maximum number of sockets at once; fewer if the limit on open files requires it.
    private static let socketsAtMost = 8_000
    private static let descriptorsSpared = 200
    /// The time limits for answers, in the first round and in the second.
    private static let waitsNs: [Int64] = [150, 800].map { $0 * Bench.millisecondNs }

    enum Finding {
        case at(any Listener)
        /// The server's own address: it sends its answers to itself.
        case itself
        case nothing
    }

    let bench: Bench

    func find() throws -> Finding {
        guard bench.isLocal else { return .nothing }
        if bench.target.family == .ipv4, let tap = try? PacketTap() {
            for waitNs in Self.waitsNs {
                if let packet = try overhear(tap, waitNs) { return try settle(packet) }
            }
            return .nothing
        }
        return try tryPorts().map { .at($0) } ?? .nothing
    }

    // MARK: - By looking at what leaves

    /// Asks, and waits for an answer that leaves for another address.
    private func overhear(_ tap: PacketTap, _ waitNs: Int64) throws -> PacketTap.Packet? {
        let (_, octets) = bench.question(bytes: 32)
        bench.regular.send(octets, to: bench.target)
        let asker = bench.regular.address.port
        let untilNs = Bench.nowNs() + waitNs
        while Bench.nowNs() < untilNs {
            while let packet = tap.take(bench.room) {
                guard packet.source.port != asker, packet.destination.port != asker,
                    bench.text.isIn(packet.payload)
                else { continue }
                return packet
            }
            try bench.rest(ns: Bench.millisecondNs)
        }
        return nil
    }

    /// Installs a listener at the destination of this answer, or a tap that sees it.
    private func settle(_ packet: PacketTap.Packet) throws -> Finding {
        let place = packet.destination
        if place.port == bench.target.port, HostAddresses.contains(place) { return .itself }
        if HostAddresses.contains(place), let peer = try settle(at: place) { return .at(peer) }
        let isFixed = packet.source.port == bench.target.port
        return .at(try TapListener(from: isFixed ? packet.source : nil, to: place))
    }

    /// Binds the destination.
    /// - Returns: nil if another program has bound it.
    private func settle(at place: SocketAddress) throws -> Peer? {
        guard let peer = try? bench.peer(at: place, largeBuffer: true) else {
            return nil
        }
        bench.ear = peer
        defer { bench.ear = nil }
        return try bench.askPlainly()?.place == .ear ? peer : nil
    }

    // MARK: - By trying the ports

    private func tryPorts() throws -> Peer? {
        guard let anywhere else { return nil }
        for waitNs in Self.waitsNs {
            var first = 1
            while first <= 65_535 {
                let last = min(first + socketsAtOnce - 1, 65_535)
                if let port = try look(first...last, anywhere, waitNs) {
                    // At the server's own address if the answers arrive there, else at any address.
                    return try settle(at: bench.target.with(port: port))
                        ?? settle(at: anywhere.with(port: port))
                }
                first = last + 1
            }
        }
        return nil
    }

    private var anywhere: SocketAddress? {
        SocketAddress(
            numericHost: bench.target.family == .ipv4 ? "0.0.0.0" : "::", port: 0)
    }

    private var socketsAtOnce: Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(limit.rlim_max, UInt(Self.socketsAtMost * 2))
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let free = Int(min(limit.rlim_cur, UInt(Self.socketsAtMost * 2))) - Self.descriptorsSpared
        return max(64, min(Self.socketsAtMost, free))
    }

    /// Binds the free ones of these ports, asks, and waits for an answer at one of them.
    private func look(
        _ ports: ClosedRange<Int>, _ anywhere: SocketAddress, _ waitNs: Int64
    ) throws -> UInt16? {
        try bench.checkStop()
        let readiness = try Readiness()
        var held: [Peer] = []
        for port in ports {
            let place = anywhere.with(port: UInt16(port))
            // The port is in use, or not permitted.
            guard let peer = try? bench.peer(at: place) else { continue }
            try readiness.add(peer.descriptor, token: held.count)
            held.append(peer)
        }
        let (_, octets) = bench.question(bytes: 32)
        bench.regular.send(octets, to: bench.target)
        let untilNs = Bench.nowNs() + waitNs
        while Bench.nowNs() < untilNs {
            try bench.checkStop()
            let leftNs = untilNs - Bench.nowNs()
            let count = readiness.wait(timeoutNs: min(leftNs, 20 * Bench.millisecondNs))
            guard count >= 0 else {
                throw SystemFailure(
                    "cannot wait for answers", "(\(Readiness.WaitCall.current))",
                    SystemErrno(rawValue: Int32(-count)))
            }
            for index in 0..<count {
                let peer = held[readiness.token(index)]
                while let letter = peer.take(bench.room) {
                    if bench.text.isIn(letter.octets) { return peer.address.port }
                }
            }
        }
        return nil
    }
}
