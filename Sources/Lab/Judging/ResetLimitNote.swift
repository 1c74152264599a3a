import Reports

/// Notes on a run with fewer resets than probes that met a closed port, because the kernel on the
/// responder's side limits its ICMP errors: a sender that waits for resets there takes a dead
/// responder for a silent one.
///
/// Linux gives each address a bucket of six errors that gains one in `icmp_ratelimit`
/// (inet_peer_xrlim_allow, icmp(7)); on loopback there is no limit.
struct ResetLimitNote {
    /// The minimum number of missing resets: fewer than a full bucket were not limited.
    private static let burst = 6

    let run: RunReport

    /// The sentences: one, or none.
    var sentences: [String] {
        // Between a relay and its target the resets go to the relay.
        guard run.relay == nil, let limitMs = run.networkDetail?.icmpRatelimit, limitMs > 0 else {
            return []
        }
        let watching = run.streams.filter { $0.isFollowed && $0.resets.seen > 0 }
        let seen = watching.reduce(0) { $0 + $1.resets.seen }
        let metNobody = watching.reduce(0) { $0 + probesThatMetNobody($1) }
        guard seen >= Self.burst, seen < metNobody else { return [] }
        let messages = run.networkDetail?.icmpMsgsPerSec.map { ", icmp_msgs_per_sec \($0)" } ?? ""
        return [
            "resets are rate-limited on network \"\(run.network)\": "
                + "\(UnitText.count(seen)) came back for \(UnitText.count(metNobody)) probes that "
                + "met nobody, because the kernel there sends \(Self.burst) ICMP errors at once "
                + "and then one in \(UnitText.time(ns: limitMs * 1_000_000)) to each address "
                + "(icmp_ratelimit \(limitMs)\(messages)). A dead responder looks like silence: "
                + "go by the times of the outages, or set \"icmp_ratelimit\": \"0ms\" on the "
                + "network"
        ]
    }

    /// Returns the number of probes that met a closed port; if that is unknown, of the outages with
    /// a reset.
    private func probesThatMetNobody(_ stream: StreamReport) -> Int {
        stream.ledger.outage
            ?? stream.resets.outages.filter { $0.detectedNs != nil }.reduce(0) { $0 + $1.probes }
    }
}
