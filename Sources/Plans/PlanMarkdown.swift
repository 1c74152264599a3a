import JSON

/// Markdown for the tables of keys: rows, code, and the values of a schema in words.
enum PlanMarkdown {
    /// Returns a table.
    /// - Parameter rows: The heads, then the cells.
    static func table(_ rows: [[String]]) -> String {
        let rule = [rows.first.map { $0.map { _ in "---" } } ?? []]
        return (rows.prefix(1) + rule + rows.dropFirst()).map { cells in
            "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined() + "\n"
        }.joined()
    }

    static func code(_ text: String) -> String { "`\(text)`" }

    /// Returns the legal values of a schema: its title, or words made from its type.
    static func value(_ schema: JSONValue) -> String {
        if let title = schema["title"]?.schemaWord { return title }
        if let target = schema["$ref"]?.schemaWord { return referred(target) }
        if let constant = schema["const"] { return literal(constant) }
        if case .array(let words)? = schema["enum"] {
            return words.map(literal).joined(separator: ", ")
        }
        if case .array(let options)? = schema["anyOf"] {
            return alternatives(options.map(value))
        }
        switch schema["type"]?.schemaWord {
        case "boolean": return "`true` or `false`"
        case "integer": return "integer, \(range(schema, "minimum", "maximum"))"
        case "number": return "number, \(range(schema, "minimum", "maximum"))"
        case "array":
            return "array (\(range(schema, "minItems", "maxItems"))) of "
                + value(schema["items"] ?? .null)
        case "object":
            guard let count = schema["maxProperties"] else { return "object" }
            return "object of at most \(grouped(count)) members, by name"
        default:
            let isName = schema["pattern"] == .string(Shape<String>.namePattern)
            return isName ? "a name" : "text"
        }
    }

    private static func referred(_ target: String) -> String {
        let name = String(target.split(separator: "/").last ?? "")
        guard let definition = DirectionShape.definitions.first(where: { $0.key == name }) else {
            return name
        }
        return value(definition.value)
    }

    private static func literal(_ value: JSONValue) -> String {
        code((try? value.text()) ?? "")
    }

    private static func alternatives(_ options: [String]) -> String {
        var seen: [String] = []
        for option in options where !seen.contains(option) { seen.append(option) }
        return seen.joined(separator: ", or ")
    }

    private static func range(_ schema: JSONValue, _ least: String, _ most: String) -> String {
        "\(grouped(schema[least])) to \(grouped(schema[most]))"
    }

    /// Returns a number with separators: `1000000` → `1,000,000`.
    private static func grouped(_ value: JSONValue?) -> String {
        guard case .integer(let number)? = value else {
            return value.flatMap { try? $0.text() } ?? ""
        }
        let digits = Array("\(number)")
        return digits.indices.reduce(into: "") { text, index in
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digits[index])
        }
    }
}

extension JSONValue {
    var schemaWord: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var schemaWords: [String] {
        guard case .array(let values) = self else { return [] }
        return values.compactMap(\.schemaWord)
    }
}
