import Reports

/// What somebody sent, as a terminal and a report show it.
enum TextTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        let escaped = TerminalText.escaped(octets)
        let harmless = TerminalText.harmless(String(decoding: octets, as: UTF8.self))
        for scalar in escaped.unicodeScalars {
            findings.require(isShown(scalar), "escaped: \(scalar.value)")
        }
        for scalar in harmless.unicodeScalars {
            findings.require(isShown(scalar), "harmless: \(scalar.value)")
        }
        findings.require(
            escaped.unicodeScalars.count <= 8 * octets.count, "longer than its escapes")
        for width in [0, 1, 2, 9] {
            findings.require(
                TerminalText.elided(escaped, to: width).count <= width, "wider than \(width)")
        }
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
