/// The figures of a stream that a threshold may name, by group, in the order of the report.
package enum FigureCatalog {
    package static let all: [Figure] =
        ledger + figures(["delivered"], .ratio, ["ratio"]) + loss + duplication + reordering
        + ["rtt_ns", "rtt_intended_ns", "one_way_ns", "stack_ns"].flatMap { delays($0, .time) }
        + delays("ipdv_ns", .signedTime) + delays("pdv_ns", .time)
        + [Figure(reportPath: ["rtp_jitter_ns"], dimension: .time)]
        + pacing + throughput + sockets + chat

    /// Returns the figure that a threshold names; every `_ns` of the report may be omitted.
    package static func figure(_ name: String) -> Figure? {
        byName[Self.key(name)]
    }

    private static let byName: [String: Figure] = Dictionary(
        all.map { (key($0.name), $0) }, uniquingKeysWith: { first, _ in first })

    private static func key(_ name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false)
            .map { Figure.withoutUnit(String($0)) }.joined(separator: ".")
    }

    /// The accounts of the ledger for datagrams that were sent and had no answer.
    static let accountsOfLoss: Set<String> = [
        "forward_injected", "forward_corrupt", "responder_overflow", "outage", "forward_lost",
        "backward_injected", "backward_corrupt", "sender_overflow", "beyond_window",
        "backward_lost", "lost_unsplit",
    ]

    private static let ledger = figures(
        ["ledger"], .count,
        [
            "scheduled", "sent", "skipped", "refused", "local_queue", "local_firewall", "too_big",
            "other_error", "forward_injected", "forward_corrupt", "responder_overflow", "outage",
            "forward_lost", "responder_received", "echoed", "echo_failed", "rejected",
            "backward_injected", "backward_corrupt", "sender_overflow", "beyond_window",
            "backward_lost", "lost_unsplit", "received", "in_time", "late",
        ])

    private static let loss =
        figures(
            ["loss"], .count,
            ["count", "late", "never", "periods", "longest_burst", "longer_count"]
        )
        + figures(["loss"], .count, ["gap_min", "gap_max", "noticeable_distance"])
        + figures(["loss"], .number, ["mean_burst", "gap_mean"])
        + figures(["loss"], .ratio, ["ratio", "noticeable_rate", "conditional_probability"])

    private static let duplication =
        figures(["duplication"], .count, ["count"])
        + figures(["duplication"], .ratio, ["fraction", "replicated_rate"])

    private static let reordering =
        figures(["reordering"], .count, ["count"])
        + figures(["reordering"], .ratio, ["ratio"])
        + figures(["reordering", "extent"], .count, ["max", "unknown", "look_back_runs"])
        + figures(["reordering", "extent"], .number, ["mean"])
        + figures(["reordering", "n_reordering"], .ratio, ["n1", "n2", "n3"])
        + figures(["reordering", "n_reordering"], .count, ["max"])
        + delays(["reordering", "late_time_ns"], .time)
        + figures(["reordering", "byte_offset"], .bytes, ["max", "mean"])
        + figures(["reordering", "discontinuities"], .count, ["count", "size_max"])
        + figures(["reordering", "discontinuities"], .number, ["size_mean"])
        + figures(["reordering", "gaps"], .count, ["discontinuities", "count", "min", "max"])
        + figures(["reordering", "gaps"], .number, ["mean"])
        + figures(["reordering", "free_runs"], .count, ["count", "in_order"])
        + figures(["reordering", "free_runs"], .number, ["squares", "mean", "variation"])

    private static let pacing =
        figures(["pacing"], .packetRate, ["intended_pps", "achieved_pps"])
        + figures(["pacing"], .count, ["skipped", "largest_burst"])
        + figures(["pacing", "stalls"], .count, ["count"])
        + figures(["pacing", "stalls"], .time, ["longest_ns", "total_ns"])
        + figures(["pacing", "stalls"], .ratio, ["share"])
        + delays(["pacing", "error_ns"], .signedTime)

    private static let throughput =
        figures(["throughput"], .time, ["measured_ns"])
        + figures(
            ["throughput"], .packetRate, ["sent_pps", "received_pps", "peak_received_pps"])
        + figures(["throughput"], .bitRate, ["sent_bits_per_second", "received_bits_per_second"])

    private static let sockets =
        figures(
            ["rejected"], .count,
            [
                "short", "truncated", "peer", "run_id", "warm_up", "from_future", "impossible",
                "corrupt", "beyond_window",
            ])
        + figures(
            ["resets"], .count,
            [
                "seen", "retried", "refused", "unattributed", "queue_overflow",
                "eaten_by_stale_error", "flows_ended", "times_left_out", "outages_left_out",
            ])
        + figures(["resets"], .count, ["collateral_loss"])
        + figures(["resets", "collateral"], .count, ["flows", "sent", "lost"])
        + figures(["resets", "collateral"], .ratio, ["baseline_ratio"])
        + figures(["resets", "retries"], .count, ["attempted", "succeeded", "given_up"])
        + figures(["resets"], .ratio, ["availability"])
        + figures(
            ["resets"], .time, ["time_to_detect_ns", "time_to_recover_ns", "resolution_ns"])
        + figures(["socket"], .count, ["drops"])

    private static let chat =
        figures(
            ["chat"], .count,
            [
                "members", "members_least", "members_most", "messages", "expected", "fanned_out",
                "failed", "member_overflow", "lost", "delivered", "in_time", "late", "missing",
                "duplicates", "complete", "delivered_least",
            ])
        + delays(["chat", "delivery_ns"], .time)

    private static func delays(_ group: String, _ dimension: Figure.Dimension) -> [Figure] {
        delays([group], dimension)
    }

    /// Returns the members of a distribution of times. The standard deviation is never negative.
    private static func delays(_ group: [String], _ dimension: Figure.Dimension) -> [Figure] {
        figures(group, .count, ["count"])
            + figures(
                group, dimension, ["min", "mean", "p50", "p90", "p99", "p999", "p9999", "max"])
            + figures(group, .time, ["stddev"])
    }

    private static func figures(
        _ group: [String], _ dimension: Figure.Dimension, _ keys: [String]
    ) -> [Figure] {
        keys.map { Figure(reportPath: group + [$0], dimension: dimension) }
    }
}
