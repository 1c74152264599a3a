import JSON
import Reports

/// Fills the variables of a plan's strings.
///
/// Two trees come of it: the plan as it is read, and the plan as it is shown, which has secrets as
/// `${NAME}` and the dollars before a `{` twice, so that it can be run again.
struct VariableFilling {
    private let variables: [PlanVariable]
    private let problems: JSONProblems
    /// The values used, in the order of the plan; each once.
    private(set) var used: [PlanVariableReport] = []
    /// The names that strings of the plan have.
    private var names: Set<String> = []
    /// The strings that could not be filled.
    private(set) var unfilled: [JSONNode] = []
    private var bytes = 0

    init(_ variables: [PlanVariable], _ problems: JSONProblems) {
        self.variables = variables
        self.problems = problems
    }

    /// Returns the plan with its variables filled.
    /// - Parameter source: The number of the first variable among the sources of the problems.
    mutating func fill(_ root: JSONNode, source: Int) -> (filled: JSONNode, shown: JSONNode) {
        let trees = fill(root, below: [])
        for (index, variable) in variables.enumerated() where !names.contains(variable.name) {
            let hint =
                names.isEmpty
                ? ", nor any other variable" : UnknownName.hint(variable.name, names.sorted())
            problems.add(
                "no string of the plan has ${\(variable.name)}\(hint)",
                at: .start(of: source + index), path: root.path)
        }
        return trees
    }

    private mutating func fill(
        _ node: JSONNode, below keys: [String]
    ) -> (filled: JSONNode, shown: JSONNode) {
        switch node.content {
        case .string(let text):
            return text.utf8.contains(UInt8(ascii: "$"))
                ? fill(node, text, isOfCommand: Self.isOfCommand(keys)) : (node, node)
        case .array(let nodes):
            let trees = nodes.map { fill($0, below: keys) }
            return (
                node.with(.array(trees.map(\.filled))), node.with(.array(trees.map(\.shown)))
            )
        case .object(let members):
            let trees = members.map { fill($0.node, below: keys + [$0.key]) }
            func object(_ nodes: [JSONNode]) -> JSONNode {
                node.with(
                    .object(
                        zip(members, nodes).map {
                            JSONNodeMember(key: $0.key, keyPosition: $0.keyPosition, node: $1)
                        }))
            }
            return (object(trees.map(\.filled)), object(trees.map(\.shown)))
        case .null, .bool, .integer, .number: return (node, node)
        }
    }

    /// Whether the keys are those of `responders.NAME.command`.
    private static func isOfCommand(_ keys: [String]) -> Bool {
        keys.count == 3 && keys[0] == "responders" && keys[2] == "command"
    }

    private mutating func fill(
        _ node: JSONNode, _ text: String, isOfCommand: Bool
    ) -> (filled: JSONNode, shown: JSONNode) {
        do throws(JSONComplaint) {
            var (filled, shown, plain, isSecret) = ("", "", "", false)
            for part in try VariableText.parts(of: text) {
                switch part {
                case .text(let text):
                    filled += text
                    plain += text
                case .variable(let name, let fallback):
                    let value = try value(of: name, fallback, isOfCommand: isOfCommand)
                    filled += value.text
                    guard value.isSecret else {
                        plain += value.text
                        break
                    }
                    shown += VariableText.escaped(plain, isBeforeVariable: true) + "${\(name)}"
                    (plain, isSecret) = ("", true)
                }
                // A megabyte of strings with a long value each would be gigabytes.
                guard filled.utf8.count <= JSONLimits.plan.stringBytesMax else {
                    throw JSONComplaint(
                        "the text is longer than \(JSONLimits.plan.stringBytesMax) bytes once "
                            + "it is filled")
                }
            }
            bytes += filled.utf8.count
            guard bytes <= PlanLimits.fileBytesMax else {
                throw JSONComplaint(
                    "the plan has more than \(PlanLimits.fileBytesMax) bytes of text once it is "
                        + "filled")
            }
            // The reader's message would quote the word.
            guard !isSecret || filled.unicodeScalars.count <= PlanLimits.commandWordBytesMax else {
                throw JSONComplaint("the word is too long once the secret is in it")
            }
            shown += VariableText.escaped(plain)
            return (node.with(.string(filled)), node.with(.string(shown)))
        } catch {
            problems.add(error.message, at: node)
            unfilled.append(node)
            return (node, node)
        }
    }

    private mutating func value(
        of name: String, _ fallback: String?, isOfCommand: Bool
    ) throws(JSONComplaint) -> (text: String, isSecret: Bool) {
        names.insert(name)
        let variable = variables.first { $0.name == name }
        // As in a shell, an empty value counts as none where there is a default.
        if let variable, let value = variable.value, !value.isEmpty || fallback == nil {
            let isSecret = variable.origin == .secret
            guard !isSecret || isOfCommand else {
                throw JSONComplaint(
                    "the secret ${\(name)} is for the words of a \"command\": everything else of a "
                        + "plan is in the report; use --var")
            }
            note(name, isSecret ? nil : value, variable.origin)
            return (value, isSecret)
        }
        if let fallback {
            note(name, fallback, .fallback)
            return (fallback, false)
        }
        guard variable == nil else {
            throw JSONComplaint(
                "${\(name)} has no value: the environment has no \(name); export it, or type "
                    + "--var \(name)=VALUE")
        }
        let hint = NearestMatch.hint(for: name, among: variables.map(\.name))
        throw JSONComplaint(
            "${\(name)} has no value: type --var \(name)=VALUE, or --env \(name) for that of the "
                + "environment\(hint)")
    }

    private mutating func note(_ name: String, _ value: String?, _ origin: PlanVariable.Origin) {
        let use = PlanVariableReport(name: name, value: value, origin: origin)
        if !used.contains(use) { used.append(use) }
    }
}
