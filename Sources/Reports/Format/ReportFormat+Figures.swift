extension ReportFormat {
    static let loss = ReportObject(
        "loss", "Loss and its patterns, in sequence order within each flow.",
        [
            .count("count", "Probes lost: late + never.", "RFC 7680 §3.4"),
            .ratio("ratio", "count / sent.", "RFC 7680 §4.1, RFC 6673 §6.1")
                .null("nothing was sent"),
            .count("late", "First copy after the timeout.", "RFC 7680 §2.8.2"),
            .count("never", "No copy until the end of the drain.", "RFC 7680 §2.4"),
            .count("periods", "Runs of consecutive losses.", "RFC 3357 §6.2"),
            .count("longest_burst", "The longest of them, in probes.", "RFC 3357 §6.3"),
            .number("mean_burst", "Their mean length, in probes.", "RFC 3357 §6.3")
                .null("without losses"),
            .histogram("length_counts", "How many had length 1, 2, … 16.", "RFC 3357 §6.3"),
            .count("longer_count", "How many were longer.", "RFC 3357 §6.3"),
            .number(
                "gap_mean",
                "Mean distance from the end of one to the start of the next, "
                    + "in probes.", "RFC 3357 §6.4"
            ).null("fewer than two in each flow"),
            .count("gap_min", "The least.", "RFC 3357 §6.4").null("fewer than two in each flow"),
            .count("gap_max", "The largest.", "RFC 3357 §6.4").null("fewer than two in each flow"),
            .count("noticeable_distance", "δ of the next, in probes.", "RFC 3357 §6.1"),
            .ratio(
                "noticeable_rate", "Share of the losses at most δ after the one before.",
                "RFC 3357 §6.1"
            ).null("without losses"),
            .ratio("conditional_probability", "P(lost), given that the probe before was lost.")
                .null("no lost probe had a successor"),
        ])

    static let duplication = ReportObject(
        "duplication", "Duplication.",
        [
            .count("count", "Copies beyond the first.", "RFC 5560 §2.4"),
            .ratio("fraction", "Arrivals / different ones − 1.", "RFC 5560 §5.1")
                .null("without arrivals"),
            .ratio(
                "replicated_rate", "Share of the different ones that arrived more than once.",
                "RFC 5560 §5.2"
            ).null("without arrivals"),
        ])

    static let reordering = ReportObject(
        "reordering", "Reordering of first copies, within each flow.",
        [
            .count("count", "Arrivals with a smaller number than expected.", "RFC 4737 §3.3"),
            .ratio("ratio", "count / received.", "RFC 4737 §4.1.3").null("without arrivals"),
            .object(
                "extent", extent, "How far back the first larger number lies.",
                "RFC 4737 §4.2.3"),
            .object(
                "n_reordering", nReordering, "Shares preceded by n larger numbers in a row.",
                "RFC 4737 §5.3"),
            .object(
                "late_time_ns", delays, "How much later than that first larger number.",
                "RFC 4737 §4.3.3", unit: .nanoseconds),
            .object(
                "byte_offset", byteOffset, "What a receiver holds back until it comes.",
                "RFC 4737 §4.4.3"),
            .object(
                "discontinuities", discontinuities,
                "Numbers larger than expected, by loss "
                    + "or reordering.", "RFC 4737 §3.4"),
            .object(
                "gaps", gaps, "Arrivals between discontinuities that were reordering.",
                "RFC 4737 §4.5.4"),
            .object(
                "free_runs", freeRuns, "Arrivals in order between reordered ones.",
                "RFC 4737 §4.6.3"),
        ])

    static let extent = ReportObject(
        "extent", "How far back, in arrivals, the first larger number lies.",
        [
            .count("max", "The farthest.", "RFC 4737 §4.2.3").null(nothingReordered),
            .number("mean", "The mean.", "RFC 4737 §4.2.3").null(nothingReordered),
            .count(
                "unknown",
                "Reordered arrivals that lie beyond the look-back: in no extent, "
                    + "late time or byte offset."),
            .count("look_back_runs", "How many runs of consecutive arrivals a flow remembers."),
        ])

    static let nReordering = ReportObject(
        "n_reordering", "Shares of the received, by Definition 2.",
        [
            .ratio("n1", "At least 1 larger number just before.", "RFC 4737 §5.3")
                .null("without arrivals"),
            .ratio("n2", "At least 2.", "RFC 4737 §5.3").null("without arrivals"),
            .ratio("n3", "At least 3: trips a duplicate-ACK threshold.", "RFC 4737 §5.4")
                .null("without arrivals"),
            .count(
                "max", "The largest n of any; at least this if `extent.unknown` is not 0.",
                "RFC 4737 §5.3"),
        ])

    static let byteOffset = ReportObject(
        "byte_offset", "What a receiver holds back until a reordered arrival.",
        [
            .integer("max", .bytes, "The most.", "RFC 4737 §4.4.3").null(nothingReordered),
            .measure("mean", .bytes, "The mean.", "RFC 4737 §4.4.3").null(nothingReordered),
        ])

    static let discontinuities = ReportObject(
        "discontinuities", "Arrivals with a larger number than expected.",
        [
            .count("count", "How many.", "RFC 4737 §3.4"),
            .number("size_mean", "Mean of what was skipped, in probes.", "RFC 4737 §3.4")
                .null("without any"),
            .count("size_max", "The most that was skipped, in probes.", "RFC 4737 §3.4")
                .null("without any"),
        ])

    static let gaps = ReportObject(
        "gaps", "Distances, in arrivals, between discontinuities that were reordering.",
        [
            .count(
                "discontinuities",
                "Discontinuities that a reordered arrival proved to be "
                    + "reordering.", "RFC 4737 §4.5.3"),
            .count("count", "Gaps between them.", "RFC 4737 §4.5.4"),
            .number("mean", "The mean.", "RFC 4737 §4.5.4").null("without any"),
            .count("min", "The least.", "RFC 4737 §4.5.4").null("without any"),
            .count("max", "The largest.", "RFC 4737 §4.5.4").null("without any"),
        ])

    static let freeRuns = ReportObject(
        "free_runs", "Runs of arrivals in order, each ended by a reordered one.",
        [
            .count("count", "x: how many.", "RFC 4737 §4.6.3"),
            .count("in_order", "a: arrivals in order.", "RFC 4737 §4.6.3"),
            .number("squares", "q: the sum of the squares of their lengths.", "RFC 4737 §4.6.3"),
            .number("mean", "a / x.", "RFC 4737 §4.6.4").null(nothingReordered),
            .number(
                "variation", "(q / a) / (a / x): 1 when all are equally long.",
                "RFC 4737 §4.6.4"
            ).null(nothingReordered),
        ])

    private static let nothingReordered = "nothing was reordered"

    static let delays = distribution("delays", "A distribution of times.", signed: false)

    static let signedDelays = distribution(
        "signed_delays", "A distribution of differences of times, which may be negative.",
        signed: true)

    /// Returns the object of a distribution. The percentiles come from a histogram of three digits,
    /// all other figures are exact.
    private static func distribution(
        _ name: String, _ meaning: String, signed: Bool
    ) -> ReportObject {
        let empty = "the distribution is empty"
        let beyond = "empty, or beyond the histogram's range"
        let percentiles = [
            ("p50", "50 %"), ("p75", "75 %"), ("p90", "90 %"), ("p95", "95 %"), ("p99", "99 %"),
            ("p999", "99.9 %"), ("p9999", "99.99 %"),
        ]
        func time(_ key: String, _ meaning: String, _ source: String? = nil) -> ReportField {
            signed
                ? .signed(key, .nanoseconds, meaning, source)
                : .integer(key, .nanoseconds, meaning, source)
        }
        return ReportObject(
            name, meaning,
            [
                .count("count", "Values in it."),
                time("min", "The least, exactly.").null(empty),
                .measure(
                    "mean", .nanoseconds, "Their exact sum over count.",
                    minimum: signed ? nil : 0
                ).null(empty),
            ]
                + percentiles.map { key, share in
                    time(
                        key, "The smallest x with F(x) ≥ \(share), to three digits.",
                        "RFC 2330 §11.3"
                    ).null(beyond)
                } + [
                    time("max", "The largest, exactly.").null(empty),
                    .measure("stddev", .nanoseconds, "Standard deviation of the whole.")
                        .null(empty),
                    .list(
                        "buckets", signed ? signedBucket : bucket,
                        "The histogram, in ascending order: at most 400 buckets, to two "
                            + "significant digits where they suffice. Their counts add up to "
                            + "`count`."
                    ).null("the histogram of this distribution is not kept"),
                ])
    }

    static let bucket = ReportObject(
        "bucket", "A bucket of a histogram that is not empty.",
        [
            .integer("upper_ns", .nanoseconds, "The greatest value that belongs to it."),
            .count("count", "Values up to that, and above the bucket before it."),
        ])

    static let signedBucket = ReportObject(
        "signed_bucket", "A bucket of a histogram of differences that is not empty.",
        [
            .signed("upper_ns", .nanoseconds, "The greatest value that belongs to it."),
            .count("count", "Values up to that, and above the bucket before it."),
        ])
}
