import Datagrams
import Reports

/// Trials of many sources at once.
enum SourceTrials {
    /// The trial of questions in flight together comes first: many sources would show a mix-up too.
    static let all = [interleaved, many]

    private static let sources = 1_000
    /// The number of sources that ask at the same time: fewer datagrams than the smallest usual
    /// buffer holds.
    private static let wave = 50
    private static let rounds = 3
    private static let wavesInVain = 2

    static let many = Trial(
        id: "many-sources", title: "Many sources",
        expectation: "1,000 ports ask once each, and each gets its own answer", profile: .strict
    ) { bench in
        let did = "asked from \(Wording.count(sources)) ports, \(wave) at a time"
        if let why = bench.deaf ?? bench.addressFault { return .notApplicable(why) }
        let heldBefore = bench.server.facts()?.descriptors
        var left = sources
        var total = TrialDatagrams()
        var silentWaves = 0
        total.lostInServerBuffer = bench.isSeen ? 0 : nil
        while left > 0, !bench.server.hasEnded {
            let count = min(left, wave)
            left -= count
            let unheard = try askWave(count, bench, &total)
            // Sources without an answer cost a wait each: a few waves are enough.
            silentWaves += unheard == count ? 1 : 0
            let isSeen = total.misdirected >= wave || total.lostElsewhere >= wave
            if silentWaves == wavesInVain || isSeen { break }
        }
        let held = bench.server.facts()?.descriptors
        return try judge(bench, total, kept: (held ?? 0) - (heldBefore ?? held ?? 0), did)
    }

    /// Asks from `count` fresh ports, each until it is answered or was asked three times.
    ///
    /// - Returns: The number of ports that were never answered.
    private static func askWave(
        _ count: Int, _ bench: Bench, _ total: inout TrialDatagrams
    ) throws -> Int {
        var peers = try (0..<count).map { _ in try bench.peer() }
        var inBuffer = 0
        for round in 0..<rounds where !peers.isEmpty && !bench.server.hasEnded {
            let result = try bench.volleyBySource(Volley(count: peers.count), from: peers)
            // A loss in a buffer is independent of the source: it asks again.
            peers = peers.indices.filter { result.sources[$0].received == 0 }.map { peers[$0] }
            inBuffer = min(peers.count, result.datagrams.lostInServerBuffer ?? 0)
            if round == 0 { total.misdirected += result.datagrams.misdirected }
        }
        total.sent += count
        total.answered += count - peers.count
        total.lostInServerBuffer = total.lostInServerBuffer.map { $0 + inBuffer }
        total.lostElsewhere += peers.count - inBuffer
        return peers.count
    }

    /// Judges the trial.
    /// - Parameter kept: The number of descriptors that the server's processes have gained.
    private static func judge(
        _ bench: Bench, _ total: TrialDatagrams, kept: Int, _ did: String
    ) throws -> Outcome {
        let saw =
            "\(Wording.count(total.answered)) of \(Wording.count(total.sent)) sources were "
            + "answered"
        if let damage = try bench.damage() {
            return .fail(
                did, saw: "\(saw); \(damage.text)",
                change: damage.change ?? bench.advice.survive)
        }
        if total.misdirected > 0 {
            if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
            let order = Volley(count: wave * 4, window: wave)
            let peers = try (0..<wave).map { _ in try bench.peer() }
            let result = try bench.volleyBySource(order, from: peers)
            let mixup = try MixupTrial.examine(bench) ?? result.mixup ?? .address
            bench.missesAnyway = MixupTrial.reason(mixup, of: "many-sources")
            return .fail(
                did,
                saw: "\(saw); \(total.misdirected) answers were those to another source's question",
                change: MixupTrial.change(mixup, bench), datagrams: total)
        }
        if kept > sources / 2 {
            return .degraded(
                did,
                saw: "\(saw); it holds \(Wording.count(kept)) descriptors more than before",
                change: "close what was opened for a source, or bound it: a process has 1,024 "
                    + "descriptors by default, and then no source is served", datagrams: total)
        }
        if total.answered == total.sent { return .pass(did, saw: saw, datagrams: total) }
        if total.lostElsewhere == 0 {
            return .degraded(
                did, saw: "\(saw); \(Losses.text(total))",
                change: "\(wave) small datagrams at once are more than its buffer holds: "
                    + bench.bufferAdvice, datagrams: total)
        }
        return .fail(
            did, saw: "\(saw); the others were asked \(rounds) times each",
            change: Advice.serveEvery, datagrams: total)
    }

    // MARK: -

    private static let inTurn = 20
    private static let turns = 10

    static let interleaved = Trial(
        id: "interleaved-sources", title: "Interleaved sources",
        expectation: "20 sources ask in turn, and no answer goes to another one",
        profile: .basic
    ) { bench in
        if bench.ear != nil {
            return .notApplicable("its answers go to a fixed address, whoever asks")
        }
        if let why = bench.addressFault { return .notApplicable(why) }
        let peers = try peers(bench)
        let did = "20 sources asked 10 times each, in turn, with 20 questions on the way"
        let result = try bench.volleyBySource(
            Volley(count: peers.count * turns, window: peers.count), from: peers)
        let datagrams = result.datagrams
        let saw =
            "\(datagrams.answered) of \(datagrams.sent) were answered, "
            + "\(datagrams.misdirected) of the answers came to another source"
        if let damage = try bench.damage() {
            return .fail(
                did, saw: "\(saw); \(damage.text)",
                change: damage.change ?? bench.advice.survive)
        }
        if datagrams.misdirected > 0 {
            let mixup = try MixupTrial.examine(bench) ?? result.mixup ?? .address
            bench.missesAnyway = MixupTrial.reason(mixup, of: "interleaved-sources")
            return .fail(
                did, saw: "\(saw): \(MixupTrial.sight(mixup))",
                change: MixupTrial.change(mixup, bench), datagrams: datagrams)
        }
        let unheard = result.sources.count { $0.received == 0 && $0.asked >= rounds }
        if unheard > 0, datagrams.lostElsewhere > 0 {
            return .fail(
                did,
                saw: "\(unheard) of \(peers.count) sources were never answered, asked \(turns) "
                    + "times each; the regular one is",
                change: EverySource.change(bench), datagrams: datagrams)
        }
        if datagrams.lostElsewhere > 0 {
            if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
            bench.missesAnyway =
                "it leaves datagrams unanswered without any reset (see interleaved-sources)"
            return .degraded(
                did, saw: "\(saw); \(Losses.text(datagrams))",
                change: datagrams.duplicates > 0
                    ? bench.advice.keepPayload
                    : "answer every source, also when questions of several are waiting",
                datagrams: datagrams)
        }
        return .pass(did, saw: saw, datagrams: datagrams)
    }

    /// Returns twenty sources; if some are known to be never answered, twenty that are answered.
    private static func peers(_ bench: Bench) throws -> [Peer] {
        var peers: [Peer] = []
        for _ in 0..<(inTurn * 6) where peers.count < inTurn && !bench.server.hasEnded {
            let peer = try bench.peer()
            if bench.deaf != nil {
                let patienceNs = Bench.secondNs / 4 + bench.slowestNs
                let answer = try bench.askPlainly(
                    from: peer, attempts: 1, patienceNs: patienceNs, mayBeBusy: false)
                guard answer != nil else { continue }
            }
            peers.append(peer)
        }
        return peers.isEmpty ? [bench.regular] : peers
    }
}
