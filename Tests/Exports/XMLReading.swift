import Harness

/// An element of an XML document, as strictly as a test needs it: every attribute is quoted, every
/// `&` begins one of the five entities or a number, and tags are balanced.
struct XMLReading {
    let name: String
    var attributes: [String: String] = [:]
    var children: [XMLReading] = []
    var text = ""

    func all(_ name: String) -> [XMLReading] {
        children.flatMap { ($0.name == name ? [$0] : []) + $0.all(name) }
    }

    /// Reads the root element of a document with an XML declaration.
    static func read(_ document: String) throws -> XMLReading {
        var rest = document[...]
        guard rest.hasPrefix("<?xml "), let end = rest.firstRange(of: "?>\n") else {
            throw HarnessError("no declaration")
        }
        rest = rest[end.upperBound...]
        let root = try element(&rest)
        guard rest.allSatisfy(\.isWhitespace) else {
            throw HarnessError("more than a root: \(rest)")
        }
        return root
    }

    private static func element(_ rest: inout Substring) throws -> XMLReading {
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else {
            throw HarnessError("no element at \(rest.prefix(40))")
        }
        var head = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        let isEmpty = head.last == "/"
        if isEmpty { head = head.dropLast() }
        var element = XMLReading(name: String(head.prefix { $0 != " " }))
        head = head.dropFirst(element.name.count)
        while let attribute = head.firstMatch(of: /^ ([a-z-]+)="([^"<]*)"/) {
            element.attributes[String(attribute.1)] = try unescaped(attribute.2)
            head = head[attribute.range.upperBound...]
        }
        guard head.isEmpty else { throw HarnessError("not attributes: \(head)") }
        guard !isEmpty else { return element }
        while true {
            let text = rest.prefix { $0 != "<" }
            element.text += try unescaped(text)
            rest = rest[text.endIndex...]
            if rest.hasPrefix("</") {
                guard rest.hasPrefix("</\(element.name)>") else {
                    throw HarnessError("\(element.name) is not closed at \(rest.prefix(40))")
                }
                rest = rest.dropFirst(element.name.count + 3)
                return element
            }
            element.children.append(try self.element(&rest))
        }
    }

    private static func unescaped(_ text: Substring) throws -> String {
        let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"]
        var parts = text.split(separator: "&", omittingEmptySubsequences: false)
        var plain = String(parts.removeFirst())
        for part in parts {
            guard let end = part.firstIndex(of: ";"), let entity = entities[String(part[..<end])]
            else { throw HarnessError("a bare & before \(part)") }
            plain += entity + part[part.index(after: end)...]
        }
        return plain
    }
}
