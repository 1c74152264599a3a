import Datagrams
import Reports

/// A check for sources that are never answered.
enum EverySource {
    /// The number of ports. A server whose workers share its port serves each source always by the
    /// same worker. Of four workers one that does not serve is missed if it has none of these:
    /// 0.75^64, once in 99 million runs; one of eight once in 5,000.
    private static let ports = 64
    private static let smallVolleyNs = Bench.millisecondNs
    private static let oneByOneNs = 20 * Bench.millisecondNs
    private static let quietNs = 500 * Bench.millisecondNs
    private static let roundsAtLeast = 3
    private static let roundsAtMost = 24
    /// The maximum probability of reporting a source as never answered if the server only misses
    /// questions at random.
    private static let errorAtMost = 1e-6
    /// The assumed share of missed questions of a server that has missed none.
    private static let missLeast = 0.02

    static let trial = Trial(
        id: "every-source", title: "No source is left out",
        expectation: "each of 64 ports is answered, the first time or one of the next",
        profile: .basic
    ) { bench in
        if let why = bench.addressFault { return .notApplicable(why) }
        let peers =
            try bench.formerSources + (0..<ports).map { _ in try bench.peer() }
        let counts = try ask(bench, peers)
        let unheard = counts.filter { $0.received == 0 }
        let did =
            "asked from \(ports) fresh ports, again from those without an answer: of four workers "
            + "that share a port, one that does not serve is missed once in 99 million runs"
        if let damage = try bench.damage() {
            return .fail(did, saw: damage.text, change: damage.change ?? bench.advice.survive)
        }
        guard let first = unheard.first else {
            let most = counts.map(\.asked).max() ?? 0
            let place = bench.ear.map { ", at \(Wording.place($0))" } ?? ""
            let times = most > 1 ? ", after \(most) questions at most" : ""
            return .pass(
                did, saw: "questions of all \(peers.count) were answered\(place)\(times)")
        }
        bench.deaf = "some sources are never answered (see every-source)"
        let others = peers.count - unheard.count
        let rest = others == 0 ? "the regular one is" : "the other \(others) were"
        return .fail(
            did,
            saw:
                "\(unheard.count) of \(peers.count) sources were never answered, asked \(first.asked) "
                + "times each; \(rest)\(shared(bench))", change: change(bench))
    }

    private static func shared(_ bench: Bench) -> String {
        guard let sockets = bench.freeSockets, sockets > 1 else { return "" }
        return "; \(sockets) sockets share the port"
    }

    static func change(_ bench: Bench) -> String {
        guard let sockets = bench.freeSockets else {
            return "\(Advice.serveEvery); \(Advice.shareEvery)"
        }
        return sockets > 1 ? Advice.shareEvery : Advice.serveEvery
    }

    /// Asks first from all sources together; then from those without an answer one by one, so that
    /// no answer in flight can be mixed up with theirs.
    private static func ask(_ bench: Bench, _ peers: [Peer]) throws -> [VolleyResult.Source] {
        var counts = Array(repeating: VolleyResult.Source(), count: peers.count)
        var open = Array(peers.indices)
        for round in 0..<roundsAtMost where !open.isEmpty && !bench.server.hasEnded {
            let spacingNs = round == 0 ? smallVolleyNs : oneByOneNs + bench.slowestNs
            let order = Volley(
                count: open.count, intervalNs: min(spacingNs, Bench.secondNs), quietNs: quietNs)
            let result = try bench.volleyBySource(order, from: open.map { peers[$0] })
            for (place, source) in zip(open, result.sources) {
                counts[place].asked += source.asked
                counts[place].received += max(source.received, source.answered)
            }
            open = open.filter { counts[$0].received == 0 }
            if round + 1 >= roundsAtLeast, isCertain(counts) { break }
        }
        return counts
    }

    /// Whether the unanswered sources are statistically certain.
    static func isCertain(_ counts: [VolleyResult.Source]) -> Bool {
        let heard = counts.filter { $0.received > 0 }
        guard !heard.isEmpty, heard.count < counts.count else { return true }
        let asked = heard.reduce(0) { $0 + $1.asked }
        let received = heard.reduce(0) { $0 + min($1.received, $1.asked) }
        let miss = max(missLeast, 1 - Double(received) / Double(max(1, asked)))
        let least = counts.filter { $0.received == 0 }.map(\.asked).min() ?? 0
        var chance = Double(counts.count)
        for _ in 0..<least { chance *= miss }
        return chance <= errorAtMost
    }
}
