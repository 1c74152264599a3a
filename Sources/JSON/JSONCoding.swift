/// Swift's `Codable` over `JSONValue`, so that reports and control messages are plain structs.
///
/// Property names become snake_case keys, in the order of their declaration. A nil optional is
/// written as `null`, never left out, so that a report shows which figures do not exist. Keys of a
/// `Dictionary<String, _>` are names chosen by a user: they are not converted, and they are sorted,
/// because a dictionary has no order and a report should not change from run to run.
package enum JSONCoding {
    /// Encodes a value.
    ///
    /// - Throws: `unwritable` for a non-finite double, for an integer outside 64 bits with sign,
    ///   and for an error of the type's own `encode(to:)`.
    package static func encode(_ value: some Encodable) throws(JSONError) -> JSONValue {
        let slot = EncodedSlot()
        do {
            try JSONValueEncoder(slot: slot, codingPath: []).box(value)
        } catch {
            throw jsonError(error, default: .unwritable)
        }
        return slot.resolved
    }

    /// Encodes a value and replaces each number that JSON cannot hold, such as NaN, by `null`;
    /// returns the paths of these numbers.
    ///
    /// - Throws: `unwritable` for an error of the type's own `encode(to:)`.
    package static func encodeWritable(
        _ value: some Encodable
    ) throws(JSONError) -> (value: JSONValue, unwritable: [UnwritableNumber]) {
        let slot = EncodedSlot()
        let numbers = UnwritableNumbers()
        do {
            try JSONValueEncoder(slot: slot, codingPath: [], unwritable: numbers).box(value)
        } catch {
            throw jsonError(error, default: .unwritable)
        }
        return (slot.resolved, numbers.found)
    }

    /// Decodes a value. For an optional, an absent key and `null` are the same. Numbers are never
    /// converted with a loss: `1.0` is not an `Int`, and an integer is a `Double` only if the
    /// double is exact.
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

    /// Converts an ASCII name to snake case, with an underscore before every capital letter but the
    /// first: `rttP99Ns` is `rtt_p99_ns`.
    package static func snakeCase(_ name: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count + 8)
        for byte in name.utf8 {
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            if isCapital, !bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
            bytes.append(isCapital ? byte | 0x20 : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reverses ``snakeCase(_:)``.
    static func camelCase(_ name: String) -> String {
        var bytes: [UInt8] = []
        var isAfterMark = false
        for byte in name.utf8 {
            if byte == UInt8(ascii: "_") {
                isAfterMark = true
                continue
            }
            let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            bytes.append(isAfterMark && isSmall ? byte & ~0x20 : byte)
            isAfterMark = false
        }
        return String(decoding: bytes, as: UTF8.self)
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

    /// The key in the JSON text. Names chosen by a user are not converted.
    static func name(of key: any CodingKey) -> String {
        key is JSONCodingKey ? key.stringValue : snakeCase(key.stringValue)
    }
}
