/// A type whose values are single JSON values. The types' own `encode(to:)` and `init(from:)` would
/// only call back into the container that called them.
protocol JSONScalar {
    /// The JSON value; nil if JSON has none, e.g. for NaN.
    var jsonValue: JSONValue? { get }
    /// Reads a JSON value; nil if `value` is of another type or does not fit.
    init?(jsonValue value: JSONValue)
    /// The type's name in messages: `an integer of 0 to 255`.
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
    /// The JSON value, converted by way of the text, so that a `Float` of 0.1 is written as 0.1 and
    /// not with the digits of the nearest double.
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
