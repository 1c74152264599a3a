import JSON

/// The reason why a plan cannot be read: the file itself, or the problems in its content.
package enum PlanError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read; one sentence that names the path.
    case file(String)
    /// The problems in the order of the file. `more` problems are not listed.
    case invalid(problems: [JSONProblem], more: Int)

    init(_ problems: JSONProblems) {
        let listed = problems.sorted
        self = .invalid(problems: listed, more: problems.count - listed.count)
    }

    /// The problems, one per line, without a line feed at the end.
    package var description: String {
        switch self {
        case .file(let sentence): sentence
        case .invalid(let problems, let more):
            (problems.map(\.description) + (more > 0 ? ["and \(more) more problems"] : []))
                .joined(separator: "\n")
        }
    }
}
