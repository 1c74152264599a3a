/// The examination as text for a terminal.
extension Doctor {
    /// The maximum length of a line in characters.
    static let textColumns = 100

    /// Returns a line per finding with its consequence below, limits and notes marked; then one
    /// line that counts them.
    /// - Parameter subject: The words before the names of what limits a measurement.
    package static func text(
        _ findings: [Finding], limits subject: String = "This machine limits"
    ) -> String {
        let nameWidth = findings.map(\.name.count).max() ?? 0
        var lines: [String] = []
        for finding in findings {
            let mark = padded(finding.level.rawValue, to: 5)
            lines.append("\(mark)  \(padded(finding.name, to: nameWidth))  \(finding.value)")
            // The indentation up to the value: level and name, each followed by two spaces.
            let indent = String(repeating: " ", count: 5 + 2 + nameWidth + 2)
            lines += wrapped(finding.consequence, to: textColumns - indent.count).map {
                indent + $0
            }
            lines += remedy(finding).map { indent + $0 }
        }
        return (lines + ["", summary(findings, subject)]).joined(separator: "\n") + "\n"
    }

    /// Returns the lines on what mends a finding; commands are never wrapped, to be copied whole.
    private static func remedy(_ finding: Finding) -> [String] {
        if let reason = finding.unmendable { return ["No command mends it: \(reason)."] }
        guard let mend = finding.mend else { return [] }
        let place =
            switch finding.mendPlace {
            case .host?: " on the host outside"
            case .container?: " at the container's start"
            default: ""
            }
        return [
            "To mend it\(place)\(finding.needsRoot ? " (needs root)" : ""):", "  \(mend)",
        ] + (finding.mendPersistent.map { ["To keep it so (needs root):", "  \($0)"] } ?? [])
    }

    private static func summary(_ findings: [Finding], _ subject: String) -> String {
        let limits = findings.filter { $0.level == .limit }.map(\.name)
        let notes = findings.filter { $0.level == .note }.map(\.name)
        if limits.isEmpty && notes.isEmpty { return "Nothing stands in the way of a measurement." }
        return [
            limits.isEmpty ? nil : "\(subject): \(limits.joined(separator: ", ")).",
            notes.isEmpty ? nil : "To keep in mind: \(notes.joined(separator: ", ")).",
        ].compactMap { $0 }.joined(separator: "\n")
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
