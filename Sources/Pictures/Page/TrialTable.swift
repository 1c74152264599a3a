import Reports

/// The trials of batteries: a row per trial, a column per battery, and below what was seen and what
/// to change.
struct TrialTable {
    struct Column: Sendable {
        let name: String
        let trials: [TrialReport]
    }

    let columns: [Column]
    /// The largest size of the trials of one battery, and of those of all.
    let bytes: Int

    var markup: Markup {
        guard let first = columns.first else { return .none }
        return columns.count == 1 ? single(first) : matrix + details
    }

    // MARK: One battery

    private func single(_ column: Column) -> Markup {
        let rows = Bounded(column.trials, bytes: bytes) { trial in
            .element(
                "tr", [],
                .element(
                    "th", [Attribute("scope", "row")], trial.verdict.sign(trial),
                    Markup(" \(trial.verdict.words)")),
                .element(
                    "td", [.kind("trial")], .element("strong", [], Markup(trial.id)),
                    .element("span", [.kind("interval")], Markup(trial.title))),
                .element("td", [.kind("wide")], told(trial)))
        }
        return .element(
            "table", [.kind("runs trials")],
            .element(
                "thead", [],
                .element(
                    "tr", [],
                    all: ["result", "trial", "what was seen, and what to change"].map {
                        .element("th", [], Markup($0))
                    })), .element("tbody", [], all: rows.shown)) + rows.note
    }

    private func told(_ trial: TrialReport) -> Markup {
        var told = Markup.element("p", [], Markup(trial.saw))
        if let change = trial.change {
            told += .element(
                "p", [.kind("change")], .element("strong", [], "Change: "), Markup(change))
        }
        return told
            + .element(
                "details", [], .element("summary", [], "what was done and expected"),
                .element("p", [], Markup(trial.did)), .element("p", [], Markup(trial.expected)),
                datagrams(trial))
    }

    private func datagrams(_ trial: TrialReport) -> Markup {
        guard let datagrams = trial.datagrams else { return .none }
        let counts = [
            ("sent", datagrams.sent), ("answered", datagrams.answered),
            ("duplicates", datagrams.duplicates), ("altered", datagrams.altered),
            ("misdirected", datagrams.misdirected),
            ("lost in the server's buffer", datagrams.lostInServerBuffer),
            ("lost in udplab's buffer", datagrams.lostInOwnBuffer),
            ("lost elsewhere", datagrams.lostElsewhere), ("unsent", datagrams.unsent),
        ].filter { ($0.1 ?? 0) > 0 }
        return .element(
            "p", [.kind("note")],
            Markup(
                "datagrams: "
                    + counts.map { "\($0.0) \(UnitText.count($0.1))" }.joined(separator: ", ")))
    }

    // MARK: Several batteries

    private var matrix: Markup {
        let ids = columns.flatMap { $0.trials.map(\.id) }.inFirstOrder
        let head = Markup.element(
            "tr", [], .element("th", [], "trial"),
            columns.map { .element("th", [], Markup(ShortName.of($0.name, 32))) }.joined())
        let rows = Bounded(ids, bytes: bytes) { id in
            .element(
                "tr", [], .element("th", [Attribute("scope", "row")], Markup(id)),
                columns.map { column -> Markup in
                    guard let trial = column.trials.first(where: { $0.id == id }) else {
                        return .element("td", [], Markup(UnitText.none))
                    }
                    return .element(
                        "td", [], trial.verdict.sign(trial), Markup(" \(trial.verdict.words)"))
                }.joined())
        }
        return .element(
            "table", [.kind("runs score")], .element("thead", [], head),
            .element("tbody", [], all: rows.shown)) + rows.note
    }

    private var details: Markup {
        let parts = Bounded(columns, bytes: bytes) { column in
            .element(
                "details", [],
                .element("summary", [], .element("strong", [], Markup(column.name))),
                single(column))
        }
        return parts.shown.joined() + parts.note
    }
}

extension TrialVerdict {
    fileprivate var words: String { self == .notApplicable ? "not applicable" : rawValue }

    fileprivate func sign(_ trial: TrialReport) -> Markup {
        let (mark, kind) =
            switch self {
            case .pass: ("✓", "pass")
            case .fail: ("✗", "fail")
            case .degraded: ("!", "inconclusive")
            case .notApplicable: ("–", "none")
            }
        return .element(
            "span", [.kind("sign v-\(kind)"), Attribute("title", "\(trial.id): \(words)")],
            Markup(mark))
    }
}
