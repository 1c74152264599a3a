import CJSONC

/// The layout of a value as text.
package enum JSONStyle: Sendable {
    /// One line without spaces and without a line feed at the end.
    case compact
    /// Two spaces per level, one member per line, a line feed at the end.
    case pretty
    /// As `pretty`, and the rows of a table on one line each: objects and arrays in an array whose
    /// values are numbers and words, and arrays of numbers and words.
    case report

    fileprivate var flags: Int32 {
        switch self {
        case .compact: JSON_C_TO_STRING_NOSLASHESCAPE
        case .pretty, .report:
            JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
        }
    }
}

extension JSONValue {
    /// The value as JSON text: members in their order, doubles in the shortest form that reads back
    /// as the same double, non-ASCII characters unescaped, except those that control a terminal.
    ///
    /// - Throws: `unwritable` for values that JSON or json-c cannot express: NaN, infinities, a NUL
    ///   in a key, a duplicate key; `limit` for nesting deeper than `JSONLimits.depthCeiling` or a
    ///   string of 2 GiB.
    package func text(_ style: JSONStyle = .compact) throws(JSONError) -> String {
        var calls = JSONCCalls()
        return try text(style, calls: &calls)
    }

    func text(_ style: JSONStyle, calls: inout JSONCCalls) throws(JSONError) -> String {
        var writer = JSONWriter(calls: calls, hasRows: style == .report)
        let tree = try writer.tree(of: self, depth: 0)
        defer { json_object_put(tree) }
        let text = ShownText.inJSON(
            String(decoding: try writer.calls.text(of: tree, flags: style.flags), as: UTF8.self))
        calls = writer.calls
        return style == .compact ? text : text + "\n"
    }
}

extension JSONValue {
    fileprivate var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }
}

/// Builds the json-c tree of a value. The caller owns the result; nil is JSON's null.
private struct JSONWriter {
    var calls: JSONCCalls
    let hasRows: Bool
    var trail = JSONTrail(parent: nil, step: nil)

    mutating func tree(
        of value: JSONValue, depth: Int
    ) throws(JSONError) -> JSONCCalls.Object? {
        switch value {
        case .null: return nil
        case .bool(let bool): return try calls.makeBool(bool)
        case .integer(let integer): return try calls.makeInteger(integer)
        case .number(let number): return try self.number(number)
        case .string(let string):
            try checkCount(of: string)
            return try calls.makeString(string)
        case .array(let elements):
            try checkDepth(depth)
            return try array(of: elements, depth: depth)
        case .object(let members):
            try checkDepth(depth)
            return try object(of: members, depth: depth)
        }
    }

    /// Makes a number. Swift's description is the shortest text that reads back as the same double,
    /// in a form that RFC 8259 §6 allows (`1.0`, `1e-05`, `5e-324`), whatever the locale.
    private mutating func number(_ number: Double) throws(JSONError) -> JSONCCalls.Object {
        guard number.isFinite else { throw unwritable("\(number) cannot be written as JSON") }
        return try calls.makeNumber(number, text: number.description)
    }

    private mutating func array(
        of elements: [JSONValue], depth: Int
    ) throws(JSONError) -> JSONCCalls.Object {
        // json-c writes a number as the text that it is given.
        if hasRows, !elements.isEmpty, elements.allSatisfy(\.isScalar),
            let row = JSONRow.text(of: .array(elements))
        {
            return try calls.makeNumber(0, text: row)
        }
        let array = try calls.makeArray(capacity: max(1, elements.count))
        if elements.isEmpty { Self.writeOnOneLine(array, "[]") }
        let here = trail
        defer { trail = here }
        do throws(JSONError) {
            for (index, element) in elements.enumerated() {
                trail = JSONTrail(parent: here, step: .index(index))
                if hasRows, case .object = element, let row = JSONRow.text(of: element) {
                    try calls.append(try calls.makeNumber(0, text: row), to: array)
                } else {
                    try calls.append(try tree(of: element, depth: depth + 1), to: array)
                }
            }
        } catch {
            json_object_put(array)
            throw error
        }
        return array
    }

    private mutating func object(
        of members: [JSONMember], depth: Int
    ) throws(JSONError) -> JSONCCalls.Object {
        let object = try calls.makeObject()
        if members.isEmpty { Self.writeOnOneLine(object, "{}") }
        let here = trail
        defer { trail = here }
        do throws(JSONError) {
            for (index, member) in members.enumerated() {
                trail = JSONTrail(parent: here, step: .key(member.key))
                try checkCount(of: member.key)
                // json-c takes keys as C strings.
                guard !member.key.utf8.contains(0) else {
                    throw unwritable("a key cannot hold a NUL character")
                }
                let value = try tree(of: member.value, depth: depth + 1)
                try calls.add(value, as: member.key, to: object)
                // A second value of the same key would silently replace the first.
                guard json_object_object_length(object) == index + 1 else {
                    throw unwritable("the key stands twice in the object")
                }
            }
        } catch {
            json_object_put(object)
            throw error
        }
        return object
    }

    /// Writes an empty container on one line. json-c 0.16 breaks the line inside an empty container
    /// in its pretty format; the text of a value is replaced with the serializer that json-c uses
    /// for doubles with a text of their own.
    private static func writeOnOneLine(_ object: JSONCCalls.Object, _ text: StaticString) {
        let text = UnsafeMutableRawPointer(mutating: text.utf8Start)
        json_object_set_serializer(object, json_object_userdata_to_json_string, text, nil)
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth < JSONLimits.depthCeiling else {
            throw JSONError(
                .limit, "deeper than \(JSONLimits.depthCeiling)", path: trail.text, at: nil)
        }
    }

    private func checkCount(of string: String) throws(JSONError) {
        guard string.utf8.count < Int(Int32.max) else {
            throw JSONError(.limit, "a string of 2 GiB or more", path: trail.text, at: nil)
        }
    }

    private func unwritable(_ message: String) -> JSONError {
        JSONError(.unwritable, message, path: trail.text, at: nil)
    }
}
