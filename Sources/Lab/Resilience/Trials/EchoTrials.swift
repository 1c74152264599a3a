import Datagrams
import Reports

/// Trials whether the server is an echo, and to which sources.
enum EchoTrials {
    static let all = [baseline, replyAddress]

    private static let baselineProbes = 20
    /// The number of plain questions that the server must survive, so that its exit in a later
    /// trial is caused by that trial; fewer for a slow server.
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
        var isExplained = false
        for _ in 0..<baselineProbes {
            let (number, octets) = bench.question(bytes: 32)
            guard let answer = try bench.ask(octets, number: number) else {
                if !isExplained, let outcome = try explainMiss(bench, did) { return outcome }
                isExplained = true
                continue
            }
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
        bench.isEcho = verbatim == baselineProbes
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
            change: bench.advice.answerEach)
    }

    /// The time limit for the answer to a question while no other is asked.
    private static let latestNs = 12 * Bench.secondNs

    /// Checks whether an unanswered question is answered late, or with another one's payload.
    ///
    /// - Returns: nil if it is neither.
    private static func explainMiss(_ bench: Bench, _ did: String) throws -> Outcome? {
        let (number, octets) = bench.question(bytes: 32)
        bench.strays.removeAll()
        let askedNs = Bench.nowNs()
        bench.regular.send(octets, to: bench.target)
        let answer = try bench.awaitAnswer(
            number, octets, at: bench.regular, askedNs: askedNs, patienceNs: latestNs)
        if let answer, answer.tookNs > Bench.patienceNs {
            bench.noEcho = "its answers take longer than any trial waits (see baseline)"
            return .fail(
                did,
                saw:
                    "it answers, but late: an answer took \(UnitText.time(ns: Int(answer.tookNs)))",
                change: "answer within \(UnitText.time(ns: Int(Bench.patienceNs))): who asks has "
                    + "given up by then, and asks again")
        }
        let others = bench.strays.compactMap { bench.text.number($0.octets) }
        guard answer == nil, others.contains(where: { $0 < number }) else { return nil }
        bench.noEcho = "it answers with the payload of another datagram (see baseline)"
        return .fail(
            did, saw: "a question was answered with the payload of an earlier one, and not its own",
            change: bench.advice.keepPayload)
    }

    /// Asks plain questions.
    /// - Returns: The number of questions, and whether the last was answered.
    private static func askOn(_ bench: Bench) throws -> (asked: Int, isAnswered: Bool) {
        let untilNs = Bench.nowNs() + plainNs
        var asked = 0
        while asked < plainQuestions, Bench.nowNs() < untilNs {
            asked += 1
            if try bench.askPlainly(attempts: 1) == nil { return (asked, false) }
        }
        return (asked, true)
    }

    /// Returns the outcome of a server that exits without a cause, whose exit would otherwise be
    /// attributed to the next trial.
    private static func ended(
        _ bench: Bench, _ did: String, _ saw: String
    ) -> Outcome {
        bench.noEcho = "plain questions are enough to end its service (see baseline)"
        return .fail(
            did, saw: saw,
            change: "serve forever: a server has no last datagram; \(bench.advice.survive)")
    }

    /// The number of sources whose answers are checked, and of those tried to find as many.
    private static let sources = 3
    private static let sourcesAtMost = 10

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
                change: bench.advice.replyToSender)
        }
        var found = Replies()
        while found.heard < sources, found.tried < sourcesAtMost {
            let peer = try bench.peer()
            try ask(bench, peer, &found)
            found.refusals += peer.refusals
            if found.heard == 0, found.tried >= sources, isConnected(bench) { break }
        }
        return try judge(bench, found, did)
    }

    private struct Replies {
        var asked = 0
        var answered = 0
        var atRegular = 0
        var refusals = 0
        var wrongSource: SocketAddress?
        var tried = 0
        /// The number of sources with an answer to one of their questions, at any address.
        var heard = 0
        var deaf: Int { tried - heard }
    }

    /// Whether all sockets of the server are connected to a single source.
    private static func isConnected(_ bench: Bench) -> Bool {
        guard let load = bench.load else { return false }
        return load.connected > 0 && load.connected == load.sockets
    }

    /// Asks three questions from one source.
    private static func ask(_ bench: Bench, _ peer: Peer, _ found: inout Replies) throws {
        // Once sources are found without answers, the next ones are asked with a shorter wait.
        var isPatient = found.deaf == 0
        var (answered, atRegular) = (0, 0)
        for _ in 0..<3 {
            let answer = try bench.askPlainly(
                from: peer, attempts: isPatient ? Bench.attempts : 1,
                patienceNs: (isPatient ? Bench.secondNs : Bench.secondNs / 4) + bench.slowestNs)
            isPatient = isPatient && answer != nil
            guard let answer else { continue }
            if answer.place == .regular {
                atRegular += 1
                continue
            }
            answered += 1
            if let source = answer.source, source != bench.target { found.wrongSource = source }
        }
        found.tried += 1
        guard answered + atRegular > 0 else { return }
        found.heard += 1
        found.asked += 3
        found.answered += answered
        found.atRegular += atRegular
    }

    private static func judge(
        _ bench: Bench, _ found: Replies, _ did: String
    ) throws -> Outcome {
        if let damage = try bench.damage() {
            return .fail(did, saw: damage.text, change: damage.change ?? bench.advice.survive)
        }
        if found.atRegular > 0 {
            let why = "its answers go to others than those who asked (see reply-address)"
            bench.missesAnyway = why
            bench.addressFault = why
            return .fail(
                did,
                saw: "\(found.atRegular) of \(found.asked) answers went to "
                    + "\(bench.regular.address), which had "
                    + (found.answered == 0 ? "spoken first" : "asked before"),
                change: found.answered == 0
                    ? bench.advice.replyToSender : bench.advice.keepAddress)
        }
        if found.heard == 0 { return unheard(bench, found, did) }
        if let source = found.wrongSource, !bench.target.isUnspecified {
            return .fail(
                did, saw: "answers come from \(source) and not from \(bench.target)",
                change: "answer from the socket that received: a client that is connected, and "
                    + "every NAT, drops an answer from another address")
        }
        let saw = "\(found.answered) of \(found.asked) answers came to the source that had asked"
        if found.deaf > 0 {
            let deaf = "\(saw); \(found.deaf) more sources were not answered, asked 3 times each"
            return bench.tries(EverySource.trial.id)
                ? .pass(did, saw: "\(deaf) (see every-source)")
                : .fail(did, saw: deaf, change: Advice.serveEvery)
        }
        if found.answered == found.asked { return .pass(did, saw: saw) }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        return .degraded(did, saw: saw, change: bench.advice.answerEach)
    }

    /// Returns the outcome of a server that answers only the regular source.
    private static func unheard(_ bench: Bench, _ found: Replies, _ did: String) -> Outcome {
        bench.addressFault = "no source but the first is answered (see reply-address)"
        let refused = found.refusals > 0 ? ", and their datagrams were refused" : ""
        let saw =
            "only the first source it heard is answered; \(found.tried) others are not\(refused)"
        return .fail(
            did, saw: saw,
            change: isConnected(bench) || found.refusals > 0
                ? bench.advice.noConnect : Advice.serveEvery)
    }
}
