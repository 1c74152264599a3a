import Impairment

extension ImpairmentText {
    /// A flag of the command line, and its sentence in `--help`.
    package struct Declaration: Sendable {
        /// The key as in a plan.
        package let key: String
        /// The name without the dashes: `forward-loss`.
        package let name: String
        package let help: String
    }

    /// Returns the flags for both directions, or for one of them.
    package static func flags(_ direction: Direction?) -> [Declaration] {
        helps.filter { direction != .backward || $0.key != DirectionShape.refuse.key }.map {
            let flag = ImpairmentFlag($0.key, direction, "")
            return Declaration(
                key: $0.key, name: String(flag.name.dropFirst("--".count)), help: $0.help)
        }
    }

    private static let helps: [(key: String, help: String)] =
        [
            (
                DirectionShape.loss.key,
                "The lost datagrams: 1%, periodic:every=100, gilbert-elliott:p=1%,r=30%, "
                    + "burst:probability=1%,length=5, list:datagrams=3,7."
            ),
            (
                DirectionShape.delay.key,
                "The delay: 20ms, uniform:low=5ms,high=20ms, normal, pareto or trace "
                    + "with their keys."
            ),
            (
                DirectionShape.jitter.key,
                "The jitter, added to or subtracted from the delay: 2ms, or "
                    + "amount=2ms,keep_order=false."
            ),
            (
                DirectionShape.reorder.key,
                "The share of datagrams delivered after later ones: 1%, or probability=1%,depth=3."
            ),
            (
                DirectionShape.duplicate.key,
                "The share of datagrams that arrive more than once: 0.1%, or probability=1%,copies=2."
            ),
        ] + Alteration.all.map { ($0.key, $0.flagHelp) } + [
            (DirectionShape.rate.key, "The rate of the link: 10Mbit."),
            (DirectionShape.queue.key, "The queue limit of the link: 64KiB."),
            (
                DirectionShape.blackhole.key,
                "The time in which all datagrams are dropped: from=3s,until=5s. May be repeated."
            ),
            (
                DirectionShape.refuse.key,
                "The time in which the port is closed, so that senders receive resets: "
                    + "from=3s,until=5s. May be repeated."
            ),
        ]
}
