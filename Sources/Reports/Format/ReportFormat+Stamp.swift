import Metrics
import STAMP

extension ReportFormat {
    static let stamp = ReportObject(
        "stamp", "The sessions of a stream of STAMP packets, as their answers tell them.",
        [
            .flag(
                "stateful",
                "The reflector numbers the answers of each session, which splits the loss by "
                    + "direction.", "RFC 8762 §4.3.1"
            ).null("nothing shows it"),
            .word(
                "loss_split_by", LossSplit.self,
                "What splits the loss by direction: the numbers of a stateful reflector, the counters "
                    + "of Direct Measurement, or both, which agree.",
                "RFC 8762 §4.3.1, RFC 8972 §4.5"
            ).null("the loss is not split, or udplab's own reflector counts it; older versions"),
            .count(
                "untold_flows",
                "Flows with losses whose direction the answers do not tell: the last answers were "
                    + "lost, the first one for counters, or the numbers may go on from a warm-up's. "
                    + "Then the ledger's losses are not split."),
            .count(
                "contradictory_flows",
                "Flows whose numbers and counters tell different losses. Then the ledger's losses are "
                    + "not split."
            ).null("older versions"),
            .count(
                "absurd",
                "Answers whose times contradict each other: sent before the probe came, or after a "
                    + "longer time than the whole exchange took."),
            .integer(
                "own_error_ns", .nanoseconds, "The error of the sender's clock.", "adjtimex(2)"
            ).null("it is not synchronized").setting,
            .integer(
                "far_error_ns", .nanoseconds,
                "The largest error estimate of the reflector.", "RFC 4656 §4.1.2"
            ).null("it says that its clock is not synchronized").setting,
            .word(
                "absence", OneWayDelays.Absence.self,
                "Why there are no one-way delays. `absurd`: the far clock contradicts itself, or "
                    + "was stepped; `contradiction`: the clocks differ by more than both error "
                    + "estimates; `imprecise`: the error exceeds a median."
            ).null("there are"),
            .object(
                "extensions", stampExtensions, "What the TLVs of the answers told.", "RFC 8972 §4"
            ).null("the plan asks for no `extensions`; older versions"),
        ])

    private static let stampExtensions = ReportObject(
        "stamp_extensions",
        "The TLVs of the answers to the probes. Each first answer is in one count of `told` to "
            + "`altered`. The marks that Class of Service tells are in `forward.marks`.",
        [
            .count("told", "Answers in which every TLV told what it was asked for."),
            .count(
                "unrecognized", "Answers with a TLV that the reflector has not understood (U).",
                "RFC 8972 §4"),
            .count(
                "malformed", "Answers with a TLV that the reflector calls malformed (M).",
                "RFC 8972 §4"),
            .count(
                "unauthentic",
                "Answers whose HMAC TLV does not hold, or that say so of the probe's (I): nothing in "
                    + "their TLVs is used.", "RFC 8972 §4.8"),
            .count("altered", "Answers with other TLVs than were sent: nothing in them is used."),
            .count(
                "codepoint_refused",
                "Answers that the reflector's policy has not sent with the probes' codepoint (RP).",
                "RFC 8972 §4.4"),
            .word(
                "sync_source_in", SynchronizationSource.self,
                "What the reflector's clock is synchronized to where packets come in.",
                "RFC 8972 §4.3, table 7"
            ).null(untold).setting,
            .word(
                "timestamp_method_in", TimestampingMethod.self,
                "How the reflector takes the receive timestamp.", "RFC 8972 §4.3, table 9"
            ).null(untold).setting,
            .word(
                "sync_source_out", SynchronizationSource.self,
                "What its clock is synchronized to where answers go out."
            ).null(untold).setting,
            .word(
                "timestamp_method_out", TimestampingMethod.self,
                "How it takes the timestamp of an answer."
            ).null(untold).setting,
        ])

    private static let untold =
        "`timestamp-information` is not asked for, not told, or by a value that the table does not have"
}
