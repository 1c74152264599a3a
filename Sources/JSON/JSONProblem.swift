/// An error in a file, in the form in which it is shown.
package struct JSONProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let file: String
    /// The line, counted from 1.
    package let line: Int
    /// The column, counted from 1 in Unicode scalars.
    package let column: Int
    package let path: String
    package let message: String

    package init(file: String, line: Int, column: Int, path: String, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }

    /// The problem as `FILE:LINE:COLUMN: $.path: message`.
    package var description: String { "\(file.shown):\(line):\(column): \(path): \(message)" }
}
