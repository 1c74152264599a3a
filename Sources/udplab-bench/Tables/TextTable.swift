import Reports

/// A table for a terminal, and as Markdown. The first column is left-aligned, the others
/// right-aligned.
struct TextTable: Equatable {
    var title: String
    var heads: [String]
    var rows: [[String]] = []
    /// The sentences below the table.
    var notes: [String] = []

    /// Returns the table for a terminal.
    /// - Returns: Lines, each with a line feed at its end.
    func terminal() -> String {
        let widths = heads.indices.map { column in
            ([heads] + rows).map { $0[column].count }.max() ?? 0
        }
        var lines = [title]
        for row in [heads] + rows {
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }
            lines.append("  " + cells.joined(separator: "  "))
        }
        lines += notes.map { "  \($0)" }
        return lines.map { Self.withoutTail($0) + "\n" }.joined()
    }

    func markdown() -> String {
        let rule = heads.indices.map { $0 == 0 ? "---" : "---:" }
        let lines = ([heads, rule] + rows).map { row in
            "| " + row.map(Self.escaped).joined(separator: " | ") + " |"
        }
        let foot = notes.isEmpty ? [] : [""] + notes.map(Self.escaped)
        return (["**\(title)**", ""] + lines + foot).map { $0 + "\n" }.joined()
    }

    private static func escaped(_ cell: String) -> String {
        cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    private static func withoutTail(_ line: String) -> Substring {
        var line = line[...]
        while line.last == " " { line.removeLast() }
        return line
    }
}
