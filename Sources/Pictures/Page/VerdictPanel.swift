import Reports

/// The start of a page: the verdict, the deciding cause, the other causes, and the notices.
struct VerdictPanel {
    /// The number of causes and of notices that are shown at once; the rest is folded.
    static let sentencesShown = 6
    /// The largest size of a list; the report has all sentences.
    private static let listBytes = 24 << 10

    let verdict: Verdict
    let reasons: [String]
    let notices: [String]
    /// The sentence of a verdict without causes.
    let summary: String

    var markup: Markup {
        .element(
            "section", [.kind("verdict v-\(verdict.rawValue)")],
            .element(
                "p", [.kind("word")],
                .element(
                    "span", [.kind("mark"), Attribute("aria-hidden", "true")], Markup(verdict.mark)),
                Markup(verdict.rawValue)),
            .element("p", [.kind("deciding")], Markup(reasons.first ?? summary)),
            Self.list(Array(reasons.dropFirst()), named: "more causes", kind: "causes"),
            Self.list(notices, named: "more notices", kind: "notices"))
    }

    static func list(_ sentences: [String], named rest: String, kind: String) -> Markup {
        guard !sentences.isEmpty else { return .none }
        let items = Bounded(sentences, bytes: listBytes) { .element("li", [], Markup($0)) }
        let shown = Markup.element(
            "ul", [.kind(kind)], all: Array(items.shown.prefix(sentencesShown)))
        let folded = items.shown.dropFirst(sentencesShown)
        guard !folded.isEmpty else { return shown + items.note }
        return shown
            + .element(
                "details", [],
                .element(
                    "summary", [],
                    Markup("\(UnitText.count(sentences.count - sentencesShown)) \(rest)")),
                .element("ul", [.kind(kind)], all: Array(folded)), items.note)
    }
}

extension Verdict {
    /// The sign beside the verdict's word.
    var mark: String {
        switch self {
        case .pass: "✓"
        case .fail: "✗"
        case .invalid: "!"
        case .aborted: "■"
        default: "?"
        }
    }

    /// The verdict as a small sign with words for the pointer and for screen readers.
    func sign(_ title: String) -> Markup {
        .element(
            "span",
            [
                .kind("sign v-\(rawValue)"), Attribute("title", title), Attribute("role", "img"),
                Attribute("aria-label", title),
            ], Markup(mark))
    }
}

extension VerdictLines {
    /// The first line without the verdict's word.
    func sentence(of verdict: Verdict) -> String {
        String(lines.first?.dropFirst("\(verdict.rawValue): ".count) ?? "")
    }
}
