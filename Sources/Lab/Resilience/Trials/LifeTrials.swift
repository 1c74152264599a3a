import Datagrams
import Glibc
import Reports

/// Trials of pauses, idleness, a restart, and a long run.
enum LifeTrials {
    static let all = [pause, idle, restart, firstDatagram, soak]

    private static let pauseNs = 500 * Bench.millisecondNs
    private static let pausedQuestions = 10

    static let pause = Trial(
        id: "pause", title: "Pause and resume",
        expectation: "what arrives while it is stopped (SIGSTOP) is answered when it goes on",
        profile: .strict
    ) { bench in
        guard bench.server.signal(SIGSTOP) else {
            return .notApplicable("udplab did not start this server")
        }
        defer { bench.server.signal(SIGCONT) }
        let did =
            "stopped it, sent \(pausedQuestions) questions, resumed it after "
            + "\(pauseNs / Bench.millisecondNs) ms"
        bench.drain()
        let dropsBefore = bench.serverDrops
        var waiting: Set<Int> = []
        for _ in 0..<pausedQuestions {
            let (number, octets) = bench.question(bytes: 32)
            bench.regular.send(octets, to: bench.target)
            waiting.insert(number)
        }
        try bench.rest(ns: pauseNs)
        bench.server.signal(SIGCONT)
        let untilNs = Bench.nowNs() + 2 * Bench.patienceNs
        let listeners = bench.listeners
        while !waiting.isEmpty, Bench.nowNs() < untilNs, !bench.server.hasEnded {
            for listener in listeners {
                while let letter = listener.take(bench.room) {
                    bench.text.number(letter.octets).map { _ = waiting.remove($0) }
                }
            }
            try bench.listen(to: listeners, untilNs: untilNs)
        }
        let saw =
            "\(pausedQuestions - waiting.count) of \(pausedQuestions) were answered "
            + "afterwards"
        if let damage = try bench.damage() {
            return .fail(
                did, saw: "\(saw); \(damage.text)",
                change: "a pause interrupts calls (EINTR, signal(7)): repeat the call")
        }
        if waiting.isEmpty { return .pass(did, saw: saw) }
        if let before = dropsBefore, let now = bench.serverDrops, now - before >= waiting.count {
            return .degraded(
                did, saw: "\(saw); its full receive buffer refused the others",
                change: "\(pausedQuestions) small datagrams are more than its buffer holds: "
                    + bench.bufferAdvice)
        }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        return .degraded(
            did, saw: saw, change: "answer what waits in the buffer, however late it is")
    }

    private static let idleNs = 3 * Bench.secondNs

    static let idle = Trial(
        id: "idle", title: "Idle for a while, then a request",
        expectation: "after three seconds of silence the first question is answered",
        profile: .strict
    ) { bench in
        let did = "was silent for \(idleNs / Bench.secondNs) s, then asked"
        try bench.rest(ns: idleNs)
        let (number, octets) = bench.question(bytes: 32)
        if let answer = try bench.ask(octets, number: number) {
            return .pass(did, saw: "answered after \(UnitText.time(ns: Int(answer.tookNs)))")
        }
        let change = "a receive timeout is no reason to end, and no reason to forget a peer"
        if let damage = try bench.damage() {
            return .fail(did, saw: damage.text, change: change)
        }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        return .fail(did, saw: "the first question was lost, a later one not", change: change)
    }

    static let restart = Trial(
        id: "restart", title: "Restart on the same port",
        expectation: "ended and started again, it serves the same peer on the same port",
        profile: .basic
    ) { bench in
        guard bench.server.isOwn else {
            return .notApplicable("udplab did not start this server")
        }
        let did = "ended it with SIGTERM, started it again at once"
        let startNs = Bench.nowNs()
        let change =
            "leave nothing behind that holds the port: close the socket, and end all children, "
            + "on SIGTERM"
        let (health, firstEnding) = try bench.bringBack()
        switch (health, firstEnding) {
        case (.answers, nil):
            let outage = UnitText.time(ns: Int(Bench.nowNs() - startNs))
            return .pass(did, saw: "it answered again \(outage) after the order to end")
        case (.answers, let why?):
            return .degraded(
                did, saw: "it came back at the second start only; the first: \(why)",
                change: "unless another program had its port for that moment: \(change)")
        case (.not(let why), _):
            return .fail(did, saw: "it did not come back: \(why)", change: change)
        }
    }

