/// A place for the value of one encoder. Containers are handed out before they are filled, so the
/// tree is made of references and resolved at the end.
final class EncodedSlot {
    private enum Content {
        case nothing
        case value(JSONValue)
        case array([EncodedSlot])
        case object([(key: String, slot: EncodedSlot)])
    }

    private var content = Content.nothing

    func set(_ value: JSONValue) {
        content = .value(value)
    }

    func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    func becomeObject() {
        if case .object = content { return }
        content = .object([])
    }

    var count: Int {
        guard case .array(let slots) = content else { return 0 }
        return slots.count
    }

    func append() -> EncodedSlot {
        let slot = EncodedSlot()
        guard case .array(var slots) = content else { return slot }
        content = .nothing
        slots.append(slot)
        content = .array(slots)
        return slot
    }

    /// Returns the slot of `key`, at the position where the key was first encoded.
    func member(_ key: String) -> EncodedSlot {
        let slot = EncodedSlot()
        guard case .object(var members) = content else { return slot }
        if let known = members.first(where: { $0.key.hasSameBytes(as: key) }) { return known.slot }
        content = .nothing
        members.append((key, slot))
        content = .object(members)
        return slot
    }

    /// The finished value. A slot without content is an empty object, which is how a struct without
    /// properties is encoded.
    var resolved: JSONValue {
        switch content {
        case .nothing: .object([])
        case .value(let value): value
        case .array(let slots): .array(slots.map(\.resolved))
        case .object(let members):
            .object(members.map { JSONMember(key: $0.key, value: $0.slot.resolved) })
        }
    }
}

struct JSONValueEncoder: Encoder {
    let slot: EncodedSlot
    let codingPath: [any CodingKey]
    /// The collector of the numbers that JSON cannot hold; nil if they are errors.
    var unwritable: UnwritableNumbers?
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func child(_ slot: EncodedSlot, _ key: any CodingKey) -> JSONValueEncoder {
        JSONValueEncoder(slot: slot, codingPath: codingPath + [key], unwritable: unwritable)
    }

    func box(_ value: some Encodable) throws {
        switch value {
        case let value as JSONValue: slot.set(value)
        case let scalar as any JSONScalar:
            guard let value = scalar.jsonValue else {
                if let unwritable {
                    unwritable.add("\(scalar)", at: JSONCoding.path(of: codingPath))
                    return slot.set(.null)
                }
                throw JSONError(
                    .unwritable, "\(scalar) cannot be written as JSON",
                    path: JSONCoding.path(of: codingPath), at: nil)
            }
            slot.set(value)
        case let dictionary as any JSONStringKeyedEncodable:
            slot.becomeObject()
            for (name, value) in dictionary.membersByName {
                try child(slot.member(name), JSONCodingKey(stringValue: name)).box(value)
            }
        default: try value.encode(to: self)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.becomeObject()
        return KeyedEncodingContainer(KeyedContainer<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.becomeArray()
        return UnkeyedContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleValueContainer(encoder: self)
    }
}

extension JSONValueEncoder {
    private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let encoder: JSONValueEncoder
        var codingPath: [any CodingKey] { encoder.codingPath }

        private func child(_ key: any CodingKey) -> JSONValueEncoder {
            encoder.child(encoder.slot.member(JSONCoding.name(of: key)), key)
        }

        func encodeNil(forKey key: Key) { child(key).slot.set(.null) }

        func encode(_ value: some Encodable, forKey key: Key) throws {
            try child(key).box(value)
        }

        private func encodeOrNull(_ value: (some Encodable)?, _ key: Key) throws {
            if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
        }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type, forKey key: Key
        ) -> KeyedEncodingContainer<NestedKey> {
            child(key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            child(key).unkeyedContainer()
        }

        func superEncoder() -> any Encoder { child(JSONCodingKey.superKey) }

        func superEncoder(forKey key: Key) -> any Encoder { child(key) }

        // The standard library leaves the key of an absent value out; these methods write `null`.
        // There is one method per type, because the library's own defaults win over a generic
        // method.

        func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: String?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: Float?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try encodeOrNull(value, key) }
        func encodeIfPresent(_ value: Int8?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: Int16?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: Int64?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: Int128?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: UInt?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
        func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
            try encodeOrNull(value, key)
        }
    }

    private struct UnkeyedContainer: UnkeyedEncodingContainer {
        let encoder: JSONValueEncoder
        var codingPath: [any CodingKey] { encoder.codingPath }
        var count: Int { encoder.slot.count }

        private func child() -> JSONValueEncoder {
            let key = JSONCodingKey(intValue: count)
            return encoder.child(encoder.slot.append(), key)
        }

        func encodeNil() { child().slot.set(.null) }

        func encode(_ value: some Encodable) throws { try child().box(value) }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type
        ) -> KeyedEncodingContainer<NestedKey> {
            child().container(keyedBy: type)
        }

        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            child().unkeyedContainer()
        }

        func superEncoder() -> any Encoder { child() }
    }

    private struct SingleValueContainer: SingleValueEncodingContainer {
        let encoder: JSONValueEncoder
        var codingPath: [any CodingKey] { encoder.codingPath }

        func encodeNil() { encoder.slot.set(.null) }

        func encode(_ value: some Encodable) throws { try encoder.box(value) }
    }
}
