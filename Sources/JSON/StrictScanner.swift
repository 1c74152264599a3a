/// The result of a strict scan of an accepted text.
struct StrictScan {
    /// The positions of all values and keys, in the order of the text; empty if not requested.
    let positions: [JSONPosition]
    /// The number of values, containers included.
    let values: Int
    /// The offset behind the root value; only white space follows.
    let end: Int
}

/// Reads a text strictly by RFC 8259 and `JSONLimits`, before json-c sees it.
///
/// The scan builds positions only. It loops over an explicit stack of open containers, so that
/// hostile nesting uses no call stack, and stops at the first error: behind a broken string or
/// bracket, further errors are uncertain.
struct StrictScanner {
    /// The tokens that may follow.
    private enum Expectation {
        case value
        /// Directly behind `[`.
        case firstElement
        /// Directly behind `{`.
        case firstKey
        /// Behind a comma in an object.
        case key
        /// Behind a value: a comma, the end of the container, or the end of the text.
        case separator
    }

    /// An array or object that is not closed yet.
    private struct Container {
        let isObject: Bool
        let position: JSONPosition
        /// The decoded keys so far; empty for an array.
        var keys: [[UInt8]: JSONPosition] = [:]
        /// The step to the value that is being read.
        var step: JSONPathStep?
        var count = 0

        var opening: String { isObject ? "{" : "[" }
        var closing: String { isObject ? "}" : "]" }
    }

    let bytes: [UInt8]
    let limits: JSONLimits
    private let recordsPositions: Bool

    var offset = 0
    private var line = 1
    private var lineStart = 0
    /// The UTF-8 continuation bytes since `lineStart`, which take no column.
    var continuationBytes = 0

    private var containers: [Container] = []
    private var positions: [JSONPosition] = []
    private var values = 0

    init(_ bytes: [UInt8], limits: JSONLimits, recordsPositions: Bool) {
        self.bytes = bytes
        self.limits = limits
        self.recordsPositions = recordsPositions
    }

    /// - Throws: the first error.
    mutating func scan() throws(JSONError) -> StrictScan {
        try checkStart()
        var expectation = Expectation.value
        var end = 0
        // Every iteration consumes at least one byte or throws.
        repeat {
            skipWhitespace()
            expectation = try step(expectation)
            end = offset
        } while expectation != .separator || !containers.isEmpty
        skipWhitespace()
        guard offset == bytes.count else { throw unexpectedTrailer() }
        return StrictScan(positions: positions, values: values, end: end)
    }

    private mutating func step(_ expectation: Expectation) throws(JSONError) -> Expectation {
        switch expectation {
        case .value: return try scanValue()
        case .firstElement: return try current == UInt8(ascii: "]") ? close() : scanValue()
        case .firstKey: return try current == UInt8(ascii: "}") ? close() : scanKey()
        case .key: return try scanKey()
        case .separator: return try scanSeparator()
        }
    }

