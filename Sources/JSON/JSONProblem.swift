/// An error in a file or an option, in the form in which it is shown.
package struct JSONProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The path of the file, or the option as typed.
    package let file: String
    /// The line, counted from 1; nil in an option.
    package let line: Int?
    /// The column, counted from 1 in Unicode scalars; nil in an option.
    package let column: Int?
    package let path: String
    package let message: String

    package init(file: String, line: Int?, column: Int?, path: String, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }

    /// The problem as `FILE:LINE:COLUMN: $.path: message`, or `--set a=b: $.path: message`.
    package var description: String {
        ([file.shown] + [place].compactMap(\.self)).joined(separator: ":") + ": \(path): \(message)"
    }

    /// The position as `LINE:COLUMN`; nil in an option.
    package var place: String? {
        line.flatMap { line in column.map { "\(line):\($0)" } }
    }
}
