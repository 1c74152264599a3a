import JSON

/// A factor for the times of a plan that lay out its runs: `--duration-scale 0.1`.
///
/// Scaled are the lengths and starts of senders (`duration`, `count`, `start_after`, and those of
/// stages), warm-ups, the soaks of batteries, the last trials of searches, the times of events, and
/// the windows of time of networks. The times that a service or a network takes (timeouts, delays,
/// retries) stay, and so do rates and thresholds.
package struct DurationScale: Sendable, Equatable {
    private static let legal = 1_000_000...1_000_000_000_000
    private static let one = 1_000_000_000

    private let billionths: Int
    let option: String

    package init(_ text: String) throws(JSONComplaint) {
        guard let steps = try? Quantity.ratio.steps(text), Self.legal.contains(steps),
            !text.hasSuffix("%")
        else {
            throw JSONComplaint("--duration-scale is a factor from 0.001 to 1000, such as 0.1")
        }
        billionths = steps
        option = "--duration-scale \(text)"
    }

    private func scaled(_ number: Int) -> Int {
        let product = Int128(number) * Int128(billionths) + Int128(Self.one / 2)
        return Int(clamping: product / Int128(Self.one))
    }

    /// Returns the plan with its times scaled. Times that are no durations stay as they are: the
    /// reader refuses them.
    func applied(to root: JSONNode, source: Int) -> JSONNode {
        let position = JSONPosition.start(of: source)
        func time(_ node: JSONNode) -> JSONNode {
            switch node.content {
            case .string(let text):
                guard let ns = try? Quantity.duration.steps(text) else { return node }
                return node.with(.string(Self.text(ns: self.scaled(ns))), at: position)
            case .integer(let count) where count > 0:
                return node.with(.integer(max(1, self.scaled(count))), at: position)
            default: return node
            }
        }
        func scale(_ node: JSONNode, _ keys: [String]) -> JSONNode {
            keys.reduce(node) { node, key in
                guard let value = node[key] else { return node }
                return node.with(key, time(value))
            }
        }
        let scenarios = root["scenarios"].map { list in
            list.mapped { scenario in
                let timeline = scenario["timeline"]?.mapped { scale($0, ["at"]) }
                let senders = scenario["senders"]?.mapped { sender in
                    let scaled = scale(sender, ["duration", "count", "start_after"])
                    guard let stages = scaled["stages"] else { return scaled }
                    return scaled.with("stages", stages.mapped { scale($0, ["duration"]) })
                }
                var scenario = scale(scenario, ["warm_up", "soak"])
                if let timeline { scenario = scenario.with("timeline", timeline) }
                if let search = scenario["search"] {
                    scenario = scenario.with("search", scale(search, ["confirm"]))
                }
                if let senders { scenario = scenario.with("senders", senders) }
                return scenario
            }
        }
        let networks = root["networks"]?.mapped { network in
            network.deeplyMapped { scale($0, ["from", "until"]) }
        }
        var plan = root
        if let scenarios { plan = plan.with("scenarios", scenarios) }
        if let networks { plan = plan.with("networks", networks) }
        return plan
    }

    /// The units of a time, the longest first.
    private static let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)]

    /// Returns a time as a plan has it, in the longest unit that makes it whole.
    static func text(ns: Int) -> String {
        let unit = units.first { ns % $0.1 == 0 } ?? ("ns", 1)
        return "\(ns / unit.1)\(unit.0)"
    }
}

extension JSONNode {
    /// Returns the array or object with its values changed; other values stay the same.
    fileprivate func mapped(_ change: (JSONNode) -> JSONNode) -> JSONNode {
        switch content {
        case .array(let nodes): with(.array(nodes.map(change)))
        case .object(let members):
            with(
                .object(
                    members.map {
                        JSONNodeMember(
                            key: $0.key, keyPosition: $0.keyPosition, node: change($0.node))
                    }))
        default: self
        }
    }

    /// Returns the value with this change made to it and to everything in it.
    fileprivate func deeplyMapped(_ change: (JSONNode) -> JSONNode) -> JSONNode {
        change(mapped { $0.deeplyMapped(change) })
    }
}
