extension ReportFormat {
    static let run = ReportObject(
        "run", "One execution of one scenario on one network.",
        [
            .text("scenario", "The scenario's name."),
            .text("network", "The network's name."),
            .count("repeat", "Which repeat this is, from 1."),
            .integer(
                "seed", nil,
                "What its seeded choices follow from: the plan's seed, the scenario "
                    + "and the repeat; the same for all networks."),
            .word("verdict", Verdict.self, "What this run says."),
            .texts("reasons", reasonsMeaning),
            .texts(
                "notices", "What was not judged, and what could not be written, in sentences."),
            .time(
                "started",
                "When the first datagram was due, the warm-up's if there is one; of a battery, its "
                    + "start."),
            .integer(
                "duration_ns", .nanoseconds, "From then to the end of the drain, or of the battery."
            ),
            .list("streams", stream, "One per sender; none of a battery."),
            .list("so_far", soFar, "What each sender told while the run was not over.")
                .null("the run is over; older versions"),
            .object("battery", battery, "What the trials saw.").null("the scenario has senders"),
            .object("responder", responder, "What the answering side says about itself.")
                .null("the address answers for itself"),
            .list("responders", responder, "Each of its instances, where there are several."),
            .object("relay", relay, "What the relay says about itself.")
                .null("on a network without one"),
            .object("network_detail", network, "How the network was made, and what it counted.")
                .null("nothing was made"),
            .list("timeline", timelineEntry, "What happened when, in order of time."),
            .list("thresholds", threshold, "Every threshold on every stream."),
            .list("workers", worker, "The processes that took part."),
            .texts("warnings", "What bears on the figures and is no verdict, in sentences."),
        ])

    private static let soFar = ReportObject(
        "so_far",
        "What a sender of an unfinished run told, once a second; losses are told when the sequence "
            + "window has passed them.",
        [
            .text("sender", "The sender's name."),
            .measure("at_ns", .nanoseconds, "The last message, from the first on."),
            .count("sent", "Datagrams sent until then."),
            .signed("received", .count, "First copies received.").null("no answer is awaited"),
            .signed("lost", .count, "Datagrams lost.").null("no answer is awaited"),
            .measure("rtt_p50_ns", .nanoseconds, "Median delay before the last message.")
                .null("nothing was received"),
            .measure("rtt_p99_ns", .nanoseconds, "The 99th percentile, likewise.")
                .null("nothing was received"),
            .measure("interval_ns", .nanoseconds, "Length of each interval."),
            .list(
                "intervals", soFarInterval,
                "The messages in at most \(SoFarReport.intervalsMax) intervals. Their sums are the "
                    + "totals."),
        ])

    private static let soFarInterval = ReportObject(
        "so_far_interval", "The messages in one interval.",
        [
            .measure("start_ns", .nanoseconds, "From the first message."),
            .count("sent", "Datagrams sent."),
            .signed("received", .count, "First copies received.").null("no answer is awaited"),
            .signed("lost", .count, "Datagrams lost.").null("no answer is awaited"),
            .measure("rtt_p99_ns", .nanoseconds, "The greatest 99th percentile of a message.")
                .null("nothing was received"),
        ])

    static let timelineEntry = ReportObject(
        "timeline_entry", "Something that happened at a time in a run.",
        [
            .signed(
                "at_ns", .nanoseconds,
                "When it really was, from the first measured slot, as the plan's times: below zero "
                    + "in the warm-up."),
            .integer("planned_ns", .nanoseconds, "When it was to be, by the plan's timeline.")
                .null("the plan says nothing of it"),
            .text("event", "What happened: a name, such as `worker_failed`."),
            .text("subject", "To which worker or network.").null("to the whole run"),
            .text("detail", "A sentence.").null("the name says it all"),
        ])

