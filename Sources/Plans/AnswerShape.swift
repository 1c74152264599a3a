import JSON
import Load

/// The keys of a sender's `answer`, as an object.
enum AnswerShape {
    static let at = Field.optional(
        "at", .integer(0...PlanLimits.answerByteMax, example: 0),
        "The byte of the answer at which \"equals\" begins.", absent: 0, written: .integer(0))
    static let equals = Field.optional(
        "equals", pattern,
        "What stands there: text, or hexadecimal digits after 0x, with the number of the request "
            + "as \"{seq}\", \"{seq:be16}\" or \"{seq:be32}\".")
    static let prefix = Field.optional(
        "prefix", pattern, "What the answer begins with, in the same way.")
    static let contains = Field.optional(
        "contains", pattern, "What stands somewhere in the answer, in the same way.")

    static let object = ObjectShape(
        name: "a rule for answers",
        fields: [at.declaration, equals.declaration, prefix.declaration, contains.declaration],
        rules: [
            .exactlyOneOf(
                ["equals", "prefix", "contains"], why: "one of them finds the request again"),
            .onlyBeside("equals", "at", why: "it says where that begins"),
        ])

    static let shape: Shape<AnswerMatch> = {
        let word = Shape<AnswerMatch>.choice(["echo": .echo, "none": .none, "any": .any])
        return .short(word, or: .object(object, read))
    }()

    private static let pattern = Shape<BytePattern>.converted(
        schema: .schema(["type": .string("string"), "pattern": .string("[{]seq")]),
        example: "{seq:be16}"
    ) { text throws(JSONComplaint) in
        let pattern = try RequestText.pattern(text)
        if let complaint = complaint(pattern) { throw JSONComplaint(complaint) }
        return pattern
    }

    private static func complaint(_ pattern: BytePattern) -> String? {
        let numbers = pattern.pieces.count { $0.numberBits != nil }
        if numbers != 1 {
            return "a rule has the number of the request once: {seq}, {seq:be16} or {seq:be32}"
        }
        for piece in pattern.pieces {
            switch piece {
            case .random, .timeMs:
                return "{random:N} and {time:ms} are not known when the answer comes: leave them "
                    + "out of the rule"
            case .octets, .decimal, .be16, .be32, .runHex8: continue
            }
        }
        if pattern.hasOpenNumber {
            return "{seq} directly before another digit has no end: put a character between them"
        }
        return nil
    }

    private static func read(_ keys: ObjectValues) -> AnswerMatch? {
        let values = (keys(at), keys(equals), keys(prefix), keys(contains))
        if let pattern = values.1, let at = values.0 { return .at(at, pattern) }
        if let pattern = values.2 { return .at(0, pattern) }
        guard let pattern = values.3 else { return nil }
        switch pattern.pieces.first {
        case .octets, .runHex8: return .containing(pattern)
        default:
            keys.report(
                "begin it with the characters before the number: any number stands somewhere",
                at: contains.key)
            return nil
        }
    }
}

/// The keys of one of a sender's `valid`.
enum AnswerCheckShape {
    static let at = Field.required(
        "at", .integer(0...PlanLimits.answerByteMax, example: 3),
        "The first byte that is looked at.")
    static let mask = Field.optional(
        "mask", octets(such: "0x0f"),
        "The bits that count, as many bytes as are compared; without it all of them.")
    static let equals = Field.optional(
        "equals", octets(such: "0x00"),
        "The bytes of a right answer: text, or hexadecimal digits after 0x.")
    static let differs = Field.optional(
        "differs", octets(such: "0x00"), "The bytes that a right answer does not have.")

    static let object = ObjectShape(
        name: "a property of a right answer",
        fields: [at.declaration, mask.declaration, equals.declaration, differs.declaration],
        rules: [.exactlyOneOf(["equals", "differs"], why: "one of them says what is right")])

    static let shape = Shape<AnswerCheck>.object(object) { keys in
        let values = (keys(at), keys(mask), keys(equals), keys(differs))
        guard let at = values.0, let octets = values.2 ?? values.3 else { return nil }
        if keys.has(mask.key), values.1 == nil { return nil }
        if let bits = values.1, bits.count != octets.count {
            keys.report(
                "a mask of \(bits.count) B for \(octets.count) B: both have the same length",
                at: mask.key)
            return nil
        }
        return AnswerCheck(at: at, mask: values.1, octets: octets, differs: values.2 == nil)
    }

    private static func octets(such example: String) -> Shape<[UInt8]> {
        .converted(
            schema: .schema(["type": .string("string"), "minLength": .integer(1)]), example: example
        ) {
            text throws(JSONComplaint) in
            guard let octets = try RequestText.pattern(text).fixedOctets else {
                throw JSONComplaint("a property of a right answer has no placeholders")
            }
            return octets
        }
    }
}
