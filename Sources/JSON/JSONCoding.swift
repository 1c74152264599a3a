/// Swift's `Codable` over `JSONValue`, so that reports and control messages are plain structs.
///
/// Property names become snake_case keys, in the order of their declaration. A nil optional is
/// written as `null`, never left out: a figure that does not exist has to say so. Keys of a
/// `Dictionary<String, _>` are names that somebody chose: they are not converted, and sorted,
/// because a dictionary has no order and a report should not change from run to run.
package enum JSONCoding {
    /// - Throws: `unwritable` for a non-finite double and for an integer outside 64 bits with
    ///   sign; whatever the type's own `encode(to:)` throws, as `unwritable` too.
    package static func encode(_ value: some Encodable) throws(JSONError) -> JSONValue {
        let slot = EncodedSlot()
        do {
            try JSONValueEncoder(slot: slot, codingPath: []).box(value)
        } catch {
            throw jsonError(error, default: .unwritable)
        }
        return slot.resolved
    }

    /// An absent key and `null` are the same for an optional. Numbers are never converted with
    /// a loss: `1.0` is no `Int`, and an integer is a `Double` only when it is exactly one.
    ///
    /// - Throws: `mismatch`, with the path of the value that does not fit.
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from value: JSONValue
    ) throws(JSONError) -> Value {
        do {
            return try JSONValueDecoder(value: value, codingPath: []).unbox(type)
        } catch {
            throw jsonError(error, default: .mismatch)
        }
    }

    /// An underscore before every capital letter but the first: `rttP99Ns` is `rtt_p99_ns`.
    package static func snakeCase(_ name: String) -> String {
        var result = ""
        for character in name {
            if character.isUppercase, !result.isEmpty { result += "_" }
            result += character.lowercased()
        }
        return result
    }

    static func jsonError(_ error: any Error, default code: JSONError.Code) -> JSONError {
        switch error {
        case let error as JSONError: error
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            JSONError(
                code, context.debugDescription, path: path(of: context.codingPath), at: nil)
        case EncodingError.invalidValue(_, let context):
            JSONError(
                code, context.debugDescription, path: path(of: context.codingPath), at: nil)
        default: JSONError(code, "\(error)", at: nil)
        }
    }

    static func path(of codingPath: [any CodingKey]) -> String {
        codingPath.reduce(into: "$") { path, key in
            path += (key.intValue.map(JSONPathStep.index) ?? .key(name(of: key))).text
        }
    }

    /// The key as it stands in the text. Names that somebody chose stay as they are.
    static func name(of key: any CodingKey) -> String {
        key is JSONCodingKey ? key.stringValue : snakeCase(key.stringValue)
    }
}

/// A key that is an index or a name that somebody chose.
struct JSONCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = "\(intValue)"
        self.intValue = intValue
    }

    static let superKey = JSONCodingKey(stringValue: "super")
}

/// The types that are one JSON value. Their own `encode(to:)` and `init(from:)` would only come
/// back to the container that called them.
protocol JSONScalar {
    /// Nil when JSON has no such value, e.g. for NaN.
    var jsonValue: JSONValue? { get }
    /// Nil when `value` is of another type or does not fit.
    init?(jsonValue value: JSONValue)
    /// For messages: `an integer of 0 to 255`.
    static var jsonDescription: String { get }
}

extension Bool: JSONScalar {
    var jsonValue: JSONValue? { .bool(self) }
    static var jsonDescription: String { "true or false" }
    init?(jsonValue value: JSONValue) {
        guard case .bool(let bool) = value else { return nil }
        self = bool
    }
}

extension String: JSONScalar {
    var jsonValue: JSONValue? { .string(self) }
    static var jsonDescription: String { "a string" }
    init?(jsonValue value: JSONValue) {
        guard case .string(let string) = value else { return nil }
        self = string
    }
}

extension JSONScalar where Self: FixedWidthInteger {
    var jsonValue: JSONValue? { Int(exactly: self).map(JSONValue.integer) }
    static var jsonDescription: String { "an integer of \(Self.min) to \(Self.max)" }
    init?(jsonValue value: JSONValue) {
        guard case .integer(let integer) = value else { return nil }
        self.init(exactly: integer)
    }
}

extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension Int128: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
extension UInt128: JSONScalar {}

extension JSONScalar where Self: BinaryFloatingPoint & LosslessStringConvertible {
    /// By way of the text, so that a `Float` of 0.1 is written as 0.1 and not with the digits
    /// that its double has.
    var jsonValue: JSONValue? { isFinite ? Double(description).map(JSONValue.number) : nil }
    static var jsonDescription: String { "a number" }
    init?(jsonValue value: JSONValue) {
        switch value {
        case .integer(let integer): self.init(exactly: integer)
        case .number(let number):
            self.init(number)
            guard isFinite else { return nil }
        default: return nil
        }
    }
}

extension Double: JSONScalar {}
extension Float: JSONScalar {}

/// `Dictionary<String, _>`, recognisable without knowing its value type.
protocol JSONStringKeyed {}

protocol JSONStringKeyedEncodable: JSONStringKeyed {
    var membersByName: [(name: String, value: any Encodable)] { get }
}

protocol JSONStringKeyedDecodable: JSONStringKeyed {
    init(members: [JSONMember], decoder: JSONValueDecoder) throws
}

extension Dictionary: JSONStringKeyed where Key == String {}

extension Dictionary: JSONStringKeyedEncodable where Key == String, Value: Encodable {
    var membersByName: [(name: String, value: any Encodable)] {
        sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension Dictionary: JSONStringKeyedDecodable where Key == String, Value: Decodable {
    init(members: [JSONMember], decoder: JSONValueDecoder) throws {
        self.init(minimumCapacity: members.count)
        for member in members {
            let key = JSONCodingKey(stringValue: member.key)
            self[member.key] = try decoder.child(member.value, key).unbox(Value.self)
        }
    }
}
