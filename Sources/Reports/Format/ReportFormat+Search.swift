extension ReportFormat {
    static let search = ReportObject(
        "search",
        "The search for its highest rate. The stream's other figures are those of the last trial, at "
            + "the rate found.",
        [
            .word(
                "kind", SearchReport.Kind.self,
                "`zero-loss`: without loss, or with at most the plan's share; `threshold`: the "
                    + "thresholds hold; `rfc9097`: the maximum of the seconds of a load that was "
                    + "adjusted while it was sent.", "RFC 2544 §26.1, RFC 9097"),
            .word(
                "limit", SearchReport.Limit.self,
                "What ended it. `path`: a rate just above does not hold; `plan`: the highest rate "
                    + "of the plan holds; `host`: this host could do no more, and the path may; "
                    + "`budget`: its trials or its time; `none`: even the lowest rate does not "
                    + "hold; `broken`: a trial could not be judged."),
            .measure(
                "rate_pps", .packetsPerSecond,
                "The rate found, all flows together, as it was sent in the last trial that held; by "
                    + "`rfc9097` as it arrived in the best second."
            ).null(noRate),
            .measure(
                "payload_bits_per_second", .bitsPerSecond, "The same in bits of UDP payload."
            ).null(noRate),
            .measure(
                "ip_bits_per_second", .bitsPerSecond,
                "The same in bits of IP packets: 28 B more for each datagram, with IPv6 48 B."
            ).null(noRate),
            .measure(
                "frame_bits_per_second", .bitsPerSecond,
                "The same in bits of Ethernet frames, 14 B more each: what the queue of a "
                    + "namespace counts, without preamble, check sequence and gap.", "tc-tbf(8)"
            ).null("no rate was found, or the network is no namespace"),
            .ratio(
                "width",
                "How far above the rate found the lowest rate is that does not hold, or to which the "
                    + "path reduced a trial just above: the true limit is between them."
            ).null("no such rate is known, or none was found"),
            .measure(
                "delivered_pps", .packetsPerSecond,
                "The rate of arrivals in the last trial above the limit: the median over spans of it."
            ).null("no trial was above it"),
            .ratio(
                "loss_ratio", "Loss of the trial at the rate found, or in the best second.",
                "RFC 7680"
            ).null(noRate),
            .integer("duration_ns", .nanoseconds, "The time of all trials, with their starts."),
            .list("trials", searchTrial, "Every trial, in order; empty by `rfc9097`."),
            .object("adjustment", adjustment, "The load of `rfc9097`.")
                .null("another kind; older versions"),
        ])

    private static let adjustment = ReportObject(
        "adjustment",
        "A load that was adjusted every 50 ms while it was sent (RFC 9097 §8.1), and what arrived of "
            + "it in each second. Delays are known to 0.8 %.",
        [
            .count("best", "The place of the second with the maximum in `sub_intervals`, from 0.")
                .null("nothing arrived"),
            .integer("delay_least_ns", .nanoseconds, "The least delay in it.").null(noDelay),
            .integer("delay_most_ns", .nanoseconds, "The greatest delay in it.").null(noDelay),
            .integer(
                "delay_range_ns", .nanoseconds,
                "Their difference: the delay range of the maximum.", "RFC 9097 §6.6"
            ).null(noDelay),
            .flag(
                "is_congested", "Whether congestion was inferred: three messages of it in a row."),
            .count("last_row", "The last row of the table, which the sender's `rate` ends."),
            .list("sub_intervals", subInterval, "Each second, in order."),
            .list(
                "steps", loadStep,
                "The messages of the receiver and the row after each: of many every second, fourth, "
                    + "…, at most 400."),
        ])

    private static let noDelay = "nothing arrived"

    private static let subInterval = ReportObject(
        "sub_interval", "A second of an adjusted load at its receiver.",
        [
            .integer("start_ns", .nanoseconds, "Its start, from the first measured slot."),
            .integer(
                "length_ns", .nanoseconds,
                "Its length: it ends with a message of the receiver, that much later or earlier."),
            .count("received", "First copies that arrived."),
            .count("lost", "Datagrams found missing in it."),
            .count("reordered", "Arrivals behind a later one.", "RFC 4737"),
            .count("duplicates", "Further copies."),
            .integer("delay_least_ns", .nanoseconds, "The least delay.").null(noDelay),
            .integer("delay_most_ns", .nanoseconds, "The greatest delay.").null(noDelay),
            .count("row", "The row of the table that was offered at its end."),
            .measure(
                "ip_bits_per_second", .bitsPerSecond, "What arrived, in bits of IP packets.",
                "RFC 9097 §5"),
        ])

    private static let loadStep = ReportObject(
        "load_step", "A message of the receiver, and the row of the table after it.",
        [
            .integer("at_ns", .nanoseconds, "When, from the first measured slot."),
            .count("row", "The row: 0.5 Mbit/s, then 1 Mbit/s a row."),
            .count(
                "sequence_errors",
                "Lost, reordered and duplicate datagrams since the message before."),
            .integer(
                "delay_range_ns", .nanoseconds,
                "How far its longest delay is above the least of the test so far."
            ).null("nothing arrived since the message before"),
        ])

    private static let noRate = "no trial held"

    private static let searchTrial = ReportObject(
        "search_trial", "One trial of a search: a run of the scenario at one rate.",
        [
            .word(
                "outcome", SearchTrialReport.Outcome.self,
                "`host-limited` is no evidence against the path; `estimate`: at the sender's own "
                    + "rate; `unjudged`: the run was stopped, or is worthless, and ended the search."
            ),
            .text("reason", "Why, in a sentence.").null("it held, or is an estimate"),
            .flag("confirms", "Whether it is a long one, at the rate found."),
            .integer("duration_ns", .nanoseconds, "For how long the sender was to send."),
            .measure("offered_pps", .packetsPerSecond, "The planned rate, all flows together.")
                .null("`max`"),
            .measure("sent_pps", .packetsPerSecond, "What was sent.").null("nothing was measured"),
            .measure(
                "delivered_pps", .packetsPerSecond,
                "The rate of arrivals after its first quarter: the median over spans of half of the "
                    + "rest, so that a stall at an end does not count."
            ).null("nothing arrived"),
            .ratio("loss_ratio", "Loss.", "RFC 7680").null("nothing was sent"),
            .integer("delay_p50_ns", .nanoseconds, "Median round-trip time, or one-way delay.")
                .null("no delays were measured"),
            .integer("delay_p99_ns", .nanoseconds, "The 99th percentile, likewise.")
                .null("no delays were measured"),
            .ratio(
                "delay_growth",
                "How much the median delay grew, per time: the share of the load that a queue "
                    + "before the limit kept."
            ).null("it did not grow by more than it varies"),
            .object("ledger", ledger, "Where every scheduled datagram went."),
        ])
}
