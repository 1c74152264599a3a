import Glibc
import Reports

/// Trials of errors caused by a datagram's content.
enum ErrorTrials {
    static let all = [rows, garbage, emptyFlood]

    // MARK: - Errors in a row

    private struct Kind {
        let name: String
        let octets: [UInt8]
    }

    private static let kinds = [
        Kind(name: "datagrams that are no UTF-8", octets: [0xff, 0xfe, 0x80]),
        Kind(name: "empty datagrams", octets: []),
        Kind(
            name: "datagrams of 65,507 bytes",
            // Not text either: replacement characters would be three times as many bytes, more than
            // a datagram holds.
            octets: Array(repeating: 0xff, count: 65_507)),
        Kind(name: "single NUL bytes", octets: [0]),
    ]
    /// Row lengths: two, and as many as a handler that is nested a few times survives.
    private static let rowLengths = [2, 5]
    /// The number of errors: more than Python's limit of nested calls, 1,000
    /// (sys.getrecursionlimit): a handler that calls itself nests one level per error.
    private static let errorsInAll = 1_100
    /// The number of errors between two checks of the server; a small receive buffer holds as many.
    private static let errorStep = 50

    static let rows = Trial(
        id: "bad-rows", title: "Bad datagrams in a row",
        expectation: "two and five datagrams in a row that a careless server fails on leave it "
            + "serving, and so do a thousand of them", profile: .basic
    ) { bench in
        let did =
            "sent rows of two and five bad datagrams of \(kinds.count) kinds, without "
            + "anything between, then \(Wording.count(errorsInAll)) of the first kind"
        var restarts = 0
        for kind in kinds {
            for length in rowLengths {
                guard try bench.isReady(&restarts) else {
                    return .fail(
                        did, saw: "it did not come back after \(kind.name)",
                        change: bench.advice.survive)
                }
                try sendRow(kind, length, bench)
                if let damage = try bench.damage() {
                    return try explain(kind, length, damage, bench, did)
                }
            }
        }
        if let outcome = try tryManyErrors(bench, did) { return outcome }
        return .pass(did, saw: "it answered after each of \(kinds.count * rowLengths.count) rows")
    }

    /// Sends many errors.
    /// - Returns: nil while the server answers.
    private static func tryManyErrors(_ bench: Bench, _ did: String) throws -> Outcome? {
        for sent in stride(from: errorStep, through: errorsInAll, by: errorStep) {
            try sendRow(kinds[0], errorStep, bench)
            if let damage = try bench.damage() {
                return .fail(
                    did,
                    saw: "it survives five \(kinds[0].name) in a row, and not "
                        + "\(Wording.count(sent)) with good ones between: \(damage.text)",
                    change: damage.change ?? bench.advice.callsItself)
            }
            bench.drain()
        }
        return nil
    }

    private static func sendRow(_ kind: Kind, _ length: Int, _ bench: Bench) throws {
        for _ in 0..<length { bench.regular.send(kind.octets, to: bench.target) }
    }

    /// Determines whether the row ends the server, or each of its datagrams: a fresh server gets
    /// one, and then one more with valid ones between.
    private static func explain(
        _ kind: Kind, _ length: Int, _ damage: Damage, _ bench: Bench, _ did: String
    ) throws -> Outcome {
        let row = "\(length == 2 ? "two" : "five") \(kind.name) in a row: \(damage.text)"
        if let change = damage.change { return .fail(did, saw: row, change: change) }
        guard bench.server.isOwn else {
            return bench.survivesSingles
                ? .fail(
                    did, saw: "it survived single ones, and not \(row)",
                    change: bench.advice.repeatsStep)
                : .fail(did, saw: row, change: bench.advice.survive)
        }
        var restarts = 0
        guard try bench.isReady(&restarts) else {
            return .fail(did, saw: row, change: bench.advice.survive)
        }
        try sendRow(kind, 1, bench)
        if let single = try bench.damage() {
            return .fail(
                did, saw: "one of the \(kind.name) is enough: \(single.text)",
                change: single.change ?? bench.advice.survive)
        }
        try sendRow(kind, 1, bench)
        if try bench.damage() != nil {
            return .fail(
                did,
                saw: "it survives one of the \(kind.name), and not a second one, even with "
                    + "good ones between: \(damage.text)",
                change: bench.advice.repeatsLoop)
        }
        return .fail(
            did, saw: "it survives one, and not \(row)",
            change: bench.advice.repeatsStep)
    }

    // MARK: - Garbage

    private static let garbageCount = 1_000
    private static let garbageBytesMax = 2_000
    /// The number of datagrams between two checks of the server.
    private static let garbageStep = 50

    static let garbage = Trial(
        id: "garbage", title: "Random garbage",
        expectation: "1,000 seeded datagrams of random length and content leave it serving",
        profile: .strict
    ) { bench in
        let did =
            "sent \(Wording.count(garbageCount)) datagrams of random bytes, 0 to "
            + "\(Wording.bytes(garbageBytesMax)) long (seed \(bench.options.seed))"
        // Garbage is sent from a source of its own: at the regular source a late answer to garbage
        // would be mistaken for that to the next question. Another worker of the server may serve
        // this source, so that it is checked as well.
        let stranger = try bench.peer()
        var sent = 0
        while sent < garbageCount {
            for _ in 0..<garbageStep {
                stranger.send(random(bench), to: bench.target)
                sent += 1
            }
            if let damage = try bench.damage(also: stranger) {
                return .fail(
                    did, saw: "among the first \(Wording.count(sent)): \(damage.text)",
                    change: "take every datagram for hostile: \(bench.advice.survive)")
            }
            while stranger.take(bench.room) != nil {}
        }
        return .pass(did, saw: "it answered after every \(garbageStep) of them")
    }

    private static func random(_ bench: Bench) -> [UInt8] {
        let count = Int.random(in: 0...garbageBytesMax, using: &bench.generator)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &bench.generator) }
    }

    // MARK: - Empty datagrams

    private static let emptyCount = 2_000

    static let emptyFlood = Trial(
        id: "empty-flood", title: "Flood of empty datagrams",
        expectation: "2,000 empty datagrams from another source leave it serving",
        profile: .strict
    ) { bench in
        let did = "sent \(Wording.count(emptyCount)) empty datagrams as fast as they go"
        let flooder = try bench.peer(largeBuffer: true)
        for index in 0..<emptyCount {
            flooder.send([], to: bench.target)
            if index.isMultiple(of: 100) { while flooder.take(bench.room) != nil {} }
        }
        // The flooder stays open until everything is answered: resets are the subject of another
        // trial.
        let damage = try withExtendedLifetime(flooder) { try bench.damage(also: flooder) }
        if let damage {
            return .fail(
                did, saw: damage.text,
                change: "an empty datagram is legal and no end of input: go on with the next")
        }
        return .pass(did, saw: "it answered the regular peer afterwards")
    }
}
