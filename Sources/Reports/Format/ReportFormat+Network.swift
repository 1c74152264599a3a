extension ReportFormat {
    static let network = ReportObject(
        "network", "A network that was made for the run.",
        [
            .text("kind", "`namespace`."),
            .text(
                "made_as", "`root`, or `user_namespace` for an ordinary user.",
                "user_namespaces(7)"),
            .integer("mtu_bytes", .bytes, "The largest IP packet on the way."),
            .integer(
                "icmp_ratelimit", .milliseconds,
                "The least time between two ICMP errors of the responder's side to one address; "
                    + "0 for no limit.", "icmp(7)"
            ).null("not readable"),
            .count("icmp_msgs_per_sec", "ICMP errors a second, to all addresses.", "icmp(7)")
                .null("not readable"),
            .object("forward", networkWay, "What probes met."),
            .object("backward", networkWay, "What answers met."),
        ])

    static let networkWay = ReportObject(
        "network_way", "One direction of a network.",
        [
            .integer("rate_bits_per_second", .bitsPerSecond, "The bottleneck's rate.")
                .null("there is no bottleneck"),
            .integer("queue_bytes", .bytes, "What waits before it.")
                .null("there is no bottleneck"),
            .text("rate_by", "What makes the bottleneck: `tbf`.", "tc-tbf(8)")
                .null("there is no bottleneck"),
            .measure("loss_ratio", .ratio, "The share that is dropped at random.")
                .null("nothing is"),
            .text("loss_by", "What drops it, not seeded: `nftables`.", "nft(8)")
                .null("nothing is"),
            .integer("delay_ns", .nanoseconds, "Added to every datagram by netem.").null(
                "nothing is"),
            .integer("jitter_ns", .nanoseconds, "By how much that varies up and down.")
                .null("it does not"),
            .measure("duplicate_ratio", .ratio, "The share that arrives twice.").null("none does"),
            .text(
                "delay_by",
                "What delays, reorders, duplicates: `netem`, or the `relay`, which says what.",
                "tc-netem(8)"
            ).null("nothing does"),
            .count("entered", "Datagrams that came into the network, warm-up included.")
                .null("not counted"),
            .count("lost", "Datagrams that the loss rule dropped, by its own counter.")
                .null("not counted"),
            .count("queue_drops", "Packets that the queue refused.", "tc(8)").null("not counted"),
        ])
}
