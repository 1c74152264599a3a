/// Collects everything that is wrong with one file, so that its author sees it all at once.
package final class JSONProblems {
    package let file: String
    /// How many problems are listed; the rest is counted.
    package let countMax: Int
    /// Further files that values of this one name, in the order in which they were read.
    package private(set) var filesRead: [String] = []
    private var found: [(position: JSONPosition, problem: JSONProblem)] = []

    package init(file: String, countMax: Int = 100) {
        self.file = file
        self.countMax = countMax
    }

    package var isEmpty: Bool { found.isEmpty }
    package var count: Int { found.count }

    /// Notes that the file at `path` is read for a value of this one.
    package func note(fileRead path: String) { filesRead.append(path) }

    /// Adds what is wrong with the value at `node`.
    package func add(_ message: String, at node: JSONNode) {
        add(message, at: node.position, path: node.path)
    }

    /// Adds what is wrong at a place that is no value, such as a key.
    package func add(_ message: String, at position: JSONPosition, path: String) {
        let problem = JSONProblem(
            file: file, line: position.line, column: position.column, path: path, message: message)
        found.append((position, problem))
    }

    /// In the order of the file; those at the same place in the order in which they were found.
    /// At most `countMax`.
    package var sorted: [JSONProblem] {
        let ordered = found.enumerated().sorted { left, right in
            (left.element.position.offset, left.offset)
                < (right.element.position.offset, right.offset)
        }
        return ordered.prefix(countMax).map(\.element.problem)
    }

    /// One line a problem, and a last one that says how many more there are.
    package var lines: [String] {
        let lines = sorted.map(\.description)
        guard count > countMax else { return lines }
        return lines + ["\(file): \(count - countMax) more problems are not shown"]
    }
}
