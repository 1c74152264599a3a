import Metrics

extension ReportFormat {
    static let stamp = ReportObject(
        "stamp", "The sessions of a stream of STAMP packets, as their answers tell them.",
        [
            .flag(
                "stateful",
                "The reflector numbers the answers of each session, which splits the loss by "
                    + "direction.", "RFC 8762 §4.3.1"
            ).null("nothing shows it"),
            .count(
                "untold_flows",
                "Flows with losses whose direction the numbers do not tell: their last answers were "
                    + "lost. Then the ledger's losses are not split."),
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
        ])
}