    private mutating func checkStart() throws(JSONError) {
        guard bytes.count <= limits.documentBytesMax else {
            throw error(
                .limit,
                "the document has \(bytes.count) bytes; the limit is \(limits.documentBytesMax)")
        }
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw error(
                .syntax, "the document starts with a byte order mark; save it as UTF-8 without one")
        }
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
            throw error(.syntax, "the document is UTF-16; save it as UTF-8")
        }
        skipWhitespace()
        guard offset < bytes.count else {
            throw error(.empty, "the document is empty; a JSON value is expected")
        }
    }

    // MARK: Values

    private mutating func scanValue() throws(JSONError) -> Expectation {
        beginElement()
        guard let byte = current else { throw unexpectedEnd() }
        switch byte {
        case UInt8(ascii: "{"):
            try open(isObject: true)
            return .firstKey
        case UInt8(ascii: "["):
            try open(isObject: false)
            return .firstElement
        case UInt8(ascii: "\""):
            try record()
            _ = try scanString(keepsBytes: false)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try record()
            try scanNumber()
        default:
            guard try scanLiteral() else { throw unexpectedValue(byte) }
        }
        return finishValue()
    }

    /// Reads `true`, `false` or `null`, as a whole word.
    private mutating func scanLiteral() throws(JSONError) -> Bool {
        let word = word(at: offset)
        guard word == "true" || word == "false" || word == "null" else { return false }
        try record()
        offset += word.utf8.count
        return true
    }

    private mutating func scanKey() throws(JSONError) -> Expectation {
        guard let byte = current else { throw unexpectedEnd() }
        guard byte == UInt8(ascii: "\"") else { throw unexpectedKey(byte) }
        let position = position
        if recordsPositions { positions.append(position) }
        let key = try scanString(keepsBytes: true)
        let text = String(decoding: key, as: UTF8.self)
        containers[containers.count - 1].step = .key(text)
        guard !key.contains(0) else {
            throw error(.syntax, "a key cannot hold a NUL character (\\u0000)", at: position)
        }
        if let first = containers[containers.count - 1].keys.updateValue(position, forKey: key) {
            throw error(
                .duplicateKey,
                "duplicate key \(text.quotedForMessage): first at \(first) (byte \(first.offset)), "
                    + "again at \(position) (byte \(position.offset))", at: position)
        }
        skipWhitespace()
        guard let colon = current else { throw unexpectedEnd() }
        guard colon == UInt8(ascii: ":") else {
            throw error(
                .syntax,
                "expected ':' after the key \(text.quotedForMessage), found \(describe(colon))")
        }
        offset += 1
        return .value
    }

    private mutating func scanSeparator() throws(JSONError) -> Expectation {
        guard let container = containers.last else { return .separator }
        guard let byte = current else { throw unexpectedEnd() }
        if byte == UInt8(ascii: ",") {
            offset += 1
            return container.isObject ? .key : .value
        }
        let closing = container.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        guard byte == closing else { throw unexpectedSeparator(byte) }
        return close()
    }

    // MARK: Containers

    private mutating func open(isObject: Bool) throws(JSONError) {
        guard containers.count < limits.depthMax else {
            throw error(.limit, "arrays and objects nest deeper than \(limits.depthMax)")
        }
        try record()
        containers.append(Container(isObject: isObject, position: position))
        offset += 1
    }

    private mutating func close() -> Expectation {
        containers.removeLast()
        offset += 1
        return finishValue()
    }

    /// Sets the path step of an array's next value to its index; the step of an object's value is
    /// its key.
    private mutating func beginElement() {
        guard let container = containers.last, !container.isObject else { return }
        containers[containers.count - 1].step = .index(container.count)
        containers[containers.count - 1].count += 1
    }

    private mutating func finishValue() -> Expectation {
        if !containers.isEmpty { containers[containers.count - 1].step = nil }
        return .separator
    }

    private mutating func record() throws(JSONError) {
        guard values < limits.valuesMax else {
            throw error(.limit, "the document has more than \(limits.valuesMax) values")
        }
        values += 1
        if recordsPositions { positions.append(position) }
    }

    // MARK: Bytes and positions

    /// The byte at `offset`; nil at the end.
    var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    var position: JSONPosition {
        JSONPosition(
            offset: offset, line: line, column: offset - lineStart - continuationBytes + 1)
    }

    /// Skips the white space of RFC 8259 §2: space, tab, line feed, carriage return.
    private mutating func skipWhitespace() {
        while let byte = current {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): offset += 1
            case UInt8(ascii: "\n"):
                offset += 1
                line += 1
                lineStart = offset
                continuationBytes = 0
            default: return
            }
        }
    }

    /// Returns the ASCII letters from `start` on, at most 16: enough for every word that has a
    /// hint.
    func word(at start: Int) -> String {
        let letters = bytes[start...].prefix(16).prefix { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    // MARK: Errors

    var path: String {
        containers.reduce(into: "$") { $0 += $1.step?.text ?? "" }
    }

    /// The innermost open container, with the position of its opening.
    var openContainer: String? {
        containers.last.map { "the '\($0.opening)' at \($0.position)" }
    }

    /// The closing bracket of the innermost open container.
    var openContainerEnd: String? { containers.last?.closing }

    func error(
        _ code: JSONError.Code, _ message: String, at position: JSONPosition? = nil
    ) -> JSONError {
        JSONError(code, message, path: path, at: position ?? self.position)
    }
}
