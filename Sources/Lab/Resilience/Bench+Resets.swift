import Datagrams
import Glibc

/// Answers that bounce.
extension Bench {
    /// How often a hit-and-run is tried until the kernel has seen a bounce: a fast server's answer
    /// may come before the port is closed.
    private static let hitsAtMost = 6
    /// From this attempt on the datagrams are forged where that is allowed: on a busy machine the
    /// server may run as soon as it is asked, before the asker can close anything.
    private static let forgedFrom = 3
    /// How long a bounce may take the first time; each further attempt waits longer.
    private static let bounceWithinNs: Int64 = 150 * millisecondNs

    /// Whether an answer of the server's can meet a closed port of the battery's.
    var canBounce: Bool { ear == nil || ear is Peer }

    /// Sends `count` datagrams from a port that closes at once, so that the answers meet a closed
    /// port and ICMP tells the server so.
    ///
    /// - Returns: How many bounces this host's kernel counted; nil where it does not say.
    func hitAndRun(_ count: Int) throws -> Int? {
        for attempt in 1...Self.hitsAtMost {
            let before = UnreachableCounter.sent(target.family)
            let place = ear?.address
            // The answers to nobody in particular bounce when nobody sits where they go.
            ear = nil
            let isForged = try place == nil && attempt >= Self.forgedFrom && forgeHit(count)
            if !isForged { try hit(count, isFromRegular: place != nil) }
            guard let before else { return nil }
            let untilNs = Self.nowNs() + Int64(attempt) * Self.bounceWithinNs
            var bounces = 0
            while bounces < count, Self.nowNs() < untilNs, !server.hasEnded {
                try rest(ns: 2 * Self.millisecondNs)
                bounces = (UnreachableCounter.sent(target.family) ?? before) - before
            }
            // An end may come before the first look.
            bounces = (UnreachableCounter.sent(target.family) ?? before) - before
            if let place { ear = try Peer(toward: target, at: place, largeBuffer: true) }
            if bounces > 0 || server.hasEnded { return bounces }
        }
        return 0
    }

    /// - Returns: Whether they could be sent.
    private func forgeHit(_ count: Int) throws -> Bool {
        guard isLocal, target.family == .ipv4, !target.isUnspecified else { return false }
        let gone = try Peer(toward: target).address
        guard !gone.isUnspecified else { return false }
        for _ in 0..<count {
            do throws(SystemFailure) {
                try ForgedDatagram.send(question(bytes: 32).octets, from: gone, to: target)
            } catch {
                return false
            }
        }
        return true
    }

    private func hit(_ count: Int, isFromRegular: Bool) throws {
        let peer = isFromRegular ? regular : try Peer(toward: target)
        for _ in 0..<count {
            peer.send(question(bytes: 32).octets, to: target)
        }
    }
}
