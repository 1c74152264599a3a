extension ReportFormat {
    private static let awaitsNothing = "the sender awaits nothing"
    private static let nobodyInTrouble = "nobody else was in trouble, or no flow was well then"

    static let resets = ReportObject(
        "resets",
        "Resets (ICMP port unreachable, as ECONNREFUSED) and the times in which nobody answered.",
        [
            .text("policy", "What a flow does at a reset: `none`, `once`, `always`, `backoff`.")
                .null(awaitsNothing),
            .text("socket", "`connected`, `unconnected` or `unconnected_recverr`.", "ip(7)")
                .null(awaitsNothing),
            .count("seen", "Entries of the error queues.", "ip(7), IP_RECVERR"),
            .count("retried", "Datagrams sent once more because of one."),
            .count("refused", "Datagrams not sent because of one, as in the ledger."),
            .count("unattributed", "Entries of which no datagram is known.", "RFC 1122 §4.1.3.3"),
            .count(
                "queue_overflow",
                "Failed calls of which the error queue had no entry: `seen` is too small then."),
            .count("eaten_by_stale_error", "Sends that failed because of an earlier datagram."),
            .object("retries", retries, "What the policy's retries came to, over all flows."),
            .count("flows_ended", "Flows that the policy ended."),
            .times("ended_ns", "When, from the first measured slot: the first of them."),
            .times("times_ns", "When resets came to the flows, likewise: the first of them."),
            .count("times_left_out", "How many more there were."),
            .ratio("availability", "Probes answered in time / (sent + refused).")
                .null("nothing was to be sent, or nothing is awaited"),
            .integer(
                "time_to_detect_ns", .nanoseconds,
                "From what began an outage to its first reset: the longest. What is in `cause_ns` "
                    + "begins it, else its first probe without an answer."
            ).null("no outage had a reset, or it came before its cause, as a warning says"),
            .integer(
                "time_to_recover_ns", .nanoseconds,
                "From what began an outage, likewise, to the first answer after it: the longest."
            ).null("no outage ended, or the answer came before the cause, as a warning says"),
            .integer(
                "resolution_ns", .nanoseconds,
                "Between two probes of a flow: starts and ends are known to so much."
            ).null("at `\"rate\": \"max\"`"),
            .count(
                "collateral_loss",
                "What the trouble of others cost the flows that were well: `lost` of "
                    + "`collateral` beyond `baseline_ratio` × `sent`, rounded; 0 when it is less."
            ).null(nobodyInTrouble),
            .object("collateral", collateral, "What that follows from.").null(nobodyInTrouble),
            .list("outages", outage, "In order of time."),
            .count("outages_left_out", "Those of single flows that found no room in the list."),
        ])

    static let collateral = ReportObject(
        "collateral",
        "Probes of flows whose own instance of the responder was there (and a timeout before and "
            + "after), sent while another instance was away, or while hit-and-run senders had its "
            + "answers bounce.",
        [
            .count("flows", "How many flows that were."),
            .count("sent", "Their probes in those times, to bins of 10 ms or more."),
            .count("lost", "Of these, those without an answer in time."),
            .ratio("baseline_ratio", "What the same flows lost of their probes at other times.")
                .null("nothing was sent at other times"),
        ])

    static let retries = ReportObject(
        "retries", "What the retries of a policy came to.",
        [
            .count("attempted", "Resets after which it was tried again."),
            .count("succeeded", "Rows of resets that something good ended."),
            .count("given_up", "Rows of resets that ended a loop."),
        ])

    static let outage = ReportObject(
        "outage",
        "Three or more probes of a flow in a row without an answer in time, or a flow that its "
            + "policy paused or ended; at one time for several flows is one. Times are from the "
            + "first measured slot, as the plan's.",
        [
            .signed("start_ns", .nanoseconds, "When the first probe without an answer was sent."),
            .signed(
                "end_ns", .nanoseconds,
                "When the next probe was sent, or could be, that is not part of it."
            ).null("the stream ended in it"),
            .signed("detected_ns", .nanoseconds, "When its first reset was seen.")
                .null("silence was the only sign"),
            .signed("recovered_ns", .nanoseconds, "When the first answer came after it.")
                .null("none came"),
            .count("flows", "How many flows saw it."),
            .count("probes", "Probes sent in it that had no answer in time."),
            .signed(
                "cause_ns", .nanoseconds,
                "When what began it was there: the timeline killed, stopped or paused the responder, "
                    + "a window of an emulated network opened, or a retry policy closed the port; "
                    + "of several the first, unless a reset had come before it."
            ).null("nothing of the kind is in it"),
            .signed(
                "returned_ns", .nanoseconds,
                "When the last of what kept it from being answered was over."
            ).null("it lasted to the end, or nothing of the kind is known"),
            .count("instance", "Of the responder whose flows saw it, from 1.")
                .null("it has one only"),
        ])

    static let responderResets = ReportObject(
        "responder_resets",
        "Answers of udplab's own responder that bounced: of all its processes, one after the other.",
        [
            .text("policy", "What it does then: `none`, `once`, `always`, `backoff`."),
            .text("socket", "`unconnected` sees none, `unconnected_recverr` all.", "ip(7)"),
            .count("seen", "Entries of the error queue.", "ip(7), IP_RECVERR"),
            .count("unattributed", "Entries that are about no probe of this run."),
            .count(
                "queue_overflow",
                "Failed calls at which the error queue was empty or full: `seen` is too small "
                    + "then."),
            .count(
                "eaten_by_stale_error",
                "Answers whose send failed because of an earlier one; they were sent again."),
            .object("retries", retries, "What the policy's retries came to, over all threads."),
            .flag("responder_alive", "Whether the policy left a thread to answer."),
            .count("ended", "Threads that the policy ended; their sockets were closed."),
            .times("ended_ns", "When, from the first measured slot."),
            .times(
                "times_ns", "When a step failed because of a reset, likewise: the first of them."),
            .count("times_left_out", "How many more there were."),
        ])
}
