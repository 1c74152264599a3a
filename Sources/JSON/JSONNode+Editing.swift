/// Trees made of other trees: a plan is varied before it is read.
extension JSONNode {
    /// The elements of an array; nil for other values.
    package var elements: [JSONNode]? {
        guard case .array(let nodes) = content else { return nil }
        return nodes
    }

    /// The members of an object; nil for other values.
    package var members: [JSONNodeMember]? {
        guard case .object(let members) = content else { return nil }
        return members
    }

    package var string: String? {
        guard case .string(let text) = content else { return nil }
        return text
    }

    /// Makes the node of a value of which every part has the same position.
    /// - Parameters:
    ///   - step: the step to the value from `parent`.
    ///   - parent: the container; the path of the node is below its path.
    package init(
        _ value: JSONValue, at position: JSONPosition, as step: JSONPathStep, of parent: JSONNode
    ) {
        self.init(value, at: position, trail: JSONTrail(parent: parent.trail, step: step))
    }

    private init(_ value: JSONValue, at position: JSONPosition, trail: JSONTrail) {
        self.position = position
        self.trail = trail
        content =
            switch value {
            case .null: .null
            case .bool(let bool): .bool(bool)
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .string(let string): .string(string)
            case .array(let values):
                .array(
                    values.enumerated().map { index, value in
                        let step = JSONTrail(parent: trail, step: .index(index))
                        return JSONNode(value, at: position, trail: step)
                    })
            case .object(let members):
                .object(
                    members.map { member in
                        let step = JSONTrail(parent: trail, step: .key(member.key))
                        return JSONNodeMember(
                            key: member.key, keyPosition: position,
                            node: JSONNode(member.value, at: position, trail: step))
                    })
            }
    }

    /// Returns a node with other content and the same path.
    package func with(_ content: Content, at position: JSONPosition? = nil) -> JSONNode {
        JSONNode(content: content, position: position ?? self.position, trail: trail)
    }

    /// Returns the object with another value of a key, which keeps its place or becomes the last;
    /// nil removes the key. Other values than objects stay the same.
    package func with(
        _ key: String, _ node: JSONNode?, at keyPosition: JSONPosition? = nil
    ) -> JSONNode {
        guard var members else { return self }
        let index = members.firstIndex { $0.key.hasSameBytes(as: key) }
        switch (index, node) {
        case (let index?, let node?):
            members[index] = JSONNodeMember(
                key: key, keyPosition: keyPosition ?? members[index].keyPosition, node: node)
        case (let index?, nil): members.remove(at: index)
        case (nil, let node?):
            members.append(
                JSONNodeMember(key: key, keyPosition: keyPosition ?? node.position, node: node))
        case (nil, nil): break
        }
        return with(.object(members))
    }
}