    // MARK: - The first datagram

    private static let lateNs = 500 * Bench.millisecondNs

    static let firstDatagram = Trial(
        id: "first-datagram", title: "The first datagram after a start",
        expectation: "the first datagram that meets its open port is answered", profile: .basic
    ) { bench in
        guard bench.server.isOwn else {
            return .notApplicable("udplab did not start this server")
        }
        guard bench.openSockets != nil else {
            return .notApplicable("when its port opens cannot be seen")
        }
        let did = "started it, looked until it had its port, and asked at once, until it answered"
        let (health, _) = try bench.bringBack()
        guard case .answers = health else {
            return .notApplicable("it did not come back (see restart)", did: did)
        }
        guard let first = bench.metOpenPort.first else {
            return .notApplicable("its port was not seen to open", did: did)
        }
        // The health check ends with the first answer to any question.
        let untilNs = Bench.nowNs() + lateNs + 2 * bench.slowestNs
        while !bench.isAnswered(first), Bench.nowNs() < untilNs {
            try bench.collect(until: untilNs)
        }
        if bench.isAnswered(first) {
            return .pass(did, saw: "it was answered")
        }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        if bench.formerSources.contains(where: { $0 === bench.firstAsker }) {
            return .notApplicable(
                "the source that asked first is never answered (see every-source)", did: did)
        }
        return .fail(
            did,
            saw: "the first datagram that met its open port was not answered, and number "
                + "\(bench.metOpenPort.count) after it was",
            change: "from bind on, every datagram is a question: receive none before the loop, "
                + "throw nothing away when it begins, and bind last")
    }

    // MARK: - Soak

    private static let soakPps = 1_000
    private static let soakBytes = 1_024
    private static let sampleEveryNs = 250 * Bench.millisecondNs

    static let soak = Trial(
        id: "soak", title: "Soak with memory watched",
        expectation: "under a steady load it answers, and its memory stays where it is",
        profile: .strict
    ) { bench in
        let seconds = Double(bench.options.soakNs) / Double(Bench.secondNs)
        let order = Volley(
            count: max(1, Int(seconds * Double(soakPps))), bytes: soakBytes,
            intervalNs: Bench.secondNs / Int64(soakPps))
        var watch = MemoryWatch()
        let untilNs = Bench.nowNs() + bench.options.soakNs
        var nextSampleNs = Bench.nowNs()
        let datagrams = try bench.volley(order, from: [bench.regular]) {
            // Without load no growth is visible.
            let now = Bench.nowNs()
            guard now >= nextSampleNs, now < untilNs else { return }
            nextSampleNs = Bench.nowNs() + sampleEveryNs
            watch.sample(bench.server.facts()?.residentBytes)
        }
        let did =
            "asked \(Wording.count(soakPps)) times a second for \(Int(seconds.rounded())) s "
            + "with \(soakBytes) bytes"
        return try judge(bench, datagrams, watch, did)
    }

    private static func judge(
        _ bench: Bench, _ datagrams: TrialDatagrams, _ watch: MemoryWatch, _ did: String
    ) throws -> Outcome {
        let memory =
            watch.text ?? (bench.server.isOwn ? "memory not seen" : "memory not watched: not ours")
        let saw = "\(Losses.answered(datagrams)); \(Losses.text(datagrams)); \(memory)"
        if let damage = try bench.damage() {
            return .fail(
                did, saw: "\(saw); \(damage.text)", change: damage.change ?? bench.advice.survive,
                datagrams: datagrams)
        }
        if let bytes = watch.growthBytes {
            let each = max(1, bytes / max(1, datagrams.answered * 2 / 3))
            return .fail(
                did, saw: saw,
                change: "its memory grows by about \(Wording.bytes(each)) a datagram: keep no "
                    + "list of what came, or bound it", datagrams: datagrams)
        }
        if datagrams.lostElsewhere > 0 {
            if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
            return .degraded(
                did, saw: saw, change: "look for errors of send that are ignored",
                datagrams: datagrams)
        }
        if let lost = datagrams.lostInServerBuffer, lost > 0 {
            return .degraded(did, saw: saw, change: bench.bufferAdvice, datagrams: datagrams)
        }
        return .pass(did, saw: saw, datagrams: datagrams)
    }
}
