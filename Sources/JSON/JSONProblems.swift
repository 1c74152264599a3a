/// Collects the problems of one file, so that its author sees all of them at once.
package final class JSONProblems {
    package let file: String
    /// The maximum number of problems listed; the rest are counted.
    package let countMax: Int
    /// The further files that values of this file name, in the order in which they were read.
    package private(set) var filesRead: [String] = []
    private var found: [(position: JSONPosition, problem: JSONProblem)] = []

    package init(file: String, countMax: Int = 100) {
        self.file = file
        self.countMax = countMax
    }

    package var isEmpty: Bool { found.isEmpty }
    package var count: Int { found.count }

    /// Records that the file at `path` is read for a value of this file.
    package func note(fileRead path: String) { filesRead.append(path) }

    /// Adds a problem at the value of `node`.
    package func add(_ message: String, at node: JSONNode) {
        add(message, at: node.position, path: node.path)
    }

    /// Adds a problem at a position that is not a value, such as a key.
    package func add(_ message: String, at position: JSONPosition, path: String) {
        let problem = JSONProblem(
            file: file, line: position.line, column: position.column, path: path, message: message)
        found.append((position, problem))
    }

    /// The problems in the order of the file, at most `countMax`; problems at the same position are
    /// in the order in which they were found.
    package var sorted: [JSONProblem] {
        let ordered = found.enumerated().sorted { left, right in
            (left.element.position.offset, left.offset)
                < (right.element.position.offset, right.offset)
        }
        return ordered.prefix(countMax).map(\.element.problem)
    }

    /// The problems, one per line, and a last line with the number of those not shown.
    package var lines: [String] {
        let lines = sorted.map(\.description)
        guard count > countMax else { return lines }
        return lines + ["\(file): \(count - countMax) more problems are not shown"]
    }
}
