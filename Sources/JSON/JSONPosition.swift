/// The position of a value or key in a JSON text.
///
/// `line` and `column` count from 1; a column is one Unicode scalar, and only a line feed
/// ends a line. `offset` counts bytes from 0. `source` is the text's number among the sources of
/// `JSONProblems`: a tree may be made of several files.
package struct JSONPosition: Sendable, Equatable, Hashable, CustomStringConvertible {
    package let offset: Int
    package let line: Int
    package let column: Int
    package let source: Int

    package init(offset: Int, line: Int, column: Int, source: Int = 0) {
        self.offset = offset
        self.line = line
        self.column = column
        self.source = source
    }

    /// Returns the first position of a source.
    package static func start(of source: Int) -> JSONPosition {
        JSONPosition(offset: 0, line: 1, column: 1, source: source)
    }

    func within(_ source: Int) -> JSONPosition {
        JSONPosition(offset: offset, line: line, column: column, source: source)
    }

    /// The position as `LINE:COLUMN`.
    package var description: String { "\(line):\(column)" }
}
