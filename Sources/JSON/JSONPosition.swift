/// The position of a value or key in a JSON text.
///
/// `line` and `column` count from 1; a column is one Unicode scalar, and only a line feed
/// ends a line. `offset` counts bytes from 0.
package struct JSONPosition: Sendable, Equatable, Hashable, CustomStringConvertible {
    package let offset: Int
    package let line: Int
    package let column: Int

    package init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// The position as `LINE:COLUMN`.
    package var description: String { "\(line):\(column)" }
}
