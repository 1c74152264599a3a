import Datagrams
import Glibc

/// Finds the port of this host at which the answers of a server arrive that does not answer the
/// sender: takes the free ports in turn, asks, and looks where something comes.
///
/// No privilege is needed, except for the ports below 1024. What another program has bound, and
/// addresses of other hosts, stay hidden.
struct EarSearch {
    /// Sockets that are held at once; fewer where the limit on open files says so.
    private static let socketsAtMost = 8_000
    private static let descriptorsSpared = 200
    /// How long answers may take, in the first round and in the second.
    private static let waitsNs: [Int64] = [150, 800].map { $0 * Bench.millisecondNs }

    let bench: Bench

    /// - Returns: A peer at that port.
    func find() throws -> Peer? {
        guard bench.isLocal, let anywhere = anywhere else { return nil }
        for waitNs in Self.waitsNs {
            var first = 1
            while first <= 65_535 {
                let last = min(first + socketsAtOnce - 1, 65_535)
                if let port = try look(first...last, anywhere, waitNs) { return try settle(port) }
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

    /// Holds what is free of these ports, asks, and waits for an answer at one of them.
    private func look(
        _ ports: ClosedRange<Int>, _ anywhere: SocketAddress, _ waitNs: Int64
    ) throws -> UInt16? {
        try bench.checkStop()
        let readiness = try Readiness()
        var held: [Peer] = []
        for port in ports {
            let place = anywhere.with(port: UInt16(port))
            // In use, or not allowed: somebody else's.
            guard let peer = try? Peer(toward: bench.target, at: place) else { continue }
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
            for index in 0..<count {
                let peer = held[readiness.token(index)]
                while let letter = peer.take(bench.room) {
                    if bench.text.number(letter.octets) != nil { return peer.address.port }
                }
            }
        }
        return nil
    }

    /// Sits at the port: at the server's own address if the answers come there, else at all.
    private func settle(_ port: UInt16) throws -> Peer? {
        let places = [bench.target, anywhere].compactMap { $0?.with(port: port) }
        for place in places {
            guard let peer = try? Peer(toward: bench.target, at: place, largeBuffer: true) else {
                continue
            }
            bench.ear = peer
            let answer = try bench.askPlainly()
            bench.ear = nil
            if answer?.place == .ear { return peer }
        }
        return nil
    }
}
