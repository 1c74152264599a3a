extension ReportFormat {
    static let closedLoop = ReportObject(
        "closed_loop", "How many requests wait for answers, and how long the next one waits.",
        [
            .count("window", "Unanswered requests of each flow, at most.")
                .null("the flows share `shared_window`").setting,
            .count("shared_window", "Unanswered requests of all flows of a host together, at most.")
                .null("each flow has a `window`").setting,
            .word(
                "think", ClosedLoopReport.Think.self,
                "The distribution of the times between an answer, or the timeout, and the next "
                    + "request."),
            .integer("think_mean_ns", .nanoseconds, "The mean of these times.")
                .null("there is no think time").setting,
        ])
}
