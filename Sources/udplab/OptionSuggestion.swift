import ArgumentParser
import Datagrams
import JSON
import Reports
import Shipped

/// Filters the argument parser's suggestion for a misspelt option, which it also makes if three of
/// five letters differ, by `NearestMatch`: `--junit` does not mean `--quiet`. Where the parser has
/// none it adds one: for a misspelt verb, for words of other tools, for a value without its option.
enum OptionSuggestion {
    /// Returns the message without an unlikely suggestion, and with a likely one.
    static func judged(_ message: String) -> String {
        withValue(withOption(withVerb(withoutUnlikely(message))))
    }

    private static func withOption(_ message: String) -> String {
        guard let match = message.firstMatch(of: /Unknown option '-*([^'=]*)[^']*'\.?/),
            !message[match.range.upperBound...].hasPrefix(" Did you mean")
        else { return message }
        let verb = ProcessArguments.words.first.flatMap { $0.first == "-" ? nil : $0 }
        guard let advice = ForeignWords.advice(for: String(match.output.1), verb: verb) else {
            return message
        }
        return message.replacingCharacters(of: match.range) {
            ($0.hasSuffix(".") ? $0 : $0 + ".") + " " + advice
        }
    }

    private static func withValue(_ message: String) -> String {
        let words = ProcessArguments.words
        if let match = message.firstMatch(of: /Missing expected argument '--([a-z-]+)[^']*'/) {
            let meant = ForeignWords.missing(String(match.output.1), in: words)
            guard let meant, let verb = words.first else { return message }
            return message.replacingCharacters(of: match.range) {
                $0 + ". Did you mean 'udplab \(verb) \(meant)'?"
            }
        }
        let form = /The value '([^']*)' is invalid for '--([a-z-]+)[^']*'(\. Please provide)?/
        guard let match = message.firstMatch(of: form), match.output.3 == nil else {
            return message
        }
        let isPort = match.output.2 == "port"
        let meant = isPort ? ForeignWords.port(String(match.output.1)) : nil
        let hint =
            meant.map { "did you mean '\($0)'?" }
            ?? (isPort ? "a port is 0 to 65535" : "a whole number is expected, such as 10")
        return message.replacingCharacters(of: match.range) { $0 + ": " + hint }
    }

    private static func withVerb(_ message: String) -> String {
        guard let match = message.firstMatch(of: /[Uu]nexpected arguments?:? '([^']*)'/),
            ProcessArguments.words.first == String(match.output.1)
        else { return message }
        let word = String(match.output.1)
        let verbs = UDPLab.configuration.subcommands.compactMap { $0.configuration.commandName }
        var suggestion = (NearestMatch.of(word, among: verbs) ?? ForeignWords.verb(for: word))
            .map { "udplab \($0)" }
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

extension String {
    /// Returns the text with a part of it changed.
    fileprivate func replacingCharacters(
        of range: Range<Index>, _ change: (String) -> String
    ) -> String {
        String(self[..<range.lowerBound]) + change(String(self[range])) + self[range.upperBound...]
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
