/// A JSON value in memory. Integers and other numbers are different cases, because a plan
/// that asks for an integer must not be given `1.0`.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A finite number; the writer refuses any other.
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// The members in the order of the text, without duplicate keys.
    case object([JSONMember])

    /// Strings are equal when their bytes are (RFC 8259 §8.3), not when Unicode considers them
    /// canonically equivalent, as Swift's own comparison does.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

/// One `"key": value` of an object.
package struct JSONMember: Sendable, Equatable {
    package let key: String
    package let value: JSONValue

    package init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }

    package static func == (left: JSONMember, right: JSONMember) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.value == right.value
    }
}

extension JSONValue {
    /// Reads one document, strictly: RFC 8259 and `limits`, nothing else.
    ///
    /// - Throws: the first error, with its position and path.
    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .controlLine
    ) throws(JSONError) -> JSONValue {
        var calls = JSONCCalls()
        return try parse(bytes, limits: limits, calls: &calls)
    }

    static func parse(
        _ bytes: [UInt8], limits: JSONLimits, calls: inout JSONCCalls
    ) throws(JSONError) -> JSONValue {
        var scanner = StrictScanner(bytes, limits: limits, recordsPositions: false)
        let scan = try scanner.scan()
        return try TreeBuilder.build(bytes, scan: scan, limits: limits, calls: &calls)
    }

    /// The value of `key`; nil if there is none, or if this is not an object.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.hasSameBytes(as: key) }?.value
    }
}

extension String {
    /// Whether two strings have the same bytes, which is how JSON compares strings (RFC 8259 §8.3).
    func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
