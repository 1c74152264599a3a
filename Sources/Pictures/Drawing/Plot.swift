/// A picture with axes that is as wide as the page allows: places across are shares of the width,
/// places down are pixels, so that text keeps its size on a phone and on paper.
struct Plot {
    /// The room beside the plot, by classes of the style sheet.
    enum Margin: String {
        /// Room for numbers at the left and nothing at the right.
        case plain = ""
        /// Room for names at the right as well.
        case labelled = "names-right"
        /// Room for names at the left and for words at the right.
        case rows = "names-left names-right"
        /// No room: the plot is as wide as the text.
        case flush = "flush"
    }

    /// The units of the stretched part, whose paths cannot be in shares.
    static let units = 1_000.0

    let title: String
    let height: Double
    let margin: Margin
    private var content = Markup.none
    private var foot = 0.0

    /// Makes a picture.
    /// - Parameter title: The sentence that a screen reader says.
    init(_ title: String, height: Double, margin: Margin = .plain) {
        self.title = title
        self.height = height
        self.margin = margin
    }

    mutating func add(_ markup: Markup) { content += markup }

    /// Adds paths, whose places across are in units of the stretched part.
    mutating func add(_ outline: Outline, _ kind: String, title: String? = nil) {
        guard !outline.isEmpty else { return }
        let path = Markup.element(
            "path", [.kind(kind), Attribute(outline)], title.map(Self.tip) ?? .none)
        add(stretched(path))
    }

    /// Returns paths within the stretched part.
    func stretched(_ paths: Markup) -> Markup {
        .element(
            "svg",
            [
                Attribute("viewBox", "0 0 \(PlaceText.text(Self.units)) \(PlaceText.text(height))"),
                Attribute("preserveAspectRatio", "none"), Attribute("width", "100%"),
                Attribute("height", height), .kind("stretch"),
            ], paths)
    }

    /// Returns the words that appear under the pointer.
    static func tip(_ text: String) -> Markup { .element("title", [], Markup(text)) }

    mutating func text(
        _ text: String, x: Double, y: Double, dx: Double = 0, _ kind: String, tip: String? = nil
    ) {
        var attributes = [Attribute("x", share: x), Attribute("y", y), Attribute.kind(kind)]
        if dx != 0 { attributes.append(Attribute("dx", dx)) }
        add(.element("text", attributes, Markup(text), tip.map(Self.tip) ?? .none))
    }

    mutating func line(
        x1: Double, y1: Double, x2: Double, y2: Double, _ kind: String, tip: String? = nil
    ) {
        add(
            .element(
                "line",
                [
                    Attribute("x1", share: x1), Attribute("y1", y1), Attribute("x2", share: x2),
                    Attribute("y2", y2), .kind(kind),
                ], tip.map(Self.tip) ?? .none))
    }

    mutating func box(
        x: Double, y: Double, width: Double, height: Double, _ kind: String, tip: String? = nil
    ) {
        add(
            .element(
                "rect",
                [
                    Attribute("x", share: x), Attribute("y", y), Attribute("width", share: width),
                    Attribute("height", height), .kind(kind),
                ], tip.map(Self.tip) ?? .none))
    }

    mutating func dot(x: Double, y: Double, radius: Double, _ kind: String, tip: String? = nil) {
        add(
            .element(
                "circle",
                [
                    Attribute("cx", share: x), Attribute("cy", y), Attribute("r", radius),
                    .kind(kind),
                ], tip.map(Self.tip) ?? .none))
    }

    // MARK: Axes

    /// Adds the ticks below, each with a faint line through the plot.
    mutating func axisBelow(
        _ ticks: [(share: Double, text: String)], hasLines: Bool = true, hasText: Bool = true
    ) {
        for tick in ticks {
            if hasLines { line(x1: tick.share, y1: 0, x2: tick.share, y2: height, "grid") }
            guard hasText else { continue }
            let side = tick.share < 0.02 ? "start" : tick.share > 0.98 ? "end" : "middle"
            text(tick.text, x: tick.share, y: height + 16, "tick \(side)")
        }
        if hasText { foot = 22 }
    }

    /// Adds the ticks at the left, each with a faint line through the plot.
    mutating func axisLeft(_ ticks: [(share: Double, text: String)]) {
        for tick in ticks {
            let y = height * (1 - tick.share)
            line(x1: 0, y1: y, x2: 1, y2: y, "grid")
            text(tick.text, x: 0, y: y + 4, dx: -8, "tick end")
        }
    }

    /// The picture.
    var markup: Markup {
        .element(
            "div", [.kind("frame \(margin.rawValue)")],
            .element(
                "svg",
                [
                    .kind("plot"), Attribute("width", "100%"), Attribute("height", height + foot),
                    Attribute("role", "img"), Attribute("aria-label", title),
                ], content))
    }
}
