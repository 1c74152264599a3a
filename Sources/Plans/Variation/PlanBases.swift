import Glibc
import JSON
import Reports
import STAMP

/// The files that a plan extends: `"extends": "base.json"`, a file beside the plan, which may have
/// a base of its own.
///
/// A plan is merged into its base by RFC 7396: objects are merged key by key, `null` removes a key,
/// and other values replace those of the base. Besides, arrays whose elements have names
/// (scenarios, senders) are merged name by name.
struct PlanBases {
    /// The merged plan, without `extends`.
    private(set) var root: JSONNode
    private(set) var bases: [PlanBaseReport] = []
    /// The sources of the tree: the plan and its bases.
    private(set) var sources: [JSONSource]

    /// Reads the bases of a plan.
    /// - Throws: Why a base cannot be read, at the key that names it; or the first error in it.
    init(of document: JSONDocument, path: String) throws(PlanError) {
        sources = [.file(document.file)]
        var layers = [document.root]
        var file = path
        var seen = [Self.realPath(path) ?? ""]
        while let key = layers[layers.count - 1][PlanShape.extends.key] {
            let problems = JSONProblems(sources: sources, countMax: PlanLimits.problemsMax)
            if layers.count > PlanLimits.basesMax {
                problems.add("a plan has at most \(PlanLimits.basesMax) bases", at: key)
            }
            guard problems.isEmpty, let name = PlanShape.extends.shape.read(key, problems),
                let base = Self.bytes(name, beside: file, at: key, &seen, problems)
            else { throw PlanError(problems) }
            layers.append(try Self.read(base, source: sources.count))
            sources.append(.file(base.path))
            let formats = JSONProblems(sources: sources, countMax: PlanLimits.problemsMax)
            Self.checkFormat(layers[layers.count - 1], formats)
            guard formats.isEmpty else { throw PlanError(formats) }
            bases.append(
                PlanBaseReport(path: base.path, sha256: SHA256.hexDigest(of: base.bytes)))
            file = base.path
        }
        root = layers[layers.count - 1]
        for layer in layers.dropLast().reversed() { root = Self.merged(layer, into: root) }
        if !bases.isEmpty { root = root.with(PlanShape.extends.key, nil) }
    }

    // MARK: - Reading

    private typealias Base = (path: String, bytes: [UInt8])

    private static func bytes(
        _ name: String, beside file: String, at key: JSONNode, _ seen: inout [String],
        _ problems: JSONProblems
    ) -> Base? {
        let folder = String(DelayTrace.folder(of: file))
        let path = folder + name
        if let real = realPath(path) {
            guard let home = realPath(folder.isEmpty ? "." : folder),
                DelayTrace.folder(of: real) == (home == "/" ? home : home + "/")
            else {
                problems.add(
                    "\(name.quoted) is a link out of the folder of the plan: a base is beside it",
                    at: key)
                return nil
            }
            guard !seen.contains(real) else {
                problems.add("\(name.quoted) extends itself, by way of this key", at: key)
                return nil
            }
            seen.append(real)
        }
        do throws(PlanError) {
            return (path, try PlanFile.file.planBytes(of: path, isPlan: true))
        } catch {
            problems.add(error.description, at: key)
            return nil
        }
    }

    private static func read(_ base: Base, source: Int) throws(PlanError) -> JSONNode {
        do throws(JSONError) {
            return try JSONDocument.read(file: base.path, bytes: base.bytes, source: source).root
        } catch {
            throw .invalid(problems: [error.problem(file: base.path)], more: 0)
        }
    }

    private static func checkFormat(_ root: JSONNode, _ problems: JSONProblems) {
        if root.members == nil { problems.addMismatch("a plan (an object)", at: root) }
        if let format = root[PlanShape.format.key] {
            _ = PlanShape.format.shape.read(format, problems)
        }
    }

    /// Returns the path without links; nil if nothing has it.
    private static func realPath(_ path: String) -> String? {
        guard !path.utf8.contains(0), let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    // MARK: - Merging

    /// Returns the value that a plan makes of its base's value.
    static func merged(_ node: JSONNode, into base: JSONNode?) -> JSONNode {
        switch (node.content, base?.content) {
        case (.object(let members), _):
            var all: [JSONNodeMember?] = base?.members ?? []
            var places = self.places(of: (base?.members ?? []).map(\.key))
            for member in members {
                let place = places[Array(member.key.utf8), default: all.count]
                let before = all.indices.contains(place) ? all[place]?.node : nil
                if place == all.count { all.append(nil) }
                places[Array(member.key.utf8)] = place
                guard member.node.kind != .null else {
                    all[place] = nil
                    continue
                }
                all[place] = JSONNodeMember(
                    key: member.key, keyPosition: member.keyPosition,
                    node: merged(member.node, into: before))
            }
            return node.with(.object(all.compactMap(\.self)))
        case (.array(let nodes), .array(let before)):
            guard let names = names(of: nodes), let old = self.names(of: before) else {
                return node
            }
            var elements = before
            let places = self.places(of: old)
            for (name, node) in zip(names, nodes) {
                if let place = places[Array(name.utf8)] {
                    elements[place] = merged(node, into: elements[place])
                } else {
                    elements.append(merged(node, into: nil))
                }
            }
            return node.with(.array(elements))
        default: return node
        }
    }

    /// Returns the first place of each text, whose bytes decide.
    private static func places(of texts: [String]) -> [[UInt8]: Int] {
        Dictionary(zip(texts.map { Array($0.utf8) }, texts.indices), uniquingKeysWith: min)
    }

    /// Returns the names of elements; nil if one has none, or if there are none.
    private static func names(of nodes: [JSONNode]) -> [String]? {
        let names = nodes.compactMap { $0["name"]?.string }
        return names.count == nodes.count && !names.isEmpty ? names : nil
    }
}
