import Reports

/// The page of score cards: the verdict, the score, and the trials with what to change.
package struct ScorePage {
    private static let trialsBytes = 384 << 10

    private let cards: [ScoreCard]
    private let names: [String]

    /// Makes a page.
    /// - Parameters:
    ///   - cards: The score cards; at least one.
    ///   - names: A name for each, such as its file's.
    package init(cards: [ScoreCard], names: [String]) {
        precondition(!cards.isEmpty && cards.count == names.count, "a name for each card")
        self.cards = cards
        self.names = names
    }

    package func html() -> String {
        let worst = cards.indices.max { cards[$0].verdict < cards[$1].verdict } ?? 0
        let card = cards[worst]
        let columns = zip(cards, names).map { card, name in
            TrialTable.Column(
                name: cards.count == 1 ? card.server.title : "\(name): \(card.server.title)",
                trials: card.trials)
        }
        let title = cards.count == 1 ? card.server.title : "\(cards.count) servers"
        let panel = VerdictPanel(
            verdict: card.verdict,
            reasons: cards.count == 1
                ? card.reasons : card.reasons.map { "\(names[worst]): \($0)" },
            notices: card.notices, summary: card.scoreSentence)
        return Frame.page(
            title: "\(card.verdict.rawValue): \(title)",
            [
                .element(
                    "main", [],
                    Frame.header(
                        "udplab resilience", title: title,
                        facts: [
                            card.started.minute, "profile \(card.profile)", "seed \(card.seed)",
                        ]
                            + Frame.facts(of: card.host)), panel.markup,
                    cards.map(score).joined(),
                    ScenarioSection.figure(
                        "Trials",
                        "What each trial saw, and what the server's author should change.",
                        TrialTable(columns: columns, bytes: Self.trialsBytes).markup),
                    Frame.footer(
                        zip(cards, names).map { card, name in
                            "\(name): \(card.tool.name) \(card.tool.version), profile "
                                + "\(card.profile), seed \(card.seed)"
                        }))
            ])
    }

    private func score(_ card: ScoreCard) -> Markup {
        let counts = [
            ("passed", card.score.pass, "pass"), ("failed", card.score.fail, "fail"),
            ("degraded", card.score.degraded, "inconclusive"),
            ("not applicable", card.score.notApplicable, "none"),
        ]
        return .element(
            "p", [.kind("tally")],
            all: counts.map { name, count, kind in
                .element(
                    "span", [.kind("v-\(kind)")], .element("strong", [], Markup("\(count)")),
                    Markup(" \(name)"))
            })
    }
}

extension ServerReport {
    /// The command and the address.
    var title: String {
        (command.map { "\($0.joined(separator: " ")) at " } ?? "") + address
    }
}

extension ScoreCard {
    /// The sentence of a verdict without causes, which the terminal says too.
    fileprivate var scoreSentence: String { verdictLines.sentence(of: verdict) }
}
