/// The losses of a scenario by place, network by network, over all of its runs.
///
///     voice: who lost what
///       network                 sent  injected receivers our queue  outage unexplained
///       wifi                  60,000       721         0         0       –           0
///                                        1.2 %       0 %       0 %       –         0 %
struct AttributionTable {
    private static let heads = [
        "sent", "injected", "receivers", "our queue", "outage", "unexplained",
    ]

    let width: Int
    let style: TerminalStyle

    /// Returns one block per scenario of several runs; the lines of a single run contain the same.
    /// - Parameter hasEach: Whether scenarios that lost nothing have a block too.
    func lines(of runs: [RunReport], hasEach: Bool = true) -> [String] {
        runs.map(\.scenario).inFirstOrder.flatMap { scenario in
            let own = runs.filter { $0.scenario == scenario && !$0.streams.isEmpty }
            let isLossy = LossAttribution(own.flatMap(\.streams).map(\.ledger)).isAnythingLost
            return own.count > 1 && (hasEach || isLossy) ? lines(of: scenario, own) + [""] : []
        }
    }

    private func lines(of scenario: String, _ runs: [RunReport]) -> [String] {
        // The accounts of an invalid run contradict each other.
        let sound = runs.filter { $0.verdict != .invalid }
        let title = TerminalText.harmless("\(scenario): who lost what")
        var lines = [style(.bold, TerminalText.elided(title, to: width))]
        var table = TextTable([.name("network")] + Self.heads.map { .figure($0) })
        var elsewhere: [(name: String, count: Int)] = []
        for network in sound.map(\.network).inFirstOrder {
            let streams = sound.filter { $0.network == network }.flatMap(\.streams)
            let account = LossAttribution(streams.map(\.ledger))
            table.add([network] + account.counts)
            if account.isAnythingLost { table.add([""] + account.shares) }
            if account.elsewhere > 0 { elsewhere.append((network, account.elsewhere)) }
        }
        lines += table.lines(width: width, style: style).all
        for (name, count) in elsewhere {
            lines += sentence(
                "\(name): and \(UnitText.count(count)) that could not be sent, or that "
                    + "the responder did not answer, or long after the timeout")
        }
        let left = runs.count - sound.count
        if left > 0 {
            lines += sentence(
                "without \(left) invalid \(left == 1 ? "run" : "runs"), whose accounts do not "
                    + "add up")
        }
        return lines
    }

    private func sentence(_ text: String) -> [String] {
        TerminalText.sentence(
            text, indent: 4, width: min(width, ReportTable.widthMax))
    }
}
