import CJSONC

/// The json-c functions that can run out of memory, with a limit on their successful calls.
///
/// Out of memory, json-c returns NULL or -1. Only a replaced allocator could cause this from
/// outside, so a test sets the number of calls after which every further call fails in the same
/// way.
struct JSONCCalls {
    typealias Object = OpaquePointer
    typealias Tokener = UnsafeMutablePointer<json_tokener>

    private var remaining: Int

    /// - Parameter failingAfter: the number of calls that succeed; all of them by default.
    init(failingAfter: Int = .max) {
        remaining = failingAfter
    }

    mutating func makeTokener(depth: Int) throws(JSONError) -> Tokener {
        try checked(allowed() ? json_tokener_new_ex(Int32(depth)) : nil)
    }

    /// Parses `count` bytes of `text`. The object is nil for the document `null` as well as on
    /// failure: the caller checks the tokener's error.
    mutating func parse(
        _ tokener: Tokener, _ text: UnsafePointer<CChar>, count: Int
    ) throws(JSONError) -> Object? {
        guard allowed() else { throw Self.outOfMemory }
        return json_tokener_parse_ex(tokener, text, Int32(count))
    }

    mutating func makeObject() throws(JSONError) -> Object {
        try checked(allowed() ? json_object_new_object() : nil)
    }

    mutating func makeArray(capacity: Int) throws(JSONError) -> Object {
        try checked(allowed() ? json_object_new_array_ext(Int32(capacity)) : nil)
    }

    mutating func makeBool(_ value: Bool) throws(JSONError) -> Object {
        try checked(allowed() ? json_object_new_boolean(value ? 1 : 0) : nil)
    }

    mutating func makeInteger(_ value: Int) throws(JSONError) -> Object {
        try checked(allowed() ? json_object_new_int64(Int64(value)) : nil)
    }

    /// Makes a number that json-c writes as `text`; json-c's own formatting has 17 digits and
    /// depends on the locale.
    mutating func makeNumber(_ value: Double, text: String) throws(JSONError) -> Object {
        try checked(allowed() ? json_object_new_double_s(value, text) : nil)
    }

    mutating func makeString(_ value: String) throws(JSONError) -> Object {
        guard allowed() else { throw Self.outOfMemory }
        var value = value
        let object = value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                // An empty buffer may have no address; json-c needs one.
                guard let start = text.baseAddress else { return json_object_new_string("") }
                return json_object_new_string_len(start, Int32(text.count))
            }
        }
        return try checked(object)
    }

    /// Adds a member. Takes ownership of `value`, also on failure. A nil value is JSON's null.
    mutating func add(_ value: Object?, as key: String, to object: Object) throws(JSONError) {
        guard allowed(), json_object_object_add(object, key, value) == 0 else {
            json_object_put(value)
            throw Self.outOfMemory
        }
    }

    /// Appends an element. Takes ownership of `value`, also on failure. A nil value is JSON's null.
    mutating func append(_ value: Object?, to array: Object) throws(JSONError) {
        guard allowed(), json_object_array_add(array, value) == 0 else {
            json_object_put(value)
            throw Self.outOfMemory
        }
    }

    /// Returns the text of `object`, which owns it until the next call on `object`.
    mutating func text(
        of object: Object?, flags: Int32
    ) throws(JSONError) -> UnsafeRawBufferPointer {
        var count = 0
        guard allowed(), let text = json_object_to_json_string_length(object, flags, &count) else {
            throw Self.outOfMemory
        }
        return UnsafeRawBufferPointer(start: text, count: count)
    }

    static let outOfMemory = JSONError(.memory, "json-c ran out of memory", at: nil)

    private mutating func allowed() -> Bool {
        guard remaining > 0 else { return false }
        remaining -= 1
        return true
    }

    private func checked<Pointer>(_ pointer: Pointer?) throws(JSONError) -> Pointer {
        guard let pointer else { throw Self.outOfMemory }
        return pointer
    }
}
