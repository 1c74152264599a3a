import ArgumentParser
import Impairment
import Plans

/// What happens to datagrams both ways.
struct ImpairmentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which datagrams are lost: 1%, periodic:every=100, gilbert-elliott:p=1%,r=30%, burst:probability=1%,length=5, list:datagrams=3,7.",
            valueName: "what"))
    var loss: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long they take: 20ms, uniform:low=5ms,high=20ms, normal, pareto or trace with their keys.",
            valueName: "what"))
    var delay: [String] = []

    @Option(
        help: ArgumentHelp(
            "What is added to the delay, up to this more or less: 2ms, or amount=2ms,keep_order=false.",
            valueName: "what"))
    var jitter: [String] = []

    @Option(
        help: ArgumentHelp(
            "The share that is delivered after later ones: 1%, or probability=1%,depth=3.",
            valueName: "what"))
    var reorder: [String] = []

    @Option(
        help: ArgumentHelp(
            "The share that arrives more than once: 0.1%, or probability=1%,copies=2.",
            valueName: "what"))
    var duplicate: [String] = []

    @Option(
        help: ArgumentHelp(
            "The share of which bits are inverted: 0.1%, or probability=1%,bits=3.",
            valueName: "what"))
    var corrupt: [String] = []

    @Option(help: ArgumentHelp("What the link carries: 10Mbit.", valueName: "what"))
    var rate: [String] = []

    @Option(help: ArgumentHelp("What waits for the link at most: 64KiB.", valueName: "what"))
    var queue: [String] = []

    @Option(
        help: ArgumentHelp(
            "When everything is swallowed: from=3s,until=5s. May be given again.", valueName: "what"
        ))
    var blackhole: [String] = []

    @Option(
        help: ArgumentHelp(
            "When the port is closed, so that senders see resets: from=3s,until=5s. May be given again.",
            valueName: "what"))
    var refuse: [String] = []

    var flags: [ImpairmentFlag] {
        ImpairmentFlag.all(
            nil,
            [
                ("loss", loss),
                ("delay", delay),
                ("jitter", jitter),
                ("reorder", reorder),
                ("duplicate", duplicate),
                ("corrupt", corrupt),
                ("rate", rate),
                ("queue", queue),
                ("blackhole", blackhole),
                ("refuse", refuse),
            ])
    }
}

/// What happens to datagrams on the way to the target only.
struct ForwardOptions: ParsableArguments {
    @Option(name: .customLong("forward-loss"), help: ArgumentHelp(valueName: "what"))
    var loss: [String] = []

    @Option(name: .customLong("forward-delay"), help: ArgumentHelp(valueName: "what"))
    var delay: [String] = []

    @Option(name: .customLong("forward-jitter"), help: ArgumentHelp(valueName: "what"))
    var jitter: [String] = []

    @Option(name: .customLong("forward-reorder"), help: ArgumentHelp(valueName: "what"))
    var reorder: [String] = []

    @Option(name: .customLong("forward-duplicate"), help: ArgumentHelp(valueName: "what"))
    var duplicate: [String] = []

    @Option(name: .customLong("forward-corrupt"), help: ArgumentHelp(valueName: "what"))
    var corrupt: [String] = []

    @Option(name: .customLong("forward-rate"), help: ArgumentHelp(valueName: "what"))
    var rate: [String] = []

    @Option(name: .customLong("forward-queue"), help: ArgumentHelp(valueName: "what"))
    var queue: [String] = []

    @Option(name: .customLong("forward-blackhole"), help: ArgumentHelp(valueName: "what"))
    var blackhole: [String] = []

    @Option(name: .customLong("forward-refuse"), help: ArgumentHelp(valueName: "what"))
    var refuse: [String] = []

    var flags: [ImpairmentFlag] {
        ImpairmentFlag.all(
            .forward,
            [
                ("loss", loss),
                ("delay", delay),
                ("jitter", jitter),
                ("reorder", reorder),
                ("duplicate", duplicate),
                ("corrupt", corrupt),
                ("rate", rate),
                ("queue", queue),
                ("blackhole", blackhole),
                ("refuse", refuse),
            ])
    }
}

/// What happens to datagrams on the way back only.
struct BackwardOptions: ParsableArguments {
    @Option(name: .customLong("backward-loss"), help: ArgumentHelp(valueName: "what"))
    var loss: [String] = []

    @Option(name: .customLong("backward-delay"), help: ArgumentHelp(valueName: "what"))
    var delay: [String] = []

    @Option(name: .customLong("backward-jitter"), help: ArgumentHelp(valueName: "what"))
    var jitter: [String] = []

    @Option(name: .customLong("backward-reorder"), help: ArgumentHelp(valueName: "what"))
    var reorder: [String] = []

    @Option(name: .customLong("backward-duplicate"), help: ArgumentHelp(valueName: "what"))
    var duplicate: [String] = []

    @Option(name: .customLong("backward-corrupt"), help: ArgumentHelp(valueName: "what"))
    var corrupt: [String] = []

    @Option(name: .customLong("backward-rate"), help: ArgumentHelp(valueName: "what"))
    var rate: [String] = []

    @Option(name: .customLong("backward-queue"), help: ArgumentHelp(valueName: "what"))
    var queue: [String] = []

    @Option(name: .customLong("backward-blackhole"), help: ArgumentHelp(valueName: "what"))
    var blackhole: [String] = []

    var flags: [ImpairmentFlag] {
        ImpairmentFlag.all(
            .backward,
            [
                ("loss", loss),
                ("delay", delay),
                ("jitter", jitter),
                ("reorder", reorder),
                ("duplicate", duplicate),
                ("corrupt", corrupt),
                ("rate", rate),
                ("queue", queue),
                ("blackhole", blackhole),
            ])
    }
}

extension ImpairmentFlag {
    fileprivate static func all(
        _ direction: Direction?, _ texts: [(key: String, texts: [String])]
    ) -> [ImpairmentFlag] {
        texts.flatMap { key, texts in texts.map { ImpairmentFlag(key, direction, $0) } }
    }
}
