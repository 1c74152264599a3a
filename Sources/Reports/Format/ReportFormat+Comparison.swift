extension ReportFormat {
    static let comparison = ReportObject(
        "comparison",
        "One figure of one sender on two sides, which are networks or reports. The unit of the "
            + "statistics is the run: one value each.",
        [
            .text("scenario", "The scenario's name."),
            .text("sender", "The sender's name."),
            .text("metric", "The figure, as a threshold writes it: `rtt.p99`."),
            .text("figure", "The keys from the stream to the value: `rtt_ns.p99`."),
            .text("unit", "Of the values, as in the tables here.").null("a number without one"),
            .flag(
                "primary",
                "Whether it is tested before the other figures, and corrected apart from them."),
            .word("better", ComparisonReport.Better.self, "Which way the figure is better."),
            .object("a", side, "What is compared with."),
            .object("b", side, "What is compared with it."),
            .object("effect", effect, "How much b differs from a.").null("a side has no value"),
            .measure("p", nil, "Two-sided, of the rank test alone.", "Mann and Whitney 1947")
                .null("a side has no value"),
            .measure(
                "p_adjusted", nil,
                "The same, corrected for the other comparisons of the table; at most 0.05 makes a "
                    + "winner.", "Benjamini and Hochberg 1995, Wiens 2003"
            ).null("a side has no value"),
            .word(
                "verdict", ComparisonVerdict.self,
                "What b is beside a. `same`: no difference was found, and one of more than `says` "
                    + "has is ruled out."),
            .text("says", "The verdict in words: `same within 2.1 %`."),
            .texts("reasons", "Runs that are left out, and how many it would take, in sentences."),
        ])

    static let side = ReportObject(
        "side", "The runs of one side of a comparison.",
        [
            .text("name", "The network's name, or the report's path."),
            .count("runs", "Runs that there are."),
            .count(
                "left_out",
                "Of these, the ones that do not count: inconclusive, invalid or aborted."),
            .measures("values", "One per run that counts, in the order of the runs."),
            .measure("median", nil, "Their median.", minimum: nil).null("without values"),
            .measure(
                "low", nil, "Lower end of the median's interval.", "Hollander and Wolfe §3.6",
                minimum: nil
            ).null("less than two values"),
            .measure("high", nil, "Upper end.", minimum: nil).null("less than two values"),
            .measure(
                "confidence", nil,
                "That of the interval: at least 0.95 from six runs on, and what can be had below."
            ).null("less than two values"),
        ])

    static let effect = ReportObject(
        "effect", "How much b differs from a.",
        [
            .measure(
                "difference", nil, "b − a: the median over all pairs of values.",
                "Hodges and Lehmann 1963", minimum: nil),
            .measure(
                "difference_low", nil, "Lower end of its interval.", "Hollander and Wolfe §4.3",
                minimum: nil
            ).null("one run against one"),
            .measure("difference_high", nil, "Upper end.", minimum: nil)
                .null("one run against one"),
            .measure(
                "relative", nil, "b / a − 1: the median over all pairs of values.",
                "Hodges and Lehmann 1963", minimum: nil
            ).null("a value is not above zero"),
            .measure("relative_low", nil, "Lower end of its interval.", minimum: nil)
                .null("a value is not above zero, or one run against one"),
            .measure("relative_high", nil, "Upper end.", minimum: nil)
                .null("a value is not above zero, or one run against one"),
            .measure(
                "confidence", nil,
                "That of both intervals: at least 0.95 from four runs of each on, and what can be "
                    + "had below."
            ).null("one run against one"),
            .measure(
                "cliffs_delta", nil,
                "Share of the pairs in which b is larger, less the share in which it is smaller: "
                    + "−1…1.", "Cliff 1993", minimum: nil),
        ])

    /// The document that `udplab compare --json` prints.
    package static let comparisonDocument = ReportObject(
        "comparison_document", "Reports against each other; the first is the baseline.",
        [
            .constant("comparison", ComparisonDocument.format, "The format's number."),
            .object("tool", tool, "The program that wrote it."),
            .word(
                "verdict", Verdict.self,
                "`pass`: every gate holds; `fail`: one does not; `inconclusive`: one cannot be "
                    + "judged, or nothing could be compared."),
            .texts("reasons", reasonsMeaning),
            .texts("notices", "What decides nothing, in sentences."),
            .list("reports", source, "The reports, in the order of the command line."),
            .list("pairs", pair, "One per report, scenario, network and sender."),
            .list("gates", gate, "Every bound of `--max-regression` on every stream that has it."),
        ])

    private static let source = ReportObject(
        "source", "A report that takes part.",
        [
            .text("path", "The file, as the command line has it."),
            .text("plan", "The plan's name."),
            .text("sha256", "SHA-256 of the plan, in hex.", "FIPS 180-4"),
            .text("started", "When its first run began."),
            .word("verdict", Verdict.self, "The report's own verdict."),
            .count("runs", "Runs in it."),
            .count("left_out", "Of these, the ones that do not count."),
        ])

    private static let pair = ReportObject(
        "pair", "One stream of the baseline and the same of another report.",
        [
            .text("report", "The other report."),
            .text("network", "The network's name, in both."),
            .list("comparison", comparison, "One per figure; `a` is the baseline."),
        ])

    private static let gate = ReportObject(
        "gate", "One bound on one stream.",
        [
            .text("report", "The report that is held against the baseline."),
            .text("scenario", "The scenario's name."),
            .text("network", "The network's name."),
            .text("sender", "The sender's name."),
            .text("expression", "As the command line has it."),
            .text("figure", "The keys from the stream to the value."),
            .text("unit", "Of the values.").null("a number without one"),
            .object("a", side, "The baseline."),
            .object("b", side, "The other report."),
            .flag("passed", "Whether the bound holds.").null("it cannot be judged"),
            .text("says", "A sentence."),
        ])
}
