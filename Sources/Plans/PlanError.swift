import JSON

/// Why there is no plan: the file, or everything that is wrong with its content.
package enum PlanError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read; one sentence that names the path.
    case file(String)
    /// In the order of the file. `more` problems are not listed.
    case invalid(problems: [JSONProblem], more: Int)

    /// One line a problem, without a line feed at the end.
    package var description: String {
        switch self {
        case .file(let sentence): sentence
        case .invalid(let problems, let more):
            (problems.map(\.description) + (more > 0 ? ["and \(more) more problems"] : []))
                .joined(separator: "\n")
        }
    }
}
