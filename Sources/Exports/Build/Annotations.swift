import Reports

/// Annotations of a build on GitHub: workflow commands that its runner reads from a step's output
/// and shows at the lines of a file.
package enum Annotations {
    /// The maximum number of annotations: GitHub shows ten of a step.
    package static let most = 10
    /// The maximum number of runs that a message names.
    private static let runsMax = 4

    private struct Annotation {
        let level: String
        let line: Int?
        let title: String
        let message: String
    }

    /// Returns the commands for a report, one per line: the thresholds that do not hold, at their
    /// lines in the plan, then the other reasons.
    /// - Parameters:
    ///   - file: The plan's path from the root of the checkout.
    ///   - lines: The lines of the plan; nil if the plan at hand is not the one that was run.
    package static func commands(for report: Report, file: String, lines: PlanLines?) -> [String] {
        var annotations = thresholds(report, lines) + trials(report, lines)
        if annotations.isEmpty || report.verdict != .fail {
            annotations.insert(contentsOf: reason(report.verdict, report.reasons), at: 0)
        }
        return commands(annotations, file: file)
    }

    /// Returns the commands for the errors of plans.
    package static func commands(
        for errors: [(file: String, line: Int?, message: String)]
    ) -> [String] {
        errors.prefix(most).map { error in
            command(
                Annotation(
                    level: "error", line: error.line, title: "udplab: the plan is invalid",
                    message: error.line == nil ? "\(error.file): \(error.message)" : error.message),
                file: error.line == nil ? nil : error.file)
        }
    }

    /// Returns the commands for a score card, which has no file.
    package static func commands(for card: ScoreCard) -> [String] {
        let trials = card.trials.filter(\.failsProfile).map { annotation($0, line: nil) }
        return commands(trials.isEmpty ? reason(card.verdict, card.reasons) : trials, file: nil)
    }

    private static func commands(_ annotations: [Annotation], file: String?) -> [String] {
        // The last one says how many there are besides.
        let shown =
            annotations.count > most ? Array(annotations.prefix(most - 1)) : annotations
        var commands = shown.map { command($0, file: file) }
        if annotations.count > shown.count {
            commands.append(
                "::notice title=udplab::and \(annotations.count - shown.count) more findings, which "
                    + "the summary has")
        }
        return commands
    }

    private static func command(_ annotation: Annotation, file: String?) -> String {
        var properties: [String] = []
        if let file { properties.append("file=\(Escaping.gitHubProperty(file))") }
        if file != nil, let line = annotation.line { properties.append("line=\(line)") }
        properties.append("title=\(Escaping.gitHubProperty(annotation.title))")
        return "::\(annotation.level) \(properties.joined(separator: ","))::"
            + Escaping.gitHubMessage(annotation.message)
    }

    /// Returns an annotation per threshold of a scenario and sender, for all runs in which it does
    /// not hold together.
    private static func thresholds(_ report: Report, _ lines: PlanLines?) -> [Annotation] {
        struct Place: Hashable {
            let scenario: String
            let sender: String
            let expression: String
        }
        let misses = report.runs.filter(\.isUsable).flatMap { run in
            run.thresholds.filter { $0.passed == false }.map { threshold in
                (
                    place: Place(
                        scenario: run.scenario, sender: threshold.sender,
                        expression: threshold.expression),
                    found: "\(threshold.valueText) in \(run.title)"
                )
            }
        }
        return misses.map(\.place).inFirstOrder.map { place in
            let found = misses.filter { $0.place == place }.map(\.found)
            let left = found.count - runsMax
            let message =
                "\(place.sender): \(place.expression) does not hold: it is "
                + found.prefix(runsMax).joined(separator: ", ")
                + (left > 0 ? " and in \(left) more runs" : "")
            return Annotation(
                level: "error", line: lines?.line(of: place.expression, in: place.scenario),
                title: "udplab: \(place.scenario)", message: message)
        }
    }

    private static func trials(_ report: Report, _ lines: PlanLines?) -> [Annotation] {
        report.runs.flatMap { run in
            (run.battery?.trials ?? []).filter(\.failsProfile).map {
                annotation($0, line: lines?.line(of: nil, in: run.scenario))
            }
        }
    }

    private static func annotation(_ trial: TrialReport, line: Int?) -> Annotation {
        let change = trial.change.map { " → \($0)" } ?? ""
        return Annotation(
            level: "error", line: line, title: "udplab: \(trial.id)",
            message: trial.saw + change)
    }

    /// Returns the deciding reason. What was not decided is a warning, because the exit status says
    /// whether the build goes on.
    private static func reason(_ verdict: Verdict, _ reasons: [String]) -> [Annotation] {
        guard verdict != .pass else { return [] }
        return [
            Annotation(
                level: verdict == .fail ? "error" : "warning", line: 1,
                title: "udplab: \(verdict.rawValue)", message: reasons.first ?? verdict.rawValue)
        ]
    }
}

/// The path of a file from the root of the checkout, which is what annotations name.
package enum CheckoutPath {
    /// Returns the path; unchanged if the file is outside of the checkout.
    /// - Parameters:
    ///   - path: The path as on the command line.
    ///   - directory: The working directory.
    ///   - root: The root of the checkout.
    package static func of(_ path: String, from directory: String, root: String?) -> String {
        guard let root, !root.isEmpty else { return path }
        let whole = normal(path.hasPrefix("/") ? path : "\(directory)/\(path)")
        let start = normal(root)
        return whole.hasPrefix(start + "/") ? String(whole.dropFirst(start.count + 1)) : path
    }

    private static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
