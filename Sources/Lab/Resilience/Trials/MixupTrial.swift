import Datagrams

/// Determines which part of an answer belongs to another question, if it arrives at a source that
/// had not asked.
enum MixupTrial {
    private static let questions = 8
    private static let stragglersNs = 100 * Bench.millisecondNs

    /// Asks from two sources in turn, one question at a time: an answer at the other source has the
    /// wrong address; an answer at the asker with another payload has the wrong payload.
    ///
    /// - Returns: nil if no answer is wrong: only questions in flight together are mixed up.
    static func examine(_ bench: Bench) throws -> VolleyResult.Mixup? {
        let peers = try (0..<2).map { _ in try bench.peer() }
        var (addresses, payloads) = (0, 0)
        bench.drain()
        for turn in 0..<questions where !bench.server.hasEnded {
            let (number, octets) = bench.question(bytes: 32)
            peers[turn % 2].send(octets, to: bench.target)
            let untilNs = Bench.nowNs() + stragglersNs + bench.slowestNs
            var isAnswered = false
            while !isAnswered, Bench.nowNs() < untilNs {
                for (index, peer) in peers.enumerated() {
                    while let letter = peer.take(bench.room) {
                        guard let theirs = bench.text.number(letter.octets) else { continue }
                        isAnswered = true
                        if index != turn % 2 { addresses += 1 }
                        if index == turn % 2, theirs != number { payloads += 1 }
                    }
                }
                if !isAnswered { try bench.listen(to: peers, untilNs: untilNs) }
            }
        }
        if addresses == 0, payloads == 0 { return nil }
        return addresses > payloads ? .address : .payload
    }

    static func sight(_ mixup: VolleyResult.Mixup) -> String {
        switch mixup {
        case .address: "they went to another address than they were for"
        case .payload: "the right sources had an answer, with the payload of another's question"
        }
    }

    static func change(_ mixup: VolleyResult.Mixup, _ bench: Bench) -> String {
        switch mixup {
        case .address: bench.advice.keepAddress
        case .payload: bench.advice.keepPayload
        }
    }

    /// Returns the reason why a missing answer does not count in another trial.
    static func reason(_ mixup: VolleyResult.Mixup, of trial: String) -> String {
        switch mixup {
        case .address: "its answers go to others than those who asked (see \(trial))"
        case .payload: "its answers have the payload of another question (see \(trial))"
        }
    }
}
