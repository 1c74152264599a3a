/// The lists of a stream over time: intervals, and the losses one by one.
extension ReportFormat {
    static let interval = ReportObject(
        "interval",
        "One interval. `sent`, `skipped`, `refused` and `lost` go by the time of sending, the rest "
            + "by that of arrival.",
        [
            .signed("start_ns", .nanoseconds, "From the first measured slot."),
            .integer(
                "length_ns", .nanoseconds,
                "As `interval_ns`; the last interval reaches to the end of the drain."),
            .count("sent", "Probes sent."),
            .count("skipped", "Slots that the sender could not reach in time, as in the ledger.")
                .null("the intervals of sender and receiver have different lengths"),
            .count("refused", "Probes not sent because of a reset, as in the ledger."),
            .count("received", "First copies received."),
            .count("lost", "Of the probes sent, those late or never received."),
            .counts(
                "lost_by",
                "`lost` by the account of the loss map: `late`, `forward_injected`, …; "
                    + "`lost_unsplit` where the account is not known."),
            .count("duplicates", "Copies beyond the first."),
            .count("reordered", "First copies out of order."),
            .integer(
                "rtt_p50_ns", .nanoseconds,
                "Median delay, to 0.8 %; one-way if that is "
                    + "measured."
            ).null("without arrivals, or with 2³² and more"),
            .integer("rtt_p99_ns", .nanoseconds, "The 99th percentile, likewise.")
                .null("without arrivals, or with 2³² and more"),
            .ratio("availability", "Probes answered in time / (sent + refused).")
                .null("nothing was to be sent, or nothing is awaited"),
            .object("heat", heat, "The delays of what was received, as a column of a heat map.")
                .null("the delays are not known"),
        ])

    static let heat = ReportObject(
        "heat",
        "Delays in bins, four to an octave: bin b ≥ 8 begins at (4 + b mod 4) · 2^(⌊b/4⌋ − 1) ns, "
            + "and a bin b < 8 is b ns.",
        [
            .integer("first", nil, "The first bin that is not empty; 0 without arrivals."),
            .histogram("counts", "First copies in each bin from there to the last not empty."),
        ])

    static let lossMap = ReportObject(
        "loss_map", "The losses one by one.",
        [
            .list(
                "runs", lossRun,
                "Runs of consecutive losses, in the order of their send times: the first 2000, and "
                    + "fewer where a report has many streams."),
            .count("runs_left_out", "Further runs."),
            .count("probes_left_out", "Lost probes in them."),
        ])

    static let lossRun = ReportObject(
        "loss_run", "Consecutive lost probes of one flow that are in one account.",
        [
            .integer("flow", nil, "The flow's number in its stream, from 0."),
            .integer("first", nil, "Sequence number of the first."),
            .integer("last", nil, "Sequence number of the last."),
            .signed(
                "at_ns", .nanoseconds,
                "When the first was sent, from the first measured slot; towards a sink, which does "
                    + "not know it, when the last probe before it that arrived was sent."),
            .signed("until_ns", .nanoseconds, "When the last was sent, likewise."),
            .word(
                "account", LossAccount.self,
                "The account of the ledger. `lost_unsplit`: one of several that are not 0."),
        ])
}
