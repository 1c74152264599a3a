import JSON
import Reports

/// The value of a name that strings of a plan have as `${NAME}`.
package struct PlanVariable: Sendable, Equatable {
    package typealias Origin = PlanVariableReport.Origin

    package let name: String
    /// The value; nil if the environment has none.
    package let value: String?
    package let origin: Origin

    /// The shortest secret in bytes. A shorter one is found in other texts by chance.
    package static let secretBytesMin = 4

    /// Makes a variable.
    /// - Parameters:
    ///   - text: `NAME=VALUE`, or `NAME` for a value of the environment.
    ///   - environment: Returns the value of an environment variable, nil if it is not set.
    package init(
        _ text: String, _ origin: Origin, environment: (String) -> String?
    ) throws(JSONComplaint) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let option = Self.optionName(origin)
        name = String(parts[0])
        self.origin = origin
        guard VariableText.isName(name) else {
            let form =
                switch origin {
                case .environment: "NAME"
                case .secret: "NAME or NAME=VALUE"
                case .typed, .fallback: "NAME=VALUE"
                }
            throw JSONComplaint("\(option) is \(form), where a name has letters, digits and _")
        }
        switch (origin, parts.count) {
        case (.typed, 1): throw JSONComplaint("\(option) is NAME=VALUE, such as \(name)=10.0.0.1")
        case (.environment, 2):
            throw JSONComplaint("\(option) is a name alone; \"--var NAME=VALUE\" has a value")
        case (_, 2): value = String(parts[1])
        default: value = environment(name)
        }
        if origin == .secret, let value, (1..<Self.secretBytesMin).contains(value.utf8.count) {
            throw JSONComplaint(
                "\(option) \(name): a secret has \(Self.secretBytesMin) bytes or more, because "
                    + "shorter ones are in other texts by chance")
        }
    }

    /// The option for messages, without a secret.
    var option: String {
        let value = origin == .typed ? "=\(value ?? "")" : ""
        return "\(Self.optionName(origin)) \(name)\(value)"
    }

    private static func optionName(_ origin: Origin) -> String {
        origin == .secret ? "--secret-var" : "--\(origin.rawValue)"
    }
}

/// The parts of a string of a plan: text, and the variables in it.
enum VariableText {
    enum Part: Equatable {
        case text(String)
        /// `${NAME}`, or `${NAME:-fallback}`.
        case variable(String, fallback: String?)
    }

    /// Whether the text is a name: a letter or _, then letters, digits and _, all of ASCII.
    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || $0 != 0x2E && $0 != 0x2D && $0.isNameByte
        }
    }

    /// Returns the parts of a string. Dollars before a `{` count in pairs: each pair is a dollar,
    /// and one that is left begins a variable. Dollars before anything else are text.
    static func parts(of text: String) throws(JSONComplaint) -> [Part] {
        var parts: [Part] = []
        var plain = ""
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let (text, dollars) = takeText(&rest)
            plain += text
            guard rest.first == "{" else {
                plain += String(repeating: "$", count: dollars)
                continue
            }
            plain += String(repeating: "$", count: dollars / 2)
            guard !dollars.isMultiple(of: 2) else { continue }
            rest = rest.dropFirst()
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(try variable(&rest))
        }
        return plain.isEmpty ? parts : parts + [.text(plain)]
    }

    /// Takes the text before the next dollars, and these, of which it returns the number.
    private static func takeText(
        _ rest: inout Substring.UnicodeScalarView
    ) -> (text: String, dollars: Int) {
        let text = rest.prefix { $0 != "$" }
        let dollars = rest[text.endIndex...].prefix { $0 == "$" }
        rest = rest[dollars.endIndex...]
        return (String(text), dollars.count)
    }

    /// Reads a variable behind its `${`.
    private static func variable(
        _ rest: inout Substring.UnicodeScalarView
    ) throws(JSONComplaint) -> Part {
        guard let end = rest.firstIndex(of: "}") else {
            throw JSONComplaint("a \"${\" has no \"}\": write \"$${\" for the text itself")
        }
        let inner = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        let name = inner.prefix { VariableText.isName("_\($0)") }
        let tail = inner[name.endIndex...]
        guard isName(name), tail.isEmpty || tail.hasPrefix(":-") else {
            throw JSONComplaint(
                "\("${\(inner)}".quoted) is not legal: write ${NAME} or ${NAME:-default}, where a "
                    + "name has letters, digits and _, or $${ for the text itself")
        }
        return .variable(
            String(name), fallback: tail.isEmpty ? nil : String(tail.dropFirst(2)))
    }

    /// Returns a text in which no dollar begins a variable.
    /// - Parameter isBeforeVariable: Whether a variable follows the text.
    static func escaped(_ text: String, isBeforeVariable: Bool = false) -> String {
        var escaped = ""
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let (text, dollars) = takeText(&rest)
            let isCounted = rest.first.map { $0 == "{" } ?? isBeforeVariable
            escaped += text + String(repeating: "$", count: isCounted ? 2 * dollars : dollars)
        }
        return escaped
    }
}
