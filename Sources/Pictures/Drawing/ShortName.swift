import Reports

/// Names beside a picture, where there is room for few characters. The whole name is in the
/// summary.
enum ShortName {
    static let charactersMax = 16

    static func of(_ name: String, _ most: Int = charactersMax) -> String {
        TerminalText.elided(name, to: most)
    }
}
