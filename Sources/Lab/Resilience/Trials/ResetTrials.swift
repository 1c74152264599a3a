import Datagrams
import Reports

/// Trials of resets: the ICMP port unreachable from a peer that has gone.
enum ResetTrials {
    static let all = [one, two, storm, peerGone]

    static let one = Trial(
        id: "reset-one", title: "A reset by one hit-and-run",
        expectation: "a source that is gone when its answer comes costs nobody else anything",
        profile: .basic, degradedFailsStrict: true
    ) { bench in try reset(bench, 1) }

    static let two = Trial(
        id: "reset-two", title: "Two resets in a row",
        expectation: "two answers that bounce one after the other leave it serving",
        profile: .basic, degradedFailsStrict: true
    ) { bench in
        var outcome = try reset(bench, 2)
        guard outcome.verdict == .pass, try forgeResets(bench) else { return outcome }
        outcome.did +=
            "; then sent \(forgedResets) ICMP messages that say that an answer met a closed port, "
            + "with no datagram between"
        guard let damage = try bench.damage() else { return outcome }
        return .fail(
            outcome.did, saw: "it survives one reset, and not two in a row: \(damage.text)",
            change: "\(bench.advice.reset); \(bench.advice.repeatsStep)")
    }

    /// The number of resets in a row, more than a nested handler survives.
    private static let forgedResets = 6
    private static let forgedEveryNs = 20 * Bench.millisecondNs

    /// Forges resets. On this host the kernel generates the ICMP message within the call that
    /// answers, so that failing and successful calls alternate. Over a network two resets can
    /// arrive in a row without a datagram between: that needs forged ones here.
    ///
    /// - Returns: Whether the resets could be sent: over IPv4 on this host, as root.
    private static func forgeResets(_ bench: Bench) throws -> Bool {
        guard bench.isLocal, bench.target.family == .ipv4, !bench.target.isUnspecified else {
            return false
        }
        let gone = try bench.peer().address
        let server = bench.target
        for _ in 0..<forgedResets {
            do throws(SystemFailure) {
                try ForgedDatagram.sendUnreachable(aboutDatagramOf: server, to: gone)
            } catch {
                return false
            }
            try bench.rest(ns: forgedEveryNs)
        }
        return true
    }

    /// The number of rounds. The kernel's count of resets is that of the whole host, and another
    /// program's may be taken for the server's: several rounds exclude that.
    private static let rounds = 5

    private static func reset(_ bench: Bench, _ count: Int) throws -> Outcome {
        var outcome = try resetOnce(bench, count)
        for _ in 1..<rounds where outcome.verdict == .pass {
            let next = try resetOnce(bench, count)
            // A round without resets does not change the result of the others.
            if next.verdict != .notApplicable { outcome = next }
        }
        if outcome.verdict == .pass { bench.resetsSurvived = max(bench.resetsSurvived, count) }
        return outcome
    }

    private static func resetOnce(_ bench: Bench, _ count: Int) throws -> Outcome {
        let did =
            (count == 1 ? "one datagram" : "two datagrams in a row")
            + " from a port that closed at once, so that the answer bounced"
        guard bench.canBounce else {
            return .notApplicable("its answers go where udplab can close no port: none bounces")
        }
        guard let bounces = try bench.hitAndRun(count) else {
            return try judge(bench, count, did, "the bounces cannot be counted here")
        }
        if bounces == 0, !bench.server.hasEnded {
            if let damage = try bench.damage() {
                return .fail(did, saw: damage.text, change: damage.change ?? bench.advice.reset)
            }
            return .notApplicable(
                "no answer bounced in several attempts: it does not answer a source that it has not "
                    + "heard before, or not at once, or sooner than the port could be closed",
                did: did)
        }
        if bounces == 0, let ending = bench.server.ending() {
            return .fail(did, saw: "no answer bounced, and \(ending)", change: bench.advice.survive)
        }
        return try judge(bench, count, did, "\(bounces) bounced")
    }

    private static func judge(
        _ bench: Bench, _ count: Int, _ did: String, _ bounces: String
    ) throws -> Outcome {
        // The next question: the reset may fail the call that receives or answers it.
        let (number, octets) = bench.question(bytes: 32)
        if try bench.ask(octets, number: number, patienceNs: 2 * Bench.patienceNs) != nil {
            return .pass(did, saw: "\(bounces), and the next question was answered")
        }
        if let damage = try bench.damage() {
            let row = count == 1 ? "a reset" : "two resets in a row"
            return .fail(
                did, saw: "\(bounces); after \(row) \(damage.text)",
                change: count > 1 && bench.resetsSurvived == 1
                    ? "\(bench.advice.reset); \(bench.advice.repeatsStep)" : bench.advice.reset)
        }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        return .degraded(
            did, saw: "\(bounces); the next question of another peer was lost, a later one not",
            change: "the reset of one peer cost another its answer: after ECONNREFUSED of a send, "
                + "send again; of a receive, receive again")
    }

    // MARK: - Storm

    private static let healthyPps = 100
    private static let hitsPerSecond = 200

