/// Words of other tools and of everyday speech for the words of udplab: what somebody who writes
/// "latency" looks for. A suggestion is made only where one of these words can stand.
package enum Synonyms {
    /// The words of udplab by another word, the most probable first: keys of a plan and of a
    /// report, and whole figures.
    private static let words: [String: [String]] = [
        "latency": ["delay", "rtt_ns", "rtt", "rtt.p50"],
        "ping": ["rtt_ns", "rtt", "rtt.p50"],
        "rtt": ["rtt.p50"],
        "jitter": ["rtp_jitter_ns", "rtp_jitter", "pdv.p99"],
        "bandwidth": ["rate", "throughput.received_bits_per_second"],
        "bitrate": ["rate", "throughput.received_bits_per_second"],
        "speed": ["rate", "throughput.received_pps"],
        "pps": ["rate", "throughput.received_pps"],
        "throughput": ["throughput.received_pps"],
        "host": ["address"],
        "hosts": ["address"],
        "ip": ["address"],
        "port": ["address"],
        "target": ["address", "to"],
        "url": ["address", "to"],
        "time": ["duration"],
        "version": ["plan"],
        "size": ["payload", "payload_bytes"],
        "length": ["payload", "payload_bytes"],
        "packet_size": ["payload", "payload_bytes"],
        "bytes": ["payload", "payload_bytes"],
        "packets": ["count", "ledger.sent"],
        "server": ["responder", "command"],
        "servers": ["responders"],
        "client": ["senders"],
        "clients": ["senders", "flows"],
        "connections": ["flows"],
        "users": ["flows"],
        "vus": ["flows"],
        "parallel": ["flows"],
        "avg": ["mean", "rtt.mean"],
        "average": ["mean", "rtt.mean"],
        "median": ["p50", "rtt.p50"],
        "p50": ["rtt.p50"],
        "p95": ["rtt.p95"],
        "p99": ["rtt.p99"],
        "stdev": ["stddev"],
        "packet_loss": ["loss", "loss.ratio"],
        "loss": ["loss.ratio"],
        "lost": ["loss.count"],
        "received": ["ledger.received"],
        "sent": ["ledger.sent"],
        "duplicates": ["duplicate", "duplication.count"],
        "reorder": ["reordering.ratio"],
        "reordered": ["reordering.count"],
    ]
    /// The most ways to put words of udplab in place of those of a name with dots.
    private static let waysMax = 64

    /// The words without the marks inside them: `packetSize` and `packet-size` are `packet_size`.
    private static let plainWords = Dictionary(
        words.map { (plain($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })

    /// The words that have a word of udplab.
    package static let all = words.keys.sorted()

    private static func plain(_ word: String) -> String {
        word.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    private static func of(_ word: String) -> [String] { plainWords[plain(word)] ?? [] }

    /// Returns the names that have words of udplab in the place of a name's: `rtt.mean` for
    /// `latency.avg`; none for a name without such words.
    package static func names(for name: String) -> [String] {
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count > 1 else { return of(name) }
        var ways = [""]
        for part in parts {
            let choices = [part] + of(part)
            ways = ways.flatMap { way in
                choices.map { way.isEmpty ? $0 : "\(way).\($0)" }
            }
            guard ways.count <= waysMax else { return [] }
        }
        return Array(ways.dropFirst())
    }

    /// Returns the candidate that a name, perhaps misspelt, stands for.
    static func match(_ name: String, among candidates: Set<String>) -> String? {
        if let exact = names(for: name).first(where: candidates.contains) { return exact }
        guard let near = NearestMatch.nearest(name, among: all) else { return nil }
        return names(for: near).first(where: candidates.contains)
    }
}
