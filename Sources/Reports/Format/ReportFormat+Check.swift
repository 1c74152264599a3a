import JSON

extension ReportFormat {
    /// Returns the deviations of `value` from the format, or from a part of it, a sentence each;
    /// none for a valid report.
    package static func problems(
        in value: JSONValue, as object: ReportObject = report
    ) -> [String] {
        var problems: [String] = []
        check(value, .object(object), at: "$", into: &problems)
        return problems
    }

    private static func check(
        _ value: JSONValue, _ shape: ReportShape, at path: String, into problems: inout [String]
    ) {
        switch (shape, value) {
        case (.object(let object), .object(let members)):
            check(members, of: object, at: path, into: &problems)
        case (.list(let element), .array(let values)):
            for (index, value) in values.enumerated() {
                check(value, element, at: "\(path)[\(index)]", into: &problems)
            }
        case (.counts, .object(let members)):
            for member in members {
                check(
                    member.value, .integer(minimum: 0), at: "\(path).\(member.key)",
                    into: &problems)
            }
        case (.free(let prefix), .object(let members)):
            for member in members where !leads(member.key, toKeyWith: prefix) {
                problems.append("\(path).\(member.key) does not start with \"\(prefix)\"")
            }
        case (.integer, .null), (.number, .null): break
        default:
            if !shape.holds(value) { problems.append("\(path) is not \(shape.words)") }
        }
    }

    /// Whether `key` is a free key, or the path of an object, a dot and a free key. Bytes are
    /// compared, because Swift counts a combining character at the start of a key to the character
    /// before it.
    private static func leads(_ key: String, toKeyWith prefix: String) -> Bool {
        let bytes = key.utf8
        return bytes.starts(with: prefix.utf8)
            || bytes.indices.contains { index in
                bytes[index] == UInt8(ascii: ".")
                    && bytes[bytes.index(after: index)...].starts(with: prefix.utf8)
            }
    }

    private static func check(
        _ members: [JSONMember], of object: ReportObject, at path: String,
        into problems: inout [String]
    ) {
        let keys = members.map(\.key)
        for field in object.fields {
            let path = "\(path).\(field.key)"
            guard let value = members.first(where: { $0.key == field.key })?.value else {
                problems.append("\(path) is missing")
                continue
            }
            if case .null = value {
                let mayBeNull = field.absence != nil || field.shape.isNumber
                if !mayBeNull { problems.append("\(path) is null") }
            } else {
                check(value, field.shape, at: path, into: &problems)
            }
        }
        for key in keys where !object.fields.contains(where: { $0.key == key }) {
            problems.append("\(path).\(key) is not in the format")
        }
    }
}

extension ReportShape {
    /// Whether the value is a number, which is `null` if it cannot be written.
    var isNumber: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }

    /// Whether a scalar fits the shape; containers are checked elsewhere.
    func holds(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.integer(let minimum), .integer(let integer)): integer >= minimum ?? .min
        case (.number(let minimum), .integer(let integer)):
            Double(integer) >= minimum ?? -.infinity
        case (.number(let minimum), .number(let number)):
            number.isFinite && number >= minimum ?? -.infinity
        case (.constant(let constant), .integer(let integer)): integer == constant
        case (.boolean, .bool), (.text, .string): true
        case (.time, .string(let text)): UTCTime(text) != nil
        case (.word(let words), .string(let text)): words.contains(text)
        default: false
        }
    }

    /// The shape for a message: `an integer ≥ 0`.
    var words: String {
        switch self {
        case .integer(let minimum): "an integer" + (minimum.map { " ≥ \($0)" } ?? "")
        case .number(let minimum): "a number" + (minimum.map { " ≥ \(Int($0))" } ?? "")
        case .boolean: "true or false"
        case .text: "a string"
        case .time: "a time in UTC"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .constant(let value): "\(value)"
        case .object(let object): "an object: \(object.name)"
        case .list(.object(let object)): "an array of \(object.name)"
        case .list(.text): "an array of strings"
        case .list(let shape): "an array, each \(shape.words)"
        case .counts: "an object of integers ≥ 0"
        case .free: "an object"
        }
    }
}
