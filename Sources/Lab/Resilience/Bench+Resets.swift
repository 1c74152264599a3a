import Datagrams
import Glibc

/// Resets of the server's answers.
extension Bench {
    /// The maximum number of attempts until the kernel has counted a reset.
    private static let hitsAtMost = 6
    /// The time limit for a reset at the first attempt; each further attempt waits longer.
    private static let bounceWithinNs: Int64 = 150 * millisecondNs

    /// Whether an answer of the server can meet a closed port of the battery.
    var canBounce: Bool { ear == nil || ear is Peer }

    /// Sends `count` datagrams from a port that closes at once, so that the answers meet a closed
    /// port and the server receives ICMP errors.
    ///
    /// Where permitted, the datagrams are forged from a port that is closed already: a server that
    /// is asked from an open one may answer before the asker can close it, and the kernel's count
    /// of resets has those of other programs too.
    ///
    /// - Returns: The number of resets that this host's kernel counted; nil if it does not report
    ///   them.
    func hitAndRun(_ count: Int) throws -> Int? {
        for attempt in 1...Self.hitsAtMost {
            let before = UnreachableCounter.sent(target.family)
            let place = ear?.address
            // Answers to a fixed address cause resets if no socket is bound there.
            ear = nil
            let isForged = try place == nil && forgeHit(count)
            if !isForged { try hit(count, isFromRegular: place != nil) }
            guard let before else { return nil }
            let untilNs = Self.nowNs() + Int64(attempt) * Self.bounceWithinNs
            var bounces = 0
            while bounces < count, Self.nowNs() < untilNs, !server.hasEnded {
                try rest(ns: 2 * Self.millisecondNs)
                bounces = (UnreachableCounter.sent(target.family) ?? before) - before
            }
            // The server may exit before the first check.
            bounces = (UnreachableCounter.sent(target.family) ?? before) - before
            if let place { ear = try self.peer(at: place, largeBuffer: true) }
            if bounces > 0 || server.hasEnded { return bounces }
        }
        return 0
    }

    /// Forges datagrams from a closed port.
    /// - Returns: Whether they could be sent.
    private func forgeHit(_ count: Int) throws -> Bool {
        guard isLocal, target.family == .ipv4, !target.isUnspecified else { return false }
        let gone = try self.peer().address
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
        let peer = isFromRegular ? regular : try self.peer()
        for _ in 0..<count {
            peer.send(question(bytes: 32).octets, to: target)
        }
    }
}
