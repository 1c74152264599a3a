struct JSONValueDecoder: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func child(_ value: JSONValue, _ key: any CodingKey) -> JSONValueDecoder {
        JSONValueDecoder(value: value, codingPath: codingPath + [key])
    }

    func unbox<Value: Decodable>(_ type: Value.Type) throws -> Value {
        switch type {
        case is JSONValue.Type: return try cast(value)
        case let type as any JSONScalar.Type:
            guard let scalar = type.init(jsonValue: value) else {
                throw mismatch(type.jsonDescription)
            }
            return try cast(scalar)
        case let type as any JSONStringKeyedDecodable.Type:
            guard case .object(let members) = value else { throw mismatch("an object") }
            return try cast(type.init(members: members, decoder: self))
        default: return try type.init(from: self)
        }
    }

    /// Casts a value whose type has been checked dynamically.
    private func cast<Value>(_ value: Any) throws -> Value {
        guard let value = value as? Value else { throw mismatch("\(Value.self)") }
        return value
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("an object") }
        return KeyedDecodingContainer(KeyedContainer<Key>(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array") }
        return UnkeyedContainer(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        SingleValueContainer(decoder: self)
    }

    func mismatch(_ expected: String) -> JSONError {
        JSONError(
            .mismatch, "expected \(expected), found \(value.found)",
            path: JSONCoding.path(of: codingPath), at: nil)
    }
}

extension JSONValueDecoder {
    private struct KeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoder: JSONValueDecoder
        let members: [String: JSONValue]
        let allKeys: [Key]
        var codingPath: [any CodingKey] { decoder.codingPath }

        init(decoder: JSONValueDecoder, members: [JSONMember]) {
            self.decoder = decoder
            self.members = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
            // A case of an enum is found by its name in Swift.
            allKeys = members.compactMap {
                Key(stringValue: $0.key) ?? Key(stringValue: JSONCoding.camelCase($0.key))
            }
        }

        /// Returns the member of a property, or of a key from `allKeys`, which needs no conversion.
        private func value(_ key: any CodingKey) -> JSONValue? {
            members[JSONCoding.name(of: key)] ?? members[key.stringValue]
        }

        private func child(_ key: any CodingKey) throws -> JSONValueDecoder {
            guard let value = value(key) else {
                let name = JSONCoding.name(of: key).quotedForMessage
                throw JSONError(
                    .mismatch, "the key \(name) is missing", path: JSONCoding.path(of: codingPath),
                    at: nil)
            }
            return decoder.child(value, key)
        }

        func contains(_ key: Key) -> Bool { value(key) != nil }

        func decodeNil(forKey key: Key) throws -> Bool { value(key) ?? .null == .null }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try child(key).unbox(type)
        }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<NestedKey> {
            try child(key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try child(key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder {
            decoder.child(members["super"] ?? .null, JSONCodingKey.superKey)
        }

        func superDecoder(forKey key: Key) throws -> any Decoder {
            decoder.child(value(key) ?? .null, key)
        }
    }

    private struct UnkeyedContainer: UnkeyedDecodingContainer {
        let decoder: JSONValueDecoder
        let elements: [JSONValue]
        var currentIndex = 0
        var codingPath: [any CodingKey] { decoder.codingPath }
        var count: Int? { elements.count }
        var isAtEnd: Bool { currentIndex >= elements.count }

        init(decoder: JSONValueDecoder, elements: [JSONValue]) {
            self.decoder = decoder
            self.elements = elements
        }

        private func peek() throws -> JSONValueDecoder {
            guard !isAtEnd else {
                throw JSONError(
                    .mismatch, "the array has only \(elements.count) elements",
                    path: JSONCoding.path(of: codingPath), at: nil)
            }
            return decoder.child(elements[currentIndex], JSONCodingKey(intValue: currentIndex))
        }

        /// Reads the next element, and counts it only if it could be read.
        private mutating func advance<Value>(
            _ read: (JSONValueDecoder) throws -> Value
        ) throws -> Value {
            let value = try read(peek())
            currentIndex += 1
            return value
        }

        mutating func decodeNil() throws -> Bool {
            guard try peek().value == .null else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try advance { try $0.unbox(type) }
        }

        mutating func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type
        ) throws -> KeyedDecodingContainer<NestedKey> {
            try advance { try $0.container(keyedBy: type) }
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try advance { try $0.unkeyedContainer() }
        }

        mutating func superDecoder() throws -> any Decoder {
            try advance { $0 }
        }
    }

    private struct SingleValueContainer: SingleValueDecodingContainer {
        let decoder: JSONValueDecoder
        var codingPath: [any CodingKey] { decoder.codingPath }

        func decodeNil() -> Bool { decoder.value == .null }

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try decoder.unbox(type)
        }
    }
}
