import Datagrams
import Reports

/// Whether the server is an echo at all, and to whom.
enum EchoTrials {
    static let all = [baseline, replyAddress]

    private static let baselineProbes = 20
    /// Plain questions that end no server, so that what a later trial's ends is its own; fewer of
    /// a slow server.
    private static let plainQuestions = 1_000
    private static let plainNs = 2 * Bench.secondNs

    static let baseline = Trial(
        id: "baseline", title: "Baseline echo",
        expectation: "every probe comes back verbatim (RFC 862), and it serves on",
        profile: .basic
    ) { bench in
        let did =
            "asked \(baselineProbes) texts of 32 bytes, one after the other, then up to "
            + "\(Wording.count(plainQuestions)) more"
        var verbatim = 0
        var altered: [UInt8]?
        for _ in 0..<baselineProbes {
            let (number, octets) = bench.question(bytes: 32)
            guard let answer = try bench.ask(octets, number: number) else { continue }
            bench.slowestNs = max(bench.slowestNs, answer.tookNs)
            if answer.octets == octets { verbatim += 1 } else { altered = answer.octets }
        }
        let score =
            "\(verbatim) of \(baselineProbes) probes were answered verbatim, the slowest after "
            + UnitText.time(ns: Int(bench.slowestNs))
        if let damage = try bench.damage() {
            return ended(bench, did, "\(score); \(damage.text)")
        }
        if let altered {
            if verbatim == 0 { bench.noEcho = "it answers something else than it was asked" }
            let what = verbatim == 0 ? "it is no echo server: " : ""
            return .fail(
                did, saw: "\(what)\(score); another answer was \(Wording.quoted(altered))",
                change: "an echo returns the payload as it came, with nothing added or changed")
        }
        let (asked, isAnswered) = try askOn(bench)
        let count = Wording.count(asked + baselineProbes)
        if !isAnswered, let damage = try bench.damage() {
            return ended(bench, did, "after \(count) plain questions \(damage.text)")
        }
        if verbatim == baselineProbes, isAnswered { return .pass(did, saw: score) }
        bench.missesAnyway = "it leaves questions unanswered without any reset (see baseline)"
        let saw = verbatim < baselineProbes ? score : "number \(count) was not answered"
        return .fail(
            did, saw: saw,
            change: "answer every datagram: one recvfrom, one sendto, and back to recvfrom")
    }

    /// - Returns: How many were asked, and whether the last was answered as all before it.
    private static func askOn(_ bench: Bench) throws -> (asked: Int, isAnswered: Bool) {
        let untilNs = Bench.nowNs() + plainNs
        var asked = 0
        while asked < plainQuestions, Bench.nowNs() < untilNs {
            asked += 1
            if try bench.askPlainly(attempts: 1) == nil { return (asked, false) }
        }
        return (asked, true)
    }

    /// Whoever ends without a cause would be said to end of whatever is tried next.
    private static func ended(
        _ bench: Bench, _ did: String, _ saw: String
    ) -> Outcome {
        bench.noEcho = "plain questions are enough to end its service (see baseline)"
        return .fail(
            did, saw: saw,
            change: "serve for ever: a server has no last datagram; \(Advice.survive)")
    }

    static let replyAddress = Trial(
        id: "reply-address", title: "Replies go to the sender",
        expectation: "each of three sources gets its own answers, from the address it asked",
        profile: .basic
    ) { bench in
        let did = "asked from three fresh ports, three times each"
        if let ear = bench.ear {
            let place =
                bench.isElsewhere
                ? "; tried in a network in which that address is this host's" : ""
            return .fail(
                did, saw: "its answers go to \(Wording.place(ear)), whoever asks\(place)",
                change: Advice.replyToSender)
        }
        var found = Replies()
        for _ in 0..<3 {
            let peer = try Peer(toward: bench.target)
            for _ in 0..<3 { try ask(bench, peer, &found) }
            found.refusals += peer.refusals
        }
        return try judge(bench, found, did)
    }

    private struct Replies {
        var answered = 0
        var atRegular = 0
        var silent = 0
        var refusals = 0
        var wrongSource: SocketAddress?
    }

    private static func ask(_ bench: Bench, _ peer: Peer, _ found: inout Replies) throws {
        // Once it is seen that sources are not answered, the next ones are asked less patiently.
        let isPatient = found.silent == 0
        guard
            let answer = try bench.askPlainly(
                from: peer, attempts: isPatient ? Bench.attempts : 1,
                patienceNs: isPatient ? Bench.secondNs : Bench.secondNs / 4)
        else {
            found.silent += 1
            return
        }
        if answer.place == .regular {
            found.atRegular += 1
            return
        }
        found.answered += 1
        if let source = answer.source, source != bench.target { found.wrongSource = source }
    }

    private static func judge(
        _ bench: Bench, _ found: Replies, _ did: String
    ) throws -> Outcome {
        if let damage = try bench.damage() {
            return .fail(did, saw: damage.text, change: Advice.survive)
        }
        if found.atRegular > 0 {
            bench.missesAnyway = "its answers go to others than those who asked (see reply-address)"
            return .fail(
                did,
                saw: "\(found.atRegular) of 9 answers went to \(bench.regular.address), which had "
                    + (found.answered == 0 ? "spoken first" : "asked before"),
                change: Advice.replyToSender)
        }
        if found.answered == 0 {
            let refused = found.refusals > 0 ? ", and their datagrams were refused" : ""
            return .fail(
                did, saw: "only the first source it heard is answered; others are not\(refused)",
                change: "do not connect() the server's socket to its first peer: it then takes "
                    + "datagrams from no other; use sendto with the address that recvfrom gave")
        }
        if let source = found.wrongSource, !bench.target.isUnspecified {
            return .fail(
                did, saw: "answers come from \(source) and not from \(bench.target)",
                change: "answer from the socket that received: a client that is connected, and "
                    + "every NAT, drops an answer from another address")
        }
        let saw = "\(found.answered) of 9 answers came to the source that had asked"
        if found.answered == 9 { return .pass(did, saw: saw) }
        return .fail(did, saw: saw, change: Advice.replyToSender)
    }
}
