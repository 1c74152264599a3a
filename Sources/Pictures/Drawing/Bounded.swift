import Reports

/// The parts of a list that fit into a number of bytes, so that no list makes a page larger than it
/// may be: names and sentences of a report can be long, and there can be many.
struct Bounded {
    /// The parts that do not fit in a row after which no more are drawn.
    private static let missesMax = 3

    let shown: [Markup]
    let omitted: Int

    /// Draws parts until the bytes are used up. A part that does not fit is left out, and a smaller
    /// one after it may still be shown.
    init(_ parts: [() -> Markup], bytes: Int) {
        var shown: [Markup] = []
        var (left, omitted, misses) = (bytes, 0, 0)
        for part in parts {
            guard misses < Self.missesMax else {
                omitted += 1
                continue
            }
            let markup = part()
            let size = markup.text.utf8.count
            guard size <= left else {
                (omitted, misses) = (omitted + 1, misses + 1)
                continue
            }
            misses = 0
            left -= size
            shown.append(markup)
        }
        self.shown = shown
        self.omitted = omitted
    }

    init<Part>(_ parts: some Sequence<Part>, bytes: Int, draw: @escaping (Part) -> Markup) {
        self.init(parts.map { part in { draw(part) } }, bytes: bytes)
    }

    /// The sentence on the parts that are left out; nothing if there are none.
    var note: Markup {
        omitted == 0
            ? .none
            : .element(
                "p", [.kind("note")],
                Markup(
                    "The report has \(UnitText.count(omitted)) more; this page stays below 1 MiB."))
    }

    var bytes: Int { shown.reduce(0) { $0 + $1.text.utf8.count } }
}
