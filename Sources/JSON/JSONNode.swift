/// The kinds of JSON value, with the words that messages use for them.
package enum JSONKind: String, Sendable {
    case null = "null"
    case bool = "true or false"
    case integer = "an integer"
    case number = "a number"
    case string = "a string"
    case array = "an array"
    case object = "an object"
}

/// A JSON value with its position in the file.
package struct JSONNode: Sendable {
    package enum Content: Sendable {
        case null
        case bool(Bool)
        case integer(Int)
        case number(Double)
        case string(String)
        case array([JSONNode])
        case object([JSONNodeMember])
    }

    package let content: Content
    /// The position of the value's first byte.
    package let position: JSONPosition
    let trail: JSONTrail

    package var line: Int { position.line }
    package var column: Int { position.column }
    /// The path of the value: `$.scenarios[0].senders[0].rate`.
    package var path: String { trail.text }

    package var kind: JSONKind {
        switch content {
        case .null: .null
        case .bool: .bool
        case .integer: .integer
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The value without its positions, e.g. to copy an `x-…` key into the report.
    package var value: JSONValue {
        switch content {
        case .null: .null
        case .bool(let bool): .bool(bool)
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .string(let string): .string(string)
        case .array(let nodes): .array(nodes.map(\.value))
        case .object(let members):
            .object(members.map { JSONMember(key: $0.key, value: $0.node.value) })
        }
    }

    /// The value with its kind for a message: `the integer 1000`, `the string "x"`, `an array`.
    package var found: String { value.found }

    /// The value of `key`; nil if there is none, or if this is not an object.
    package subscript(key: String) -> JSONNode? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.key.hasSameBytes(as: key) }?.node
    }
}

/// One `"key": value` of an object, with the position of the key's opening quote.
package struct JSONNodeMember: Sendable {
    package let key: String
    package let keyPosition: JSONPosition
    package let node: JSONNode

    package init(key: String, keyPosition: JSONPosition, node: JSONNode) {
        self.key = key
        self.keyPosition = keyPosition
        self.node = node
    }
}