    static let threshold = ReportObject(
        "threshold", "One threshold, judged on one stream.",
        [
            .text("sender", "The stream's sender."),
            .text("expression", "As the plan has it."),
            .text("figure", "The keys from the stream to the value: `rtt_ns.p99`."),
            .measure("value", nil, "In the unit of that field.", minimum: nil)
                .null("the figure is null"),
            .flag("passed", "Whether the value keeps within the bound.")
                .null("there is no value, or no gate is judged: `notices` says why"),
        ])

    static let worker = ReportObject(
        "worker", "One process that took part.",
        [
            .word("role", WorkerReport.Role.self, "`command`: the user's own responder."),
            .text("name", "The sender's or responder's name."),
            .text("host", "The host on which it ran, as the plan calls it.").null("this host"),
            .integer("pid", nil, "Its process id."),
            .object("exit", exit, "How it ended."),
            .measure(
                "cpu_seconds", .seconds, "Processor time of all its threads, user and system.",
                "proc(5)"
            ).null("not readable"),
            .integer("max_rss_bytes", .bytes, "The largest resident set seen.", "proc(5)")
                .null("not readable"),
        ])

    static let exit = ReportObject(
        "exit", "How a process ended: one of the two, or neither if that is not known.",
        [
            .integer("code", nil, "Its exit status.", "waitid(2)").null("a signal ended it"),
            .integer("signal", nil, "The signal that ended it.", "signal(7)").null("it exited"),
        ])

    static let responder = ReportObject(
        "responder", "What the answering side says about itself.",
        [
            .text("name", "The responder's name."),
            .text("behaviour", "`echo`, `sink` or `chat`.", "RFC 862").null("it is a command"),
            .texts("command", "The program and its arguments, as started.")
                .null("it is a behaviour"),
            .text("address", "Where it was bound."),
            .count("received", "Datagrams, copies included.").null("it does not say"),
            .count("unique", "Different probes among them.").null("it does not say"),
            .count("echoed", "Answers sent.").null("it does not say"),
            .count(
                "echo_failed",
                "Received and not answered: the send call failed, the policy had ended it, or a "
                    + "pause of the policy outlasted the senders."
            ).null("it does not say"),
            .counts("rejected", "Datagrams that were not answered, by reason.")
                .null("it does not say"),
            .count("drops", "What its socket had no room for.", "SO_MEMINFO")
                .null("it does not say, or the kernel does not"),
            .counts(
                "receive_errors", "Receive calls that failed on this host, by the errno's name.",
                "recvmsg(2)"
            ).null("it does not say"),
            .integer("receive_buffer_asked_bytes", .bytes, "Receive buffer asked for.", "socket(7)")
                .null("the default was left"),
            .integer(
                "receive_buffer_granted_bytes", .bytes,
                "Receive buffer read back: the kernel "
                    + "doubles what was asked for.", "socket(7)"
            ).null("it does not say"),
            .object("features", features, "What was used of what the kernel offers.")
                .null("it does not say"),
            .object(
                "resets", responderResets, "Answers of it that bounced, and whether it lived."
            ).null("it does not say"),
            .object(
                "stalls", stalls,
                "When it was stopped or descheduled. A wait for a probe is not told from a stall for "
                    + "its first 50 ms."
            ).null("it does not say"),
            .object("service", service, "Answers with a size of their own, or held for a time.")
                .null("each answer is its probe, and leaves at once; older versions"),
            .texts("output_tail", "The last lines of a command's output."),
        ])

    private static let service = ReportObject(
        "service", "The answers of an echo that are not its probes, or do not leave at once.",
        [
            .integer("reply_payload_bytes", .bytes, "UDP payload of every answer.")
                .null("that of its probe").setting,
            .object(
                "held_ns", delays,
                "From the read of a probe to the send call of its answer: the time of the service, "
                    + "which the round-trip times include.", unit: .nanoseconds
            ).null("answers leave at once; of several instances `responders` has it"),
            .count("held_overflow", "Answers not held for want of memory, in `echo_failed` too.")
                .null("as `held_ns`"),
            .count("held_most", "Answers that were held at a time, at most.")
                .null("as `held_ns`"),
        ])
}
