import Datagrams
import Reports

/// Many sources at once.
enum SourceTrials {
    static let all = [many, interleaved]

    private static let sources = 1_000
    /// Sources that ask at the same time: fewer datagrams than the smallest usual buffer holds.
    private static let wave = 50
    private static let rounds = 3
    private static let wavesInVain = 2

    static let many = Trial(
        id: "many-sources", title: "Many sources",
        expectation: "1,000 ports ask once each, and each gets its own answer", profile: .strict
    ) { bench in
        let did = "asked from \(Wording.count(sources)) ports, \(wave) at a time"
        let heldBefore = bench.server.group.flatMap { ServerProcesses.descriptors(group: $0) }
        var left = sources
        var total = TrialDatagrams()
        var silentWaves = 0
        total.lostInServerBuffer = bench.isLocal ? 0 : nil
        while left > 0, !bench.server.hasEnded {
            let count = min(left, wave)
            left -= count
            let peers = try (0..<count).map { _ in try Peer(toward: bench.target) }
            var unanswered = count
            var inBuffer = 0
            for round in 0..<rounds where unanswered > 0 && !bench.server.hasEnded {
                let one = try bench.volley(Volley(count: count), from: peers)
                // Asked again: what was lost in a buffer says nothing about the source.
                unanswered = min(unanswered, count - one.answered)
                inBuffer = min(unanswered, one.lostInServerBuffer ?? 0)
                if round == 0 || unanswered == 0 { total.misdirected += one.misdirected }
            }
            total.sent += count
            total.answered += count - unanswered
            total.lostInServerBuffer = total.lostInServerBuffer.map { $0 + inBuffer }
            total.lostElsewhere += unanswered - inBuffer
            // Sources that nobody answers cost a wait each: a few waves are enough.
            silentWaves += unanswered == count ? 1 : 0
            if silentWaves == wavesInVain || total.misdirected >= wave { break }
        }
        let held = bench.server.group.flatMap { ServerProcesses.descriptors(group: $0) }
        return try judge(bench, total, kept: (held ?? 0) - (heldBefore ?? held ?? 0), did)
    }

    /// - Parameter kept: How many more descriptors the server's processes have than before.
    private static func judge(
        _ bench: Bench, _ total: TrialDatagrams, kept: Int, _ did: String
    ) throws -> Outcome {
        let saw =
            "\(Wording.count(total.answered)) of \(Wording.count(total.sent)) sources were "
            + "answered"
        if let damage = try bench.damage() {
            return .fail(did, saw: "\(saw); \(damage.text)", change: Advice.survive)
        }
        if total.misdirected > 0 {
            bench.missesAnyway = swapped
            return .fail(
                did, saw: "\(saw); \(total.misdirected) answers went to another source",
                change: swapAdvice, datagrams: total)
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
                    + Advice.socketBuffer, datagrams: total)
        }
        return .fail(did, saw: saw, change: serveEvery, datagrams: total)
    }

    private static let serveEvery =
        "serve every source: no connect() to the first one, no table of peers that fills up, no "
        + "limit on sources below the ports of one host"
    private static let swapped =
        "its answers go to others than those who asked (see interleaved-sources)"

    private static let swapAdvice =
        "keep the address with its datagram: recvfrom's address belongs to that datagram alone, "
        + "not in a variable that the next one overwrites"

    // MARK: -

    static let interleaved = Trial(
        id: "interleaved-sources", title: "Interleaved sources",
        expectation: "20 sources ask in turn, and no answer goes to another one",
        profile: .basic
    ) { bench in
        if bench.ear != nil {
            return .notApplicable("its answers go to a fixed address, whoever asks")
        }
        let peers = try (0..<20).map { _ in try Peer(toward: bench.target) }
        let did = "20 sources asked 10 times each, in turn, with 20 questions on the way"
        let datagrams = try bench.volley(Volley(count: 200, window: 20), from: peers)
        let saw =
            "\(datagrams.answered) of \(datagrams.sent) were answered, "
            + "\(datagrams.misdirected) went to another source"
        if let damage = try bench.damage() {
            return .fail(did, saw: "\(saw); \(damage.text)", change: Advice.survive)
        }
        if datagrams.misdirected > 0 {
            bench.missesAnyway = swapped
            return .fail(did, saw: saw, change: swapAdvice, datagrams: datagrams)
        }
        if datagrams.answered == 0 {
            return .fail(did, saw: saw, change: serveEvery, datagrams: datagrams)
        }
        if datagrams.lostElsewhere > 0 {
            bench.missesAnyway =
                bench.missesAnyway
                ?? "it leaves datagrams unanswered without any reset (see interleaved-sources)"
            return .degraded(
                did, saw: "\(saw); \(Losses.text(datagrams))",
                change: "answer every source, also when questions of several are waiting",
                datagrams: datagrams)
        }
        return .pass(did, saw: saw, datagrams: datagrams)
    }
}
