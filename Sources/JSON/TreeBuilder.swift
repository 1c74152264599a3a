import CJSONC

/// Parses with json-c a text that the strict scan has accepted, and copies the tree into a
/// `JSONValue`.
///
/// json-c 0.16 alone accepts far more than JSON (NaN, duplicate keys, text after a NUL) and clamps
/// numbers that it cannot hold, so the result is compared with the scan: the end of the parse, and
/// the number of values.
struct TreeBuilder {
    private var valuesBuilt = 0

    static func build(
        _ bytes: [UInt8], scan: StrictScan, limits: JSONLimits, calls: inout JSONCCalls
    ) throws(JSONError) -> JSONValue {
        // json-c counts the scalars inside the innermost container as one more level.
        let tokener = try calls.makeTokener(depth: limits.depthMax + 1)
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)

        // The NUL at the end tells json-c that a number there is complete.
        var document = SurrogatePairs.unescaped(bytes[..<scan.end])
        let documentEnd = document.count
        document.append(0)
        let tree = try parse(document, with: tokener, calls: &calls)
        defer { json_object_put(tree) }

        let code = json_tokener_get_error(tokener)
        let end = json_tokener_get_parse_end(tokener)
        guard code == json_tokener_success, end == documentEnd else {
            throw disagreement("stopped at byte \(end) of \(documentEnd)", code: code)
        }
        var builder = TreeBuilder()
        let value = try builder.value(of: tree)
        guard builder.valuesBuilt == scan.values else {
            throw disagreement("has \(builder.valuesBuilt) of \(scan.values) values", code: code)
        }
        return value
    }

    private static func parse(
        _ document: [UInt8], with tokener: JSONCCalls.Tokener, calls: inout JSONCCalls
    ) throws(JSONError) -> JSONCCalls.Object? {
        try document.withUnsafeBufferPointer { bytes throws(JSONError) in
            try bytes.withMemoryRebound(to: CChar.self) { text throws(JSONError) in
                guard let start = text.baseAddress else { return nil }
                return try calls.parse(tokener, start, count: text.count)
            }
        }
    }

    private static func disagreement(_ what: String, code: json_tokener_error) -> JSONError {
        let reason = String(cString: json_tokener_error_desc(code))
        return JSONError(.disagreement, "json-c \(what) (\(reason))", at: nil)
    }

    /// Copies a value. `JSONLimits.depthMax` bounds the recursion, because the scan ran first.
    private mutating func value(of object: JSONCCalls.Object?) throws(JSONError) -> JSONValue {
        valuesBuilt += 1
        switch json_object_get_type(object) {
        case json_type_null: return .null
        case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
        case json_type_int: return .integer(Int(json_object_get_int64(object)))
        case json_type_double: return .number(try number(of: object))
        case json_type_string: return .string(Self.string(of: object))
        case json_type_array: return .array(try elements(of: object))
        case json_type_object: return .object(try members(of: object))
        default:
            throw JSONError(.disagreement, "json-c made a value of no known type", at: nil)
        }
    }

    /// Reads a double from the literal that json-c keeps as its user data; strtod, which made
    /// json-c's own value, takes its decimal point from the locale.
    private func number(of object: JSONCCalls.Object?) throws(JSONError) -> Double {
        guard let literal = json_object_get_userdata(object) else { throw JSONCCalls.outOfMemory }
        let text = String(cString: literal.assumingMemoryBound(to: CChar.self))
        guard let number = Double(text) else {
            throw JSONError(.disagreement, "json-c took \(text) for a number", at: nil)
        }
        return number
    }

    private static func string(of object: JSONCCalls.Object?) -> String {
        guard let text = json_object_get_string(object) else { return "" }
        let count = Int(json_object_get_string_len(object))
        return String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
    }

    private mutating func elements(
        of array: JSONCCalls.Object?
    ) throws(JSONError) -> [JSONValue] {
        let count = json_object_array_length(array)
        var elements: [JSONValue] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            elements.append(try value(of: json_object_array_get_idx(array, index)))
        }
        return elements
    }

    private mutating func members(
        of object: JSONCCalls.Object?
    ) throws(JSONError) -> [JSONMember] {
        var members: [JSONMember] = []
        members.reserveCapacity(Int(json_object_object_length(object)))
        var iterator = json_object_iter_begin(object)
        var end = json_object_iter_end(object)
        while json_object_iter_equal(&iterator, &end) == 0 {
            guard let key = json_object_iter_peek_name(&iterator) else { break }
            let value = try value(of: json_object_iter_peek_value(&iterator))
            members.append(JSONMember(key: String(cString: key), value: value))
            json_object_iter_next(&iterator)
        }
        return members
    }
}
