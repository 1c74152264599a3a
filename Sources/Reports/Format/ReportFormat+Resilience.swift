extension ReportFormat {
    /// The score card that `udplab resilience` writes, a document of its own.
    package static let scoreCard = ReportObject(
        "score_card", "What `udplab resilience` writes: one server, tried.",
        [
            .constant("resilience", ScoreCard.format, "The format's number."),
            .object("tool", tool, "The program that wrote the card."),
            .object("server", server, "What was tried."),
            .text("profile", profileWords),
            .integer("seed", nil, "What the random datagrams follow from."),
            .object("host", host, "The machine that the trials ran on."),
            .time("started", "When the battery began."),
            .time("finished", "When it ended."),
            .word(
                "status", ReportStatus.self,
                "`partial`: stopped before its end, or the server was never healthy."),
            .word("verdict", Verdict.self, "`fail` when a trial of the profile failed."),
            .texts("reasons", reasonsMeaning),
            .texts("notices", "What decides nothing, in sentences."),
            .object("score", score, "How the trials ended."),
            .list("trials", trial, "In the order they ran."),
        ])

    static let battery = ReportObject(
        "battery", "A scenario that tried a server instead of sending to it.",
        [
            .text("profile", profileWords),
            .object("server", server, "What was tried."),
            .object("score", score, "How the trials ended."),
            .list("trials", trial, "In the order they ran."),
        ])

    private static let profileWords = "Which trials ran and had to pass: `basic` or `strict`."

    static let server = ReportObject(
        "server", "The server that a battery tried.",
        [
            .text("host", "The host of the plan on which it was started.")
                .null("this host, or it ran already"),
            .texts("command", "The program and its arguments, as started.")
                .null("it ran already"),
            .text("address", "Where it was asked."),
            .text("answers_at", "Where its answers went, whoever had asked.")
                .null("to those who asked"),
            .count("starts", "How often udplab started it.").null("it ran already"),
            .text("request", "The kind of request with which it was asked: `dns`, `text`.")
                .null("an echo server"),
        ])

    static let score = ReportObject(
        "score", "How the trials of a battery ended.",
        [
            .count("pass", "As expected."),
            .count("fail", "Not as expected, and it matters."),
            .count("degraded", "The server lives and serves, and could do better."),
            .count("not_applicable", "Could not be tried here, or mean nothing for this server."),
        ])

    static let trial = ReportObject(
        "trial", "One trial: what was done, expected and seen, and what to change.",
        [
            .text("id", "Its name, as `udplab resilience --list` has it."),
            .text("title", "What it is about."),
            .word("verdict", TrialVerdict.self, "How it ended."),
            .flag("fails_profile", "Whether this fails the battery."),
            .text("did", "What udplab did."),
            .text("expected", "What a sound server does."),
            .text("saw", "What this one did."),
            .text("change", "What its author should change.").null("nothing is wrong"),
            .flag(
                "restarted",
                "Whether udplab started it anew afterwards: after every finding, and where it did "
                    + "not serve."
            )
            .null("it is not udplab's to start, or the trial did not run"),
            .integer("duration_ns", .nanoseconds, "How long the trial took, a restart included."),
            .object("datagrams", trialDatagrams, "What became of its datagrams.")
                .null("the trial does not count them"),
        ])

    static let trialDatagrams = ReportObject(
        "trial_datagrams",
        "What became of the datagrams of a trial: sent = answered + lost_in_server_buffer + "
            + "lost_in_own_buffer + lost_elsewhere.",
        [
            .count("sent", "Datagrams that left."),
            .count("answered", "Different ones that were answered."),
            .count("duplicates", "Answers beyond the first to one datagram."),
            .count("altered", "Answers that were not what was asked."),
            .count("misdirected", "Answers that went to another source than had asked."),
            .count(
                "lost_in_server_buffer", "Refused by full receive buffers at its address.",
                "proc(5)"
            ).null("the server is on another host; they are in `lost_elsewhere`"),
            .count("lost_in_own_buffer", "Refused by udplab's own receive buffers.", "SO_MEMINFO")
                .null(uncounted),
            .count("lost_elsewhere", "In no buffer that is known."),
            .count("unsent", "What this host did not send: no fault of the server's."),
        ])
}
