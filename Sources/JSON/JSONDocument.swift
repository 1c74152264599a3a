/// A file that is JSON, with the position of every value.
package struct JSONDocument: Sendable {
    package let file: String
    package let root: JSONNode

    /// Reads one document, strictly: RFC 8259 and `limits`, nothing else.
    ///
    /// - Parameters:
    ///   - file: the name that messages use; nothing is opened.
    ///   - source: the file's number among the sources of `JSONProblems`.
    /// - Throws: the first error, with position and path; `problem(file:)` makes it printable.
    package static func read(
        file: String, bytes: [UInt8], limits: JSONLimits = .plan, source: Int = 0
    ) throws(JSONError) -> JSONDocument {
        var calls = JSONCCalls()
        return try read(file: file, bytes: bytes, limits: limits, source: source, calls: &calls)
    }

    static func read(
        file: String, bytes: [UInt8], limits: JSONLimits, source: Int = 0,
        calls: inout JSONCCalls
    ) throws(JSONError) -> JSONDocument {
        var scanner = StrictScanner(bytes, limits: limits, recordsPositions: true)
        let scan = try scanner.scan()
        let value = try TreeBuilder.build(bytes, scan: scan, limits: limits, calls: &calls)
        var positions = PositionCursor(positions: scan.positions, source: source)
        return JSONDocument(file: file, root: try positions.node(of: value, step: nil, parent: nil))
    }
}

/// Assigns the scan's positions to the values of the tree. Both are in the order of the text: a
/// value, then for an object a key and its value in turn.
private struct PositionCursor {
    let positions: [JSONPosition]
    let source: Int
    var next = 0

    /// Builds the node of a value. `JSONLimits.depthMax` bounds the recursion.
    mutating func node(
        of value: JSONValue, step: JSONPathStep?, parent: JSONTrail?
    ) throws(JSONError) -> JSONNode {
        let trail = JSONTrail(parent: parent, step: step)
        let position = try take(trail)
        let content: JSONNode.Content
        switch value {
        case .null: content = .null
        case .bool(let bool): content = .bool(bool)
        case .integer(let integer): content = .integer(integer)
        case .number(let number): content = .number(number)
        case .string(let string): content = .string(string)
        case .array(let elements):
            var nodes: [JSONNode] = []
            nodes.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                nodes.append(try node(of: element, step: .index(index), parent: trail))
            }
            content = .array(nodes)
        case .object(let members):
            var nodes: [JSONNodeMember] = []
            nodes.reserveCapacity(members.count)
            for member in members {
                let keyPosition = try take(trail)
                let node = try node(of: member.value, step: .key(member.key), parent: trail)
                nodes.append(
                    JSONNodeMember(key: member.key, keyPosition: keyPosition, node: node))
            }
            content = .object(nodes)
        }
        return JSONNode(content: content, position: position, trail: trail)
    }

    private mutating func take(_ trail: JSONTrail) throws(JSONError) -> JSONPosition {
        guard next < positions.count else {
            throw JSONError(
                .disagreement, "json-c found more values than the strict scan", path: trail.text,
                at: positions.last)
        }
        defer { next += 1 }
        return positions[next].within(source)
    }
}
