import ArgumentParser
import Datagrams
import JSON
import Reports
import Shipped

/// Filters the argument parser's suggestion for a misspelt option, which it also makes if three of
/// five letters differ, by `NearestMatch`: `--junit` does not mean `--quiet`. For a misspelt verb,
/// for which the parser has no suggestion, it adds one.
enum OptionSuggestion {
    /// Returns the message without an unlikely suggestion, and with one for a verb.
    static func judged(_ message: String) -> String { withVerb(withoutUnlikely(message)) }

    private static func withVerb(_ message: String) -> String {
        guard let match = message.firstMatch(of: /[Uu]nexpected arguments?:? '([^']*)'/),
            ProcessArguments.words.first == String(match.output.1)
        else { return message }
        let word = String(match.output.1)
        let verbs = UDPLab.configuration.subcommands.compactMap { $0.configuration.commandName }
        var suggestion = NearestMatch.of(word, among: verbs).map { "udplab \($0)" }
        if word.hasSuffix(".json") || ShippedPlan.name(in: word) != nil {
            suggestion = "udplab run \(word)"
        }
        guard let suggestion else { return message }
        var judged = message
        // Below the message the whole text has the usage.
        let end = message.firstIndex(of: "\n") ?? message.endIndex
        judged.insert(contentsOf: ". Did you mean '\(suggestion)'?", at: end)
        return judged
    }

    private static func withoutUnlikely(_ message: String) -> String {
        let form = /Unknown option '-*([^']*)'\.( Did you mean '-*([^']*)'\?)/
        guard let match = message.firstMatch(of: form) else { return message }
        let (option, guess, suggestion) = (match.output.1, match.output.2, match.output.3)
        guard NearestMatch.of(String(option), among: [String(suggestion)]) == nil else {
            return message
        }
        var judged = message
        judged.removeSubrange(guess.startIndex..<guess.endIndex)
        return judged
    }
}

extension UDPLab {
    /// Runs a command as `main(_:)` does, but without unlikely suggestions.
    static func conduct(_ words: [String]) async {
        do {
            var command = try await asyncParseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Prints an error, without an unlikely suggestion, and ends the process.
    static func end(with error: any Error) -> Never {
        // A verb that ends by itself has printed its result.
        if !(error is ExitCode), let status = ExitStatus(rawValue: exitCode(for: error).rawValue),
            status != .passed
        {
            let message = OptionSuggestion.judged(message(for: error))
            RefusalObject.write(message, status, for: ProcessArguments.words)
        }
        if exitCode(for: error) == .success, Console.passed != .passed {
            exit(withError: ExitCode(Console.passed.rawValue))
        }
        let message = fullMessage(for: error)
        let judged = OptionSuggestion.judged(message)
        let harmless = ShownText.of(judged, keepingLines: true)
        guard harmless != message else { exit(withError: error) }
        Console.say(styled: harmless)
        exit(withError: ExitCode(exitCode(for: error).rawValue))
    }
}
