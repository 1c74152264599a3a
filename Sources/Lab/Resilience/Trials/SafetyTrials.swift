import Datagrams
import Reports

/// Trials whether the server can be abused against others, or against itself.
enum SafetyTrials {
    static let all = [amplification, portZero, ownSource]

    // MARK: - Amplification

    private static let sizes = [16, 100, 1_000]
    private static let stragglersNs = 300 * Bench.millisecondNs

    static let amplification = Trial(
        id: "amplification", title: "Never more than it got",
        expectation: "no question is answered with more datagrams or more bytes than it had",
        profile: .basic
    ) { bench in
        let did =
            "asked with \(sizes.map(String.init).joined(separator: ", ")) bytes and "
            + "counted all that came back"
        for bytes in sizes {
            bench.drain()
            let (number, octets) = bench.question(bytes: bytes)
            bench.regular.send(octets, to: bench.target)
            let (datagrams, total) = try collect(bench, number)
            guard datagrams > 1 || total > bytes else { continue }
            return .fail(
                did,
                saw: "one datagram of \(Wording.bytes(bytes)) got "
                    + "\(datagrams == 1 ? "an answer" : "\(datagrams) answers") of "
                    + "\(Wording.bytes(total)) in all",
                change: "answer once, and never with more than was asked: whoever forges a source "
                    + "address turns the surplus against its owner")
        }
        if let damage = try bench.damage() {
            return .fail(did, saw: damage.text, change: damage.change ?? bench.advice.survive)
        }
        return .pass(did, saw: "never more than one answer, never more bytes")
    }

    /// Collects datagrams until none has arrived for a while, except answers to other questions.
    private static func collect(
        _ bench: Bench, _ number: Int
    ) throws -> (datagrams: Int, bytes: Int) {
        let listeners = bench.listeners
        var count = 0
        var total = 0
        var quietUntilNs = Bench.nowNs() + stragglersNs
        let limitNs = Bench.nowNs() + 3 * Bench.secondNs
        while Bench.nowNs() < min(quietUntilNs, limitNs), !bench.server.hasEnded {
            for listener in listeners {
                while let letter = listener.take(bench.room) {
                    if let other = bench.text.number(letter.octets), other != number { continue }
                    count += 1
                    total += letter.octets.count
                    quietUntilNs = Bench.nowNs() + stragglersNs
                }
            }
            try bench.listen(to: listeners, untilNs: quietUntilNs)
        }
        return (count, total)
    }

    // MARK: - No port to answer

    private static let portlessCount = 3

    static let portZero = Trial(
        id: "port-zero", title: "Source port 0",
        expectation: "datagrams with the source port 0, which nothing can be sent to, leave it "
            + "serving", profile: .strict
    ) { bench in
        guard bench.isLocal, bench.target.family == .ipv4, !bench.target.isUnspecified else {
            return .notApplicable("sources are forged over IPv4 on this host only")
        }
        let did = "sent one datagram with the source port 0, then \(portlessCount) in a row"
        for count in [1, portlessCount] {
            do throws(SystemFailure) {
                for _ in 0..<count {
                    let (_, octets) = bench.question(bytes: 64)
                    try ForgedDatagram.send(
                        octets, from: bench.target.with(port: 0), to: bench.target)
                }
            } catch {
                return .notApplicable("\(error)")
            }
            guard let damage = try bench.damage() else { continue }
            let what = count == 1 ? "one was enough" : "it survived one, and not \(count) in a row"
            return .fail(
                did, saw: "\(what): \(damage.text)",
                change: count == 1
                    ? bench.advice.portZero
                    : "\(bench.advice.portZero); \(bench.advice.repeatsStep)")
        }
        return .pass(did, saw: "it answered the regular peer after each")
    }

    // MARK: - Its own address

    private static let forgedCount = 20
    private static let looks = 20

    static let ownSource = Trial(
        id: "own-source", title: "Its own address as source",
        expectation: "a datagram that claims to come from the server itself starts no endless "
            + "conversation with itself", profile: .strict
    ) { bench in
        guard bench.server.isOwn else {
            return .notApplicable("a loop could not be ended: udplab did not start this server")
        }
        guard bench.isLocal, bench.target.family == .ipv4 else {
            return .notApplicable("sources are forged over IPv4 on this host only")
        }
        let idleBytes = try (0..<3).map { _ in
            try bench.rest(ns: 10 * Bench.millisecondNs)
            return bench.backlogBytes
        }.min()
        do throws(SystemFailure) {
            for _ in 0..<forgedCount {
                let (_, octets) = bench.question(bytes: 64)
                try ForgedDatagram.send(octets, from: bench.target, to: bench.target)
            }
        } catch {
            return .notApplicable("\(error)")
        }
        let did = "sent \(forgedCount) datagrams with the server's own address as their source"
        return try judge(bench, did, idleBytes: idleBytes ?? 0)
    }

    /// Judges a possible loop: datagrams that circulate are in the server's buffer at nearly every
    /// check while it is running; datagrams that just stay wait for a worker that does not serve.
    private static func judge(
        _ bench: Bench, _ did: String, idleBytes: Int
    ) throws -> Outcome {
        try bench.rest(ns: 300 * Bench.millisecondNs)
        var busy = 0
        var waiting: Set<Int> = []
        for _ in 0..<looks {
            let bytes = bench.backlogBytes
            if bytes > idleBytes { busy += 1 }
            waiting.insert(bytes)
            try bench.rest(ns: 10 * Bench.millisecondNs)
        }
        let isRunning = bench.server.facts()?.isRunnable ?? false
        let isLooping = busy > looks / 2 && (waiting.count > 1 || isRunning)
        let damage = try bench.damage()
        if isLooping {
            // Only the server's exit ends the loop; the battery restarts it.
            bench.needsRestart = true
            return .degraded(
                did,
                saw: "it answers itself without end"
                    + (damage.map { "; \($0.text)" } ?? ", beside its other peers"),
                change: "drop datagrams whose source is your own address, and source ports below "
                    + "1024: two echo servers can be set against each other the same way")
        }
        if let damage {
            return .fail(did, saw: damage.text, change: damage.change ?? bench.advice.survive)
        }
        return .pass(did, saw: "it fell silent, and answers the regular peer")
    }
}
