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
    private static let widths = [12, 10, 10, 10, 8, 12]

    let width: Int
    let style: TerminalStyle

    /// Returns one block per scenario of several runs; the lines of a single run contain the same.
    func lines(of runs: [RunReport]) -> [String] {
        runs.map(\.scenario).inFirstOrder.flatMap { scenario in
            let own = runs.filter { $0.scenario == scenario && !$0.streams.isEmpty }
            return own.count > 1 ? lines(of: scenario, own) + [""] : []
        }
    }

    private func lines(of scenario: String, _ runs: [RunReport]) -> [String] {
        // The accounts of an invalid run contradict each other.
        let sound = runs.filter { $0.verdict != .invalid }
        let title = TerminalText.harmless("\(scenario): who lost what")
        var lines = [style(.bold, TerminalText.elided(title, to: width))]
        lines.append(style(.dim, row("  network", Self.heads)))
        for network in sound.map(\.network).inFirstOrder {
            let streams = sound.filter { $0.network == network }.flatMap(\.streams)
            let account = LossAttribution(streams.map(\.ledger))
            lines.append(row("  " + TerminalText.harmless(network), account.counts))
            if account.isAnythingLost { lines.append(style(.dim, row("", account.shares))) }
            if account.elsewhere > 0 {
                lines += sentence(
                    "and \(UnitText.count(account.elsewhere)) that could not be sent, or that "
                        + "the responder did not answer, or long after the timeout")
            }
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
        TerminalText.sentence(text, indent: 4, width: width)
    }

    private func row(_ name: String, _ cells: [String]) -> String {
        let room = width - Self.widths.reduce(0, +)
        return TerminalText.left(TerminalText.elided(name, to: room - 1), room)
            + zip(cells, Self.widths).map { cell, width in
                TerminalText.right(TerminalText.elided(cell, to: width), width)
            }.joined()
    }
}
