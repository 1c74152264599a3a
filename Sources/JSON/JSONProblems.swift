/// The source of values of a tree: a file, or an option of the command line.
package struct JSONSource: Sendable, Equatable {
    /// The path of the file, or the option as typed.
    package let name: String
    package let isFile: Bool

    package static func file(_ path: String) -> JSONSource {
        JSONSource(name: path, isFile: true)
    }

    /// The name of standard input in messages.
    package static let standardInputName = "<stdin>"

    package static func option(_ text: String) -> JSONSource {
        JSONSource(name: text, isFile: false)
    }
}

/// Collects the problems of one tree, so that its author sees all of them at once.
package final class JSONProblems {
    /// The sources of the tree, by the numbers of its positions; the file itself is the first.
    package let sources: [JSONSource]
    /// The maximum number of problems listed; the rest are counted.
    package let countMax: Int
    /// The further files that values of this file name, in the order in which they were read.
    package private(set) var filesRead: [String] = []
    /// Returns the objects that have a key, for a message about a key in the wrong object.
    private let places: (String) -> String?
    private var found: [(position: JSONPosition, problem: JSONProblem)] = []

    package convenience init(file: String, countMax: Int = 100) {
        self.init(sources: [.file(file)], countMax: countMax)
    }

    package init(
        sources: [JSONSource], countMax: Int, places: @escaping (String) -> String? = { _ in nil }
    ) {
        precondition(sources.first?.isFile == true, "a tree begins with a file")
        self.sources = sources
        self.countMax = countMax
        self.places = places
    }

    /// Returns a clause on the objects that have a key, or a word of udplab for it: `"address" is a
    /// key of a responder`; nil if none has it.
    func home(of key: String) -> String? {
        for word in [key] + Synonyms.names(for: key) {
            if let place = places(word) { return "\(word.quotedForMessage) is a key of \(place)" }
        }
        return nil
    }

    /// Adds the problems of another reading of the tree, except those at some values.
    package func add(_ others: JSONProblems, except nodes: [JSONNode]) {
        found += others.found.filter { found in
            !nodes.contains { $0.position == found.position && $0.path == found.problem.path }
        }
    }

    private var file: String { sources[0].name }

    /// Returns the file that a value is from; of an option's value it is the first.
    package func file(of node: JSONNode) -> String {
        let source = sources[node.position.source]
        return source.isFile ? source.name : file
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
        let source = sources[position.source]
        let problem = JSONProblem(
            file: source.name, line: source.isFile ? position.line : nil,
            column: source.isFile ? position.column : nil, path: path, message: message)
        found.append((position, problem))
    }

    /// The problems in the order of the sources, at most `countMax`; problems at the same position
    /// are in the order in which they were found.
    package var sorted: [JSONProblem] {
        let ordered = found.enumerated().sorted { left, right in
            let (one, other) = (left.element.position, right.element.position)
            return (one.source, one.offset, left.offset)
                < (other.source, other.offset, right.offset)
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
