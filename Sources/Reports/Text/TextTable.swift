/// A table for a terminal: its columns are as wide as their widest cell, and no number is ever
/// elided. Where the terminal is too narrow the gaps and the names give way, then the figures of a
/// row take two lines, and at last each row becomes a name and its figures with their titles.
struct TextTable {
    struct Column {
        let title: String
        let isName: Bool

        static func name(_ title: String) -> Column { Column(title: title, isName: true) }
        static func figure(_ title: String) -> Column { Column(title: title, isName: false) }
    }

    /// The minimum width to which a name is elided; below it the rows are stacked.
    private static let nameWidthMin = 12
    private static let gap = 2

    let columns: [Column]
    /// The cells of each row, one per column.
    private(set) var rows: [[String]] = []
    let indent: Int

    init(_ columns: [Column], indent: Int = 2) {
        self.columns = columns
        self.indent = indent
    }

    /// Adds a row. Cells may come from outside.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a cell per column")
        rows.append(cells.map(TerminalText.harmless))
    }

    /// The lines of a table: its titles, and those of each row.
    struct Lines {
        var head: [String] = []
        var rows: [[String]] = []

        var all: [String] { head + rows.joined() }
    }

    /// Returns the lines: the titles, then one per row, or several where the width is too small.
    /// - Parameter colour: The colour of a row's cell; nil for none.
    func lines(
        width: Int, style: TerminalStyle,
        colour: (_ row: Int, _ column: Int) -> TerminalStyle.Colour? = { _, _ in nil }
    ) -> Lines {
        guard !rows.isEmpty else { return Lines() }
        for (bands, nameMin) in [(1, Int.max), (1, Self.nameWidthMin), (2, Self.nameWidthMin)] {
            for gap in [Self.gap, 1] {
                guard let layout = layout(bands: bands, gap: gap, nameMin: nameMin, width) else {
                    continue
                }
                return lines(layout, style, colour)
            }
        }
        return Lines(rows: stacked(width, style))
    }

    /// The places of the columns: those of names, and slots in which figures of each band are below
    /// each other.
    private struct Layout {
        /// The columns of each band, of which only the first has names.
        let bands: [[Int]]
        /// The width of each place in a band's line.
        let widths: [Int]
        let gap: Int
    }

    private func natural(_ column: Int) -> Int {
        ([columns[column].title] + rows.map { $0[column] }).map(TerminalText.width).max() ?? 0
    }

    /// Returns a layout; nil if the figures do not fit beside readable names.
    private func layout(bands: Int, gap: Int, nameMin: Int, _ width: Int) -> Layout? {
        let names = columns.indices.filter { columns[$0].isName }
        let figures = columns.indices.filter { !columns[$0].isName }
        let slots = (figures.count + bands - 1) / bands
        let parts = (0..<bands).map { band in
            Array(figures.dropFirst(band * slots).prefix(slots))
        }
        let slotWidths = (0..<slots).map { slot in
            parts.compactMap { slot < $0.count ? natural($0[slot]) : nil }.max() ?? 0
        }
        var nameWidths = names.map(natural)
        let fixed = indent + gap * (names.count + slots - 1) + slotWidths.reduce(0, +)
        while fixed + nameWidths.reduce(0, +) > width {
            guard let widest = nameWidths.indices.max(by: { nameWidths[$0] < nameWidths[$1] }),
                nameWidths[widest] > nameMin
            else { return nil }
            nameWidths[widest] -= 1
        }
        guard zip(names, nameWidths).allSatisfy({ isTold(column: $0, in: $1) }) else { return nil }
        return Layout(
            bands: parts.enumerated().map { $0 == 0 ? names + $1 : $1 },
            widths: nameWidths + slotWidths, gap: gap)
    }

    /// Whether different names stay different once they are elided.
    private func isTold(column: Int, in width: Int) -> Bool {
        let names = Set(rows.map { $0[column] })
        return Set(names.map { TerminalText.elided($0, to: width) }).count == names.count
    }

    private func lines(
        _ layout: Layout, _ style: TerminalStyle,
        _ colour: (_ row: Int, _ column: Int) -> TerminalStyle.Colour?
    ) -> Lines {
        let titles = lines(columns.map(\.title), layout) { _, text in text }
        return Lines(
            head: titles.map { style(.dim, $0) },
            rows: rows.enumerated().map { number, row in
                lines(row, layout) { column, text in
                    colour(number, column).map { style($0, text) } ?? text
                }
            })
    }

    /// Returns the lines of a row, without those of bands in which it has no cell.
    private func lines(
        _ cells: [String], _ layout: Layout, _ styled: (Int, String) -> String
    ) -> [String] {
        let names = columns.count { $0.isName }
        return layout.bands.enumerated().compactMap { band, places in
            guard let last = places.lastIndex(where: { !cells[$0].isEmpty }) else {
                return band == 0 ? "" : nil
            }
            let skipped = band == 0 ? 0 : names
            var line = TerminalText.spaces(
                indent + layout.widths.prefix(skipped).reduce(0, +) + skipped * layout.gap)
            for (place, column) in places.enumerated().prefix(last + 1) {
                let width = layout.widths[skipped + place]
                let cell = TerminalText.elided(cells[column], to: width)
                let padding = TerminalText.spaces(width - TerminalText.width(cell))
                let text = styled(column, cell)
                if place > 0 { line += TerminalText.spaces(layout.gap) }
                line += columns[column].isName ? text : padding + text
                if columns[column].isName, place < last { line += padding }
            }
            return line
        }
    }

    /// Returns each row as its names, and its figures with their titles.
    private func stacked(_ width: Int, _ style: TerminalStyle) -> [[String]] {
        var names = columns.map { _ in "" }
        return rows.map { row in
            for column in columns.indices where columns[column].isName && !row[column].isEmpty {
                names[column] = row[column]
            }
            let figures = columns.indices.filter { !columns[$0].isName && !row[$0].isEmpty }
                .map { "\(columns[$0].title) \(row[$0])" }
            let title = names.filter { !$0.isEmpty }.joined(separator: " · ")
            return TerminalText.sentence(title, indent: indent, width: width).map {
                style(.bold, $0)
            }
                + TerminalText.lines(
                    of: figures, separator: " · ", indent: indent + 2, width: width)
        }
    }
}
