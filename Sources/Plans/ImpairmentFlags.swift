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
                "Which datagrams are lost: 1%, periodic:every=100, gilbert-elliott:p=1%,r=30%, "
                    + "burst:probability=1%,length=5, list:datagrams=3,7."
            ),
            (
                DirectionShape.delay.key,
                "How long they take: 20ms, uniform:low=5ms,high=20ms, normal, pareto or trace "
                    + "with their keys."
            ),
            (
                DirectionShape.jitter.key,
                "What is added to the delay, up to this more or less: 2ms, or "
                    + "amount=2ms,keep_order=false."
            ),
            (
                DirectionShape.reorder.key,
                "The share that is delivered after later ones: 1%, or probability=1%,depth=3."
            ),
            (
                DirectionShape.duplicate.key,
                "The share that arrives more than once: 0.1%, or probability=1%,copies=2."
            ),
        ] + Alteration.all.map { ($0.key, $0.flagHelp) } + [
            (DirectionShape.rate.key, "What the link carries: 10Mbit."),
            (DirectionShape.queue.key, "What waits for the link at most: 64KiB."),
            (
                DirectionShape.blackhole.key,
                "When everything is swallowed: from=3s,until=5s. May be given again."
            ),
            (
                DirectionShape.refuse.key,
                "When the port is closed, so that senders see resets: from=3s,until=5s. May be "
                    + "given again."
            ),
        ]
}
