import Impairment
import JSON

/// A flag of the command line for an impairment: `--loss 1%`, `--backward-delay 20ms`,
/// `--forward-loss gilbert-elliott:p=1%,r=30%`.
package struct ImpairmentFlag: Sendable, Equatable {
    /// The key as in a plan: `loss`, `delay`, … See `ImpairmentText.keys`.
    package let key: String
    /// The direction; nil for both.
    package let direction: Direction?
    package let text: String

    /// Makes a flag for both directions.
    package init(_ key: String, _ text: String) {
        self.init(key, nil, text)
    }

    package init(_ key: String, _ direction: Direction?, _ text: String) {
        self.key = key
        self.direction = direction
        self.text = text
    }

    /// The flag as typed: `--forward-loss`.
    package var name: String {
        switch direction {
        case nil: "--\(key)"
        case .forward: "--forward-\(key)"
        case .backward: "--backward-\(key)"
        }
    }
}

/// The errors in flags, one sentence each, without a line feed at the end.
package struct ImpairmentFlagError: Error, Sendable, Equatable, CustomStringConvertible {
    package let sentences: [String]

    package var description: String { sentences.joined(separator: "\n") }
}

/// The quantities and models of an emulated network as text on the command line.
///
/// A text without `=` and `:` is the short form of a plan: `1%`, `20ms`. Any other text is an
/// object of a plan in another syntax: `MODEL:KEY=VALUE,KEY=VALUE` or `KEY=VALUE,KEY=VALUE`, where
/// values that follow without a key make a list: `list:datagrams=3,7,9`. The text is read by the
/// shapes of a plan, so legal values and messages are the same.
package enum ImpairmentText {
    /// The keys that are flags; `blackhole` and `refuse` may be repeated.
    package static let keys = DirectionShape.flags.map(\.key)

    /// Reads flags.
    /// - Parameter file: the file that the flags override: a flag for both directions also replaces
    ///   the file's values for one.
    package static func read(
        _ flags: [ImpairmentFlag], over file: RelayFile? = nil
    ) throws(ImpairmentFlagError) -> Impairments {
        var sentences: [String] = []
        let directions: [Direction?] = [nil, .forward, .backward]
        let objects = directions.map { direction in
            object(of: flags.filter { $0.direction == direction }, &sentences)
        }
        let root = JSONValue.object(
            objects[0]
                + [
                    JSONMember(key: DirectionShape.forward.key, value: .object(objects[1])),
                    JSONMember(key: DirectionShape.backward.key, value: .object(objects[2])),
                ])
        let draft = draft(root, &sentences)
        guard sentences.isEmpty, let draft else {
            throw ImpairmentFlagError(sentences: sentences)
        }
        return file.map { draft.filled(from: $0.draft).impairments } ?? draft.impairments
    }

    /// Returns the files of delays that the flags name.
    package static func filesRead(_ flags: [ImpairmentFlag]) -> [String] {
        flags.compactMap { flag in
            guard case .string(let path)? = value(of: flag.text)["file"] else { return nil }
            return path
        }
    }

    private static func object(
        of flags: [ImpairmentFlag], _ sentences: inout [String]
    ) -> [JSONMember] {
        var members: [JSONMember] = []
        for flag in flags {
            let value = value(of: flag.text)
            guard let index = members.firstIndex(where: { $0.key == flag.key }) else {
                let mayRepeat = [DirectionShape.blackhole.key, DirectionShape.refuse.key]
                    .contains(flag.key)
                members.append(
                    JSONMember(key: flag.key, value: mayRepeat ? .array([value]) : value))
                continue
            }
            if case .array(let windows) = members[index].value {
                members[index] = JSONMember(key: flag.key, value: .array(windows + [value]))
            } else {
                sentences.append("\(flag.name) stands twice")
            }
        }
        return members
    }

    private static func draft(
        _ root: JSONValue, _ sentences: inout [String]
    ) -> DirectionsDraft? {
        let document: JSONDocument
        do {
            document = try JSONDocument.read(file: "", bytes: Array(try root.text(.compact).utf8))
        } catch {
            sentences.append("the flags cannot be read: \(error)")
            return nil
        }
        let problems = JSONProblems(file: "", countMax: PlanLimits.problemsMax)
        let shape = ObjectShape(
            name: "the flags", fields: DirectionShape.both, rules: DirectionShape.rules)
        let draft = shape.values(of: document.root, problems).map(DirectionShape.draft)
        sentences += problems.sorted.map(sentence)
        return draft
    }

    /// Returns a problem as a sentence about a flag: `$.forward.loss.p` is the part `p` of
    /// `--forward-loss`.
    private static func sentence(_ problem: JSONProblem) -> String {
        var parts = problem.path.dropFirst("$.".count).split(separator: ".")[...]
        let isForOne = [DirectionShape.forward.key, DirectionShape.backward.key]
            .contains(parts.first.map(String.init))
        let prefix = isForOne ? "\(parts.removeFirst())-" : ""
        guard let key = parts.popFirst() else { return problem.message }
        let inside = parts.isEmpty ? "" : "\(parts.joined(separator: ".")): "
        return "--\(prefix)\(key.prefix { $0 != "[" }): \(inside)\(problem.message)"
    }

    // MARK: From text to a value

    private static func value(of text: String) -> JSONValue {
        guard text.contains("=") || text.contains(":") else { return .string(text) }
        var members: [JSONMember] = []
        var rest = text[...]
        let head = text.prefix { $0 != ":" && $0 != "=" }
        if head.endIndex < text.endIndex, text[head.endIndex] == ":" {
            members.append(JSONMember(key: "model", value: .string(String(head))))
            rest = text[text.index(after: head.endIndex)...]
        }
        for part in rest.split(separator: ",") {
            let key = part.prefix { $0 != "=" }
            if key.endIndex < part.endIndex {
                let value = scalar(part[part.index(after: key.endIndex)...])
                members.append(JSONMember(key: String(key), value: value))
            } else if let last = members.popLast() {
                members.append(JSONMember(key: last.key, value: last.value.followed(by: part)))
            }
        }
        return .object(members)
    }

    /// Returns a number or a truth value if the text is one; otherwise text, as quantities are.
    fileprivate static func scalar(_ text: Substring) -> JSONValue {
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if let integer = Int(text) { return .integer(integer) }
        let isDecimal = text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
        }
        if isDecimal, let number = Double(text) { return .number(number) }
        return .string(String(text))
    }
}

extension JSONValue {
    /// Returns the value as a list with one more element.
    fileprivate func followed(by part: Substring) -> JSONValue {
        let element = ImpairmentText.scalar(part)
        if case .array(let values) = self { return .array(values + [element]) }
        return .array([self, element])
    }
}
