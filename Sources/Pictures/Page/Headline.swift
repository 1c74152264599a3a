import Reports

/// The sentences above a scenario's summary: the network with the most loss, the places of that
/// loss, and whether the figures are sound.
struct Headline {
    let groups: [StreamGroup]
    let comparison: [ComparisonReport]

    var markup: Markup {
        guard !groups.isEmpty else {
            return .element("p", [.kind("missing")], "No run of this scenario has a stream.")
        }
        return .element("p", [.kind("headline")], loss, " ", difference)
            + .element("p", [.kind("trust")], trust)
    }

    private struct Loser {
        let group: StreamGroup
        let side: SideReport
        let loss: Double
    }

    private var loser: Loser? {
        groups.compactMap { group -> Loser? in
            let side = group.summary(\.loss.ratio)
            return side.median.map { Loser(group: group, side: side, loss: $0) }
        }.max { $0.loss < $1.loss }
    }

    private func strong(_ text: String) -> Markup { .element("strong", [], Markup(text)) }

    private var loss: Markup {
        guard let loser else { return "No loss was measured." }
        guard loser.loss > 0 else {
            let lost = groups.contains { !$0.lossBar.isEmpty }
            guard lost else { return "No datagram was lost." }
            return groups.count > 1
                ? "The median run lost nothing on any network." : "The median run lost nothing."
        }
        let isAlone = Set(groups.map(\.network)).count == 1
        var words =
            strong(loser.group.network) + Markup(isAlone ? " lost " : " lost the most: ")
            + strong(UnitText.ratio(loser.side.median)) + Markup(" of the datagrams sent")
        let parts = loser.group.lossBar.sorted { $0.count > $1.count }
        let whole = parts.map(\.count).clampedSum
        if parts.count == 1 {
            words += Markup(", all of it \(parts[0].place.name)")
        } else if whole > 0 {
            let texts = parts.prefix(3).map { part in
                "\(UnitText.ratio(Double(part.count) / Double(whole))) \(part.place.name)"
            }
            words += Markup("; of everything lost, " + texts.joined(separator: ", "))
        }
        return words + "."
    }

    /// The sentence of the comparison on the loss of the network with the most.
    private var difference: Markup {
        guard let loser, loser.loss > 0,
            let answer = comparison.first(where: {
                $0.metric == "loss.ratio" && $0.sender == loser.group.sender
                    && $0.b.name == loser.group.network
            })
        else { return .none }
        return switch answer.verdict {
        case .worse: Markup("That is worse than \(answer.a.name), and not by chance.")
        case .better: Markup("That is better than \(answer.a.name), and not by chance.")
        default: Markup("Beside \(answer.a.name): \(answer.says).")
        }
    }

    private var trust: Markup {
        let runs = groups.flatMap(\.runs)
        let left = groups.map { group in
            (group, group.runs.filter { !$0.isUsable })
        }.filter { !$0.1.isEmpty }
        guard !left.isEmpty else {
            let count = Set(groups.map(\.sender)).count > 1 ? nil : runs.count
            return Verdict.pass.sign("sound")
                + Markup(
                    count == 1
                        ? " Sound: its ledger balances, and this host was not the limit."
                        : " Sound: every ledger balances, and this host was not the limit in any "
                            + "run.")
        }
        let parts = left.map { group, runs in
            let words = Set(runs.map(\.verdict.rawValue)).sorted().joined(separator: ", ")
            return "\(runs.count) of \(group.runs.count) on \(group.network) (\(words))"
        }
        let shown = parts.prefix(6).joined(separator: "; ") + (parts.count > 6 ? "; …" : "")
        let limited = groups.filter { $0.isLimited && !$0.members.isEmpty }.map(\.network)
        let rest =
            limited.isEmpty
            ? "Their figures are left out."
            : "Read the figures in grey with care: no sound run has them."
        return Verdict.inconclusive.sign("not all runs are sound")
            + Markup(" Not sound: \(shown). \(rest)")
    }
}
