/// An attribute of an element. Its name is a literal, and its text is escaped.
struct Attribute: Sendable {
    let name: StaticString
    let text: String

    init(_ name: StaticString, _ value: String) {
        self.name = name
        text = Markup.escaped(value)
    }

    /// Makes an attribute of a place or a length in pixels.
    init(_ name: StaticString, _ value: Double) {
        self.name = name
        text = PlaceText.text(value)
    }

    /// Makes an attribute of a place as a share of the width.
    init(_ name: StaticString, share: Double) {
        self.name = name
        text = PlaceText.percent(share)
    }

    /// Makes the attribute of a path's lines.
    init(_ path: Outline) {
        name = "d"
        text = path.text
    }

    /// Makes the attribute `class`.
    static func kind(_ names: String) -> Attribute { Attribute("class", names) }
}
