/// The stages of a stream, and the knee of its saturation curve.
extension ReportFormat {
    static let stage = ReportObject(
        "stage",
        "A stage of the plan. Its datagrams are those that were sent in it, whenever they were "
            + "answered.",
        [
            .measure("start_ns", .nanoseconds, "Its start, from the stream's start.").setting,
            .measure("length_ns", .nanoseconds, "Its length.").setting,
            .measure(
                "offered_pps", .packetsPerSecond,
                "Datagrams per second that the plan asks of all flows."
            ).setting,
            .measure("sent_pps", .packetsPerSecond, "Datagrams sent per second."),
            .count("sent", "Datagrams sent."),
            .count(
                "skipped",
                "Slots that the sender could not reach in time, and datagrams that its kernel refused."
            ),
            .count("refused", "Datagrams due and not sent because of a reset."),
            .count(
                "lost",
                "Datagrams lost or late, or with a wrong answer. Towards a sink the stages begin as "
                    + "planned; the sender begins a little later after a warm-up."
            ).null("what became of single datagrams is not known"),
            .ratio("loss_ratio", "Of those sent.").null("none was sent, or it is not known"),
            .measure(
                "delay_p50_ns", .nanoseconds,
                "Median of the round trips, or of the one-way delays to a sink, to 0.8 %."
            ).null("there are none"),
            .measure("delay_p99_ns", .nanoseconds, "Their 99th percentile.").null(
                "there are none"),
        ])

    static let knee = ReportObject(
        "knee",
        "The highest rate that holds, from the lowest stage on. A stage holds if at most 1 % was "
            + "lost, wrongly answered or refused, and its 99th percentile is at most ten times "
            + "that of the lowest rate. A stage of which this host left out more than the "
            + "tolerance shows nothing.",
        [
            .integer("stage", .count, "Its number in `stages`, from 0.").null(
                "the first stage does not hold"
            ).setting,
            .measure("offered_pps", .packetsPerSecond, "The rate of that stage.").null(
                "the first stage does not hold"),
            .word(
                "limit", KneeReport.Limit.self,
                "Why the next stage does not hold: `host` is this host, which did not send in time."
            ).null("all stages hold"),
            .measure("next_pps", .packetsPerSecond, "The rate of the stage that does not hold.")
                .null("all stages hold"),
        ])
}

/// The quality of calls.
extension ReportFormat {
    static let voice = ReportObject(
        "voice",
        "The quality of a call by the E-model, with G.711 and packet loss concealment (Ie 0, Bpl "
            + "25.1: ITU-T G.113, appendix I), the defaults of G.107, no echo, packets of 20 ms, and "
            + "a jitter buffer that waits for the 99th percentile of the one-way delay. That is half "
            + "of the round trip, with the loss of both ways, where the way there is not known.",
        [
            .measure(
                "r_factor", nil, "From 0 to 93.2; users are satisfied above 80.", "ITU-T G.107"),
            .measure(
                "mos", nil, "Mean opinion score, from 1 to 4.41.", "ITU-T G.107 annex B"),
            .measure("delay_ns", .nanoseconds, "From mouth to ear."),
            .ratio("loss_ratio", "The loss on the way."),
            .measure(
                "burst_ratio", nil,
                "The mean length of a run of losses over that of independent losses.",
                "ITU-T G.107 §7.5"),
        ])
}
