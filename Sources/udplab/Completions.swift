import ArgumentParser
import Exports
import Glibc
import Plans
import Reports
import Shipped

/// Kinds of completion that the program answers itself, as `CompletionScript` mends the scripts
/// of the parser for them: a line of an answer is a word, or a pattern of files.
///
/// Words consist of letters, digits and `.` `_` `-` `/` `:` `=`, so that no shell finds anything to
/// act on in them, whatever a plan has.
extension CompletionKind {
    /// A pattern that stands for JSON files, which the shell finds and quotes.
    private static let jsonFiles = "*.json"
    /// A pattern that stands for all files, after the `=` of the word if it has one.
    private static let anyFile = "*"

    /// Plans: JSON files, and those inside the program.
    static let plan = custom { _, _, _ in [jsonFiles] + shippedPlans }

    /// Reports and score cards.
    static let reports = custom { _, _, _ in [jsonFiles] }

    static let shippedPlan = list(shippedPlans)

    /// Scenarios and networks of the first plan on the line.
    static let selection = custom { words, _, _ in
        for word in words.dropFirst(2).map(unquoted) where isPlan(word) {
            let offers = PlanSelection.offers(in: word)
            if !offers.isEmpty { return offers }
        }
        return []
    }

    /// Forms, each with the file that it goes to.
    static let export = custom { words, index, _ in
        let word = words.indices.contains(index) ? words[index] : ""
        return word.contains("=") ? [anyFile] : Exporters.all.map { "\($0.name)=" }
    }

    static let shownForm = list(["table"] + Exporters.all.map(\.name))

    static let explained = custom { _, _, _ in Explanations.names.filter(isHarmless) }

    static let figure = custom { _, _, _ in
        FigureCatalog.all.map(\.name).filter(isHarmless)
    }

    private static let shippedPlans = ShippedPlan.all.map { "\(ShippedPlan.mark)\($0.name)" }

    private static func isPlan(_ word: String) -> Bool {
        ShippedPlan.name(in: word) != nil || word.hasSuffix(".json")
    }

    private static func isHarmless(_ word: String) -> Bool {
        !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// Returns a word without the quotes and backslashes with which it was typed, and with the
    /// home folder for a tilde.
    private static func unquoted(_ word: String) -> String {
        var word = word
        var result = ""
        if word.hasPrefix("~/"), let home = getenv("HOME") {
            result = String(cString: home)
            word.removeFirst()
        }
        var quote: Character?
        var isEscaped = false
        for character in word {
            if isEscaped {
                result.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else {
                result.append(character)
            }
        }
        return result
    }
}
