/// Coding of free-form JSON, such as a plan's `x-…` keys. `JSONCoding` copies the value unchanged;
/// these methods serve every other encoder.
extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: JSONCodingKey.self) {
            self = .object(
                try members.allKeys.map {
                    JSONMember(
                        key: $0.stringValue, value: try members.decode(Self.self, forKey: $0))
                })
            return
        }
        if var elements = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !elements.isAtEnd { values.append(try elements.decode(Self.self)) }
            self = .array(values)
            return
        }
        let scalar = try decoder.singleValueContainer()
        if scalar.decodeNil() {
            self = .null
        } else if let bool = try? scalar.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? scalar.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? scalar.decode(Double.self) {
            self = .number(number)
        } else {
            self = .string(try scalar.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .array(let values):
            var elements = encoder.unkeyedContainer()
            for value in values { try elements.encode(value) }
        case .object(let values):
            var members = encoder.container(keyedBy: JSONCodingKey.self)
            for value in values {
                try members.encode(value.value, forKey: JSONCodingKey(stringValue: value.key))
            }
        default:
            var scalar = encoder.singleValueContainer()
            switch self {
            case .bool(let bool): try scalar.encode(bool)
            case .integer(let integer): try scalar.encode(integer)
            case .number(let number): try scalar.encode(number)
            case .string(let string): try scalar.encode(string)
            case .null, .array, .object: try scalar.encodeNil()
            }
        }
    }

    /// The value with its kind for a message: `the integer 5`, `the string "x"`, `an array`.
    var found: String {
        switch self {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .integer(let integer): "the integer \(integer)"
        case .number(let number): "the number \(number)"
        case .string(let string): "the string \(string.quotedForMessage)"
        case .array(let values): values.isEmpty ? "an empty array" : "an array"
        case .object(let members): members.isEmpty ? "an empty object" : "an object"
        }
    }
}