    static let storm = Trial(
        id: "reset-storm", title: "A reset storm beside a healthy peer",
        expectation: "hit-and-runs at 200 a second cost a healthy peer at 100 a second nothing",
        profile: .strict, degradedFailsStrict: true
    ) { bench in
        let seconds = Double(bench.options.stormNs) / Double(Bench.secondNs)
        let order = Volley(
            count: max(1, Int(seconds * Double(healthyPps))), bytes: 64,
            intervalNs: Bench.secondNs / Int64(healthyPps))
        let place = bench.ear?.address
        if let place {
            return .notApplicable(
                "its answers go to \(place), whoever asks: none of them bounces while the "
                    + "healthy peer listens there")
        }
        var hits = 0
        let startNs = Bench.nowNs()
        let before = UnreachableCounter.sent(bench.target.family)
        let datagrams = try bench.volley(order, from: [bench.regular]) {
            let due = Int((Bench.nowNs() - startNs) * Int64(hitsPerSecond) / Bench.secondNs)
            guard hits < due, Bench.nowNs() - startNs < bench.options.stormNs else { return }
            hits += 1
            let peer = try bench.peer()
            peer.send(bench.question(bytes: 32).octets, to: bench.target)
        }
        let bounces = before.flatMap { before in
            UnreachableCounter.sent(bench.target.family).map { $0 - before }
        }
        let did =
            "\(Wording.count(hits)) hit-and-runs within \(Int(seconds.rounded())) s beside "
            + "a peer that asked \(healthyPps) times a second"
        let bounced = bounces.map { "\(Wording.count($0)) answers bounced; " } ?? ""
        return try judgeStorm(bench, datagrams, did, bounced)
    }

    private static func judgeStorm(
        _ bench: Bench, _ datagrams: TrialDatagrams, _ did: String, _ bounced: String
    ) throws -> Outcome {
        let saw =
            "\(bounced)of the healthy peer's questions "
            + "\(Losses.answered(datagrams)); \(Losses.text(datagrams))"
        if let damage = try bench.damage() {
            return .fail(
                did, saw: "\(saw); \(damage.text)",
                change: bench.resetsSurvived == 1
                    ? "\(bench.advice.reset); \(bench.advice.repeatsStep)" : bench.advice.reset,
                datagrams: datagrams)
        }
        if datagrams.lostElsewhere > 0 {
            if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
            return .degraded(
                did, saw: saw,
                change: "resets cost a healthy peer its datagrams: after ECONNREFUSED of a send, "
                    + "send again; of a receive, receive again", datagrams: datagrams)
        }
        if let bytes = try unreadErrors(bench) {
            var outcome = Outcome.degraded(
                did,
                saw: "\(saw); \(Wording.bytes(bytes)) stay in its receive buffer, and nothing "
                    + "waits there: errors that it never reads",
                change: "with IP_RECVERR on, read the error queue too (recvmsg with MSG_ERRQUEUE): "
                    + "what is never read fills the receive buffer for good",
                datagrams: datagrams)
            outcome.isTolerated = true
            bench.bufferAdviceFound = "empty it of the errors that are never read (see reset-storm)"
            return outcome
        }
        return .pass(did, saw: saw, datagrams: datagrams)
    }

    private static let looks = 10
    private static let lookEveryNs = 30 * Bench.millisecondNs

    /// Returns the space that the server's receive buffer uses while the server answers one
    /// question at a time: entries of the error queue (sock_queue_err_skb, net/core/skbuff.c).
    private static func unreadErrors(_ bench: Bench) throws -> Int? {
        // Datagrams that wait for a worker that does not serve are not errors.
        guard bench.server.isOwn, bench.deaf == nil else { return nil }
        var least = Int.max
        for _ in 0..<looks {
            guard try bench.askPlainly() != nil else { return nil }
            try bench.rest(ns: lookEveryNs)
            least = min(least, bench.backlogBytes)
        }
        return least > 0 ? least : nil
    }

    // MARK: - A conversation

    static let peerGone = Trial(
        id: "peer-gone", title: "A peer gone in mid-conversation",
        expectation: "of two peers in conversation one leaves with a question open, and the "
            + "other goes on", profile: .basic, degradedFailsStrict: true
    ) { bench in
        let did =
            "two peers asked ten times in turn; one asked once more and left; the other "
            + "asked 20 times"
        try leave(bench)
        var answered = 0
        var isSilent = false
        for _ in 0..<20 where !bench.server.hasEnded {
            let (number, octets) = bench.question(bytes: 32)
            // A server that no longer answers gets one long wait and no second in a row.
            let patienceNs = isSilent ? Bench.secondNs / 2 : 2 * Bench.patienceNs
            isSilent = try bench.ask(octets, number: number, patienceNs: patienceNs) == nil
            if !isSilent { answered += 1 }
        }
        let saw = "\(answered) of 20 questions of the one that stayed were answered"
        if let damage = try bench.damage() {
            return .fail(
                did, saw: "\(saw); \(damage.text)", change: damage.change ?? bench.advice.reset)
        }
        if answered == 20 { return .pass(did, saw: saw) }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        return .degraded(
            did, saw: saw,
            change: "a peer that leaves must cost the others nothing: after ECONNREFUSED, repeat "
                + "the call that had it")
    }

    private static func leave(_ bench: Bench) throws {
        let leaver = try bench.peer()
        for _ in 0..<10 {
            _ = try bench.askPlainly(from: leaver, attempts: 1, patienceNs: Bench.secondNs / 4)
            _ = try bench.askPlainly(attempts: 1, patienceNs: Bench.secondNs / 4)
        }
        leaver.send(bench.question(bytes: 32).octets, to: bench.target)
    }
}
