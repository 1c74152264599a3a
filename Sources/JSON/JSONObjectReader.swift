/// Reads the members of one object by key, and reports the keys that were never read.
///
/// ```swift
/// guard var reader = JSONObjectReader(node, problems: problems, expected: "a sender") else {…}
/// let name = reader.string("name", .required, example: "calls")
/// let flows = reader.integer("flows", in: 1...10_000, example: 4) ?? 1
/// let remarks = reader.finish()
/// ```
///
/// Every method returns nil if there is no usable value, and adds the reason to `problems`; an
/// absent optional key is not a problem. `null` is a value of the wrong type.
package struct JSONObjectReader {
    package enum Presence: Sendable {
        case required
        case optional
    }

    /// Keys with this prefix are free, and collected.
    package static let freeKeyPrefix = "x-"

    /// Whether `key` begins with the free prefix. Bytes are compared, because Swift counts a
    /// combining character after the prefix to the character before it.
    package static func isFree(_ key: String) -> Bool {
        key.utf8.starts(with: freeKeyPrefix.utf8)
    }

    package let node: JSONNode
    package let problems: JSONProblems
    private let members: [JSONNodeMember]
    /// The keys read so far, which are the legal ones.
    private var declared: [String] = []
    private var missing: [(key: String, example: String)] = []

    /// Begins to read an object.
    /// - Parameter expected: the meaning of the object, e.g. `a sender`.
    /// - Returns: nil, and a problem, if the value is not an object.
    package init?(_ node: JSONNode, problems: JSONProblems, expected: String) {
        guard case .object(let members) = node.content else {
            problems.addMismatch("\(expected) (an object)", at: node)
            return nil
        }
        self.node = node
        self.problems = problems
        self.members = members
    }

    /// All keys of the object, declared or not, in the order of the file.
    package var keys: [String] { members.map(\.key) }

    package func contains(_ key: String) -> Bool { node[key] != nil }

    // MARK: Values

    /// Returns the value of `key`, of any type, and declares the key legal. The typed methods below
    /// all call this one.
    package mutating func node(
        _ key: String, _ presence: Presence = .optional, example: String
    ) -> JSONNode? {
        declared.append(key)
        if let value = node[key] { return value }
        if presence == .required { missing.append((key, example)) }
        return nil
    }

    package mutating func string(
        _ key: String, _ presence: Presence = .optional, example: String
    ) -> String? {
        let value = node(key, presence, example: "\"\(example)\"")
        return value.flatMap { problems.string($0, example: example) }
    }

    /// Reads a string and converts it with `convert`; an error of `convert` becomes a problem at
    /// the value.
    package mutating func convert<Value>(
        _ key: String, _ presence: Presence = .optional, example: String,
        _ convert: (String) throws(JSONComplaint) -> Value
    ) -> Value? {
        let value = node(key, presence, example: "\"\(example)\"")
        return value.flatMap { problems.convert($0, example: example, convert) }
    }

    package mutating func choice(
        _ key: String, _ presence: Presence = .optional, among words: [String]
    ) -> String? {
        let value = node(key, presence, example: "\"\(words.first ?? "")\"")
        return value.flatMap { problems.choice($0, among: words) }
    }

    package mutating func integer(
        _ key: String, _ presence: Presence = .optional,
        in range: ClosedRange<Int> = Int.min...Int.max, example: Int
    ) -> Int? {
        let value = node(key, presence, example: "\(example)")
        return value.flatMap { problems.integer($0, in: range, example: example) }
    }

    package mutating func number(
        _ key: String, _ presence: Presence = .optional,
        in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude,
        example: Double
    ) -> Double? {
        let value = node(key, presence, example: "\(example)")
        return value.flatMap { problems.number($0, in: range, example: example) }
    }

    package mutating func bool(_ key: String, _ presence: Presence = .optional) -> Bool? {
        let value = node(key, presence, example: "true")
        return value.flatMap { problems.bool($0) }
    }

    /// Reads an array.
    /// - Parameter expected: the name of the elements in the plural, e.g. `senders`.
    package mutating func elements(
        _ key: String, _ presence: Presence = .optional, of expected: String,
        count: ClosedRange<Int> = 0 ... .max
    ) -> [JSONNode]? {
        let value = node(key, presence, example: "[…] of \(expected)")
        return value.flatMap { problems.elements($0, of: expected, count: count) }
    }

    /// Reads an object whose keys are names chosen by the author.
    ///
    /// - Parameter expected: the name of the values in the plural, e.g. `networks`.
    package mutating func members(
        _ key: String, _ presence: Presence = .optional, of expected: String,
        count: ClosedRange<Int> = 0 ... .max
    ) -> [JSONNodeMember]? {
        let value = node(key, presence, example: "{…} of \(expected)")
        return value.flatMap { problems.members($0, of: expected, count: count) }
    }

    /// Returns the reader of an object with keys of its own; the caller calls `finish()` on that
    /// reader too.
    package mutating func object(
        _ key: String, _ presence: Presence = .optional, expected: String
    ) -> JSONObjectReader? {
        let value = node(key, presence, example: "{…}")
        return value.flatMap { JSONObjectReader($0, problems: problems, expected: expected) }
    }

    /// Declares a key that a later version will read: the key is known, and a problem if present.
    package mutating func notSupportedYet(_ key: String) {
        guard let value = node(key, example: "") else { return }
        problems.add("\(key.quotedForMessage) is not supported yet", at: value)
    }

    // MARK: Problems

    /// Adds a problem at the value of `key`, or at the object if it has no such key.
    package func report(_ message: String, at key: String) {
        problems.add(message, at: node[key] ?? node)
    }

    /// Reports the keys that are unknown and those that are missing. Call it last, once.
    ///
    /// - Returns: the free keys with their values, in the order of the file.
    package func finish() -> [JSONMember] {
        var free: [JSONMember] = []
        var suggested: Set<String> = []
        for member in members where !declared.contains(where: member.key.hasSameBytes) {
            if Self.isFree(member.key) {
                free.append(JSONMember(key: member.key, value: member.node.value))
            } else if let nearest = reportUnknown(member) {
                suggested.insert(nearest)
            }
        }
        // A misspelt `duratoin` is one problem; the missing `duration` is not reported as well.
        for (key, example) in missing where !suggested.contains(key) {
            problems.add(
                "the key \(key.quotedForMessage) is missing, e.g. \"\(key)\": \(example)", at: node)
        }
        return free
    }

    private func reportUnknown(_ member: JSONNodeMember) -> String? {
        let nearest = NearestMatch.of(member.key, among: declared)
        let hint =
            nearest.map { "did you mean \($0.quotedForMessage)?" }
            ?? (problems.home(of: member.key).map { "\($0); " } ?? "")
            + "legal keys are \(declared.map(\.quotedForMessage).joined(separator: ", "))"
            + "; free keys start with \(Self.freeKeyPrefix)"
        problems.add(
            "unknown key \(member.key.quotedForMessage); \(hint)", at: member.keyPosition,
            path: member.node.path)
        return nearest
    }
}
