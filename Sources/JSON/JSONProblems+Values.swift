/// The reason why a conversion does not accept a string, e.g. `10Mbps`.
package struct JSONComplaint: Error, Sendable, Equatable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Reading one value as one type. A value of another type is a problem and is never converted:
/// `"1000"`, `true` and `[]` are not integers, nor is `1.0`.
extension JSONProblems {
    /// Reads a string.
    /// - Parameter example: a legal value as the author would write it inside the quotes.
    package func string(_ node: JSONNode, example: String) -> String? {
        guard case .string(let string) = node.content else {
            addMismatch("a string such as \"\(example)\"", at: node)
            return nil
        }
        return string
    }

    /// Reads a string and converts it with `convert`: a quantity, an address, an expression.
    package func convert<Value>(
        _ node: JSONNode, example: String, _ convert: (String) throws(JSONComplaint) -> Value
    ) -> Value? {
        guard let string = string(node, example: example) else { return nil }
        do throws(JSONComplaint) {
            return try convert(string)
        } catch {
            add(error.message, at: node)
            return nil
        }
    }

    /// Reads a string that must be one of `words`.
    package func choice(_ node: JSONNode, among words: [String]) -> String? {
        guard let string = string(node, example: words.first ?? "") else { return nil }
        guard words.contains(string) else {
            let legal = words.map(\.quotedForMessage).joined(separator: ", ")
            let hint = NearestMatch.hint(for: string, among: words)
            add("\(string.quotedForMessage) is none of \(legal)\(hint)", at: node)
            return nil
        }
        return string
    }

    package func integer(_ node: JSONNode, in range: ClosedRange<Int>, example: Int) -> Int? {
        guard case .integer(let integer) = node.content else {
            addMismatch("an integer such as \(example)", at: node, Self.withoutQuotes(node))
            return nil
        }
        guard range.contains(integer) else {
            add("\(integer) is out of range: \(Self.describe(range))", at: node)
            return nil
        }
        return integer
    }

    /// Reads a number; JSON has one type for `2` and `2.0`.
    package func number(
        _ node: JSONNode, in range: ClosedRange<Double>, example: Double
    ) -> Double? {
        let number: Double
        switch node.content {
        case .number(let double): number = double
        case .integer(let integer): number = Double(integer)
        default:
            addMismatch("a number such as \(example)", at: node, Self.withoutQuotes(node))
            return nil
        }
        guard range.contains(number) else {
            add(
                "\(number) is out of range: \(range.lowerBound) to \(range.upperBound)", at: node)
            return nil
        }
        return number
    }

    package func bool(_ node: JSONNode) -> Bool? {
        guard case .bool(let bool) = node.content else {
            addMismatch("true or false", at: node, Self.withoutQuotes(node))
            return nil
        }
        return bool
    }

    /// Reads an array.
    /// - Parameter expected: the name of the elements in the plural, e.g. `sender objects`.
    package func elements(
        _ node: JSONNode, of expected: String, count: ClosedRange<Int>
    ) -> [JSONNode]? {
        guard case .array(let nodes) = node.content else {
            addMismatch("an array of \(expected)", at: node, Self.inBrackets(node))
            return nil
        }
        guard count.contains(nodes.count) else {
            add(
                "an array of \(nodes.count) \(expected); legal are \(Self.describe(count))",
                at: node)
            return nil
        }
        return nodes
    }

    /// Reads an object whose keys are names chosen by the author, and returns its members.
    ///
    /// - Parameter expected: the name of the values in the plural, e.g. `networks`.
    package func members(
        _ node: JSONNode, of expected: String, count: ClosedRange<Int>
    ) -> [JSONNodeMember]? {
        guard case .object(let members) = node.content else {
            var hint: String?
            if case .array = node.content { hint = #"{ "NAME": {…}, … }"# }
            addMismatch("an object of \(expected) by name", at: node, hint)
            return nil
        }
        guard count.contains(members.count) else {
            add(
                "an object of \(members.count) \(expected); legal are \(Self.describe(count))",
                at: node)
            return nil
        }
        return members
    }

    /// Adds a problem with a value of another type.
    /// - Parameter instead: The text to write instead; nil if it cannot be known.
    package func addMismatch(
        _ expected: String, at node: JSONNode, _ instead: String? = nil
    ) {
        let hint = instead.map { "; write \($0)" } ?? ""
        add("expected \(expected), found \(node.found)\(hint)", at: node)
    }

    /// Returns a number or a word in quotes without them.
    private static func withoutQuotes(_ node: JSONNode) -> String? {
        guard case .string(let text) = node.content,
            Int(text) != nil || ["true", "false"].contains(text)
        else { return nil }
        return "\(text), without quotes"
    }

    /// Returns a value as the elements of an array. The words of a text may be those of a command.
    private static func inBrackets(_ node: JSONNode) -> String? {
        switch node.content {
        case .object: return "[ {…}, … ]"
        case .string(let text):
            let isCommand = node.path.hasSuffix(".command")
            let words = isCommand ? text.split(separator: " ").map { String($0) } : [text]
            return "[" + words.map(\.quotedForMessage).joined(separator: ", ") + "]"
        default: return nil
        }
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (let least, .max): "\(least) or more"
        case (let least, let most) where least == most: "\(least) exactly"
        case (let least, let most): "\(least) to \(most)"
        }
    }
}
