import Reports

/// The frame of every page: the head with the style sheet, the title, and the foot.
enum Frame {
    /// The largest page in bytes.
    static let bytesMax = 1 << 20

    /// A kind of page.
    enum Kind {
        /// The page is a file, which needs nothing.
        case file
        /// The page is served while the plan runs. It takes the script and its events from the
        /// server that it came from; without scripts it is loaded again.
        case live(refreshS: Int, script: String)

        /// The page's security policy. No page asks another machine for anything.
        fileprivate var policy: String {
            let file = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
            return if case .file = self { file } else { file + "; \(Frame.liveSources)" }
        }

        fileprivate var head: Markup {
            guard case .live(let refreshS, let script) = self else { return .none }
            let refresh = Markup.shape(
                "meta",
                [Attribute("http-equiv", "refresh"), Attribute("content", "\(refreshS)")])
            return .element("noscript", [], refresh)
                + .element(
                    "script", [Attribute("src", script), Attribute("defer", "defer")])
        }
    }

    /// The sources that the live page has beyond those of a file: its own server.
    static let liveSources = "script-src 'self'; connect-src 'self'"

    static func page(title: String, _ body: [Markup], kind: Kind = .file) -> String {
        let head = Markup.element(
            "head", [],
            all: [
                .shape("meta", [Attribute("charset", "utf-8")]),
                .shape(
                    "meta",
                    [
                        Attribute("name", "viewport"),
                        Attribute("content", "width=device-width, initial-scale=1"),
                    ]),
                .shape(
                    "meta",
                    [
                        Attribute("http-equiv", "Content-Security-Policy"),
                        Attribute("content", kind.policy),
                    ]),
                .shape("link", [Attribute("rel", "icon"), Attribute("href", "data:,")]),
                .element("title", [], short(title)), PageStyle.sheet, kind.head,
            ])
        let document = Markup.element(
            "html", [Attribute("lang", "en")], head, .element("body", [], hatch, body.joined()))
        return (Markup.documentType + document).text + "\n"
    }

    /// The pattern of intervals in which this host was the limit.
    private static let hatch = Markup.element(
        "svg",
        [
            Attribute("width", 0.0), Attribute("height", 0.0), Attribute("aria-hidden", "true"),
            .kind("defs"),
        ],
        .element(
            "defs", [],
            .element(
                "pattern",
                [
                    Attribute("id", "hatch"), Attribute("width", 6.0), Attribute("height", 6.0),
                    Attribute("patternUnits", "userSpaceOnUse"),
                    Attribute("patternTransform", "rotate(45)"),
                ],
                .shape(
                    "rect",
                    [Attribute("width", 2.0), Attribute("height", 6.0), .kind("hatch-line")]))))

    /// The most characters of a title or a fact, which may have a name of any length.
    private static let charactersMax = 240
    private static let footerBytes = 16 << 10

    private static func short(_ text: String) -> Markup {
        Markup(TerminalText.elided(text, to: charactersMax))
    }

    /// Returns the title of a document with its facts.
    static func header(_ kind: String, title: String, facts: [String]) -> Markup {
        .element(
            "header", [], .element("p", [.kind("eyebrow")], Markup(kind)),
            .element("h1", [], short(title)),
            .element("p", [.kind("facts")], all: facts.map { .element("span", [], short($0)) }))
    }

    static func footer(_ sentences: [String]) -> Markup {
        let all = Bounded(sentences, bytes: footerBytes) { .element("p", [], Markup($0)) }
        return .element("footer", [], all: all.shown + [all.note])
    }

    static func facts(of host: HostReport) -> [String] {
        let processor = host.cpuModel.map { " (\($0))" } ?? ""
        return [
            "Linux \(host.kernel), \(host.architecture)",
            "\(host.cpus) \(host.cpus == 1 ? "processor" : "processors")\(processor)",
        ]
    }
}
