import JSON

/// The load that the plan of a report asks for, in keys that no figure of the report repeats: two
/// streams of one rate and size may still be different loads.
package struct AskedLoad: Sendable {
    /// A key, and the value that a plan without it has; nil if it has none.
    package struct Key: Sendable {
        package let name: String
        package let absent: JSONValue?

        init(_ name: String, absent: JSONValue? = nil) {
            self.name = name
            self.absent = absent
        }
    }

    /// The keys of a sender that make another load. Its payload is one of them only where it is no
    /// size: of a size the bytes are compared, however it is written.
    package static let loadKeys = [
        Key("kind", absent: .string("probes")), Key("request"), Key("valid"), Key("payload"),
        Key("schedule", absent: .string("constant")), Key("stages"), Key("profile"),
        Key("burst", absent: .integer(1)),
    ]
    /// The keys of a responder that make another load of its answers.
    package static let answerKeys = [Key("reply_delay")]
    /// The keys of a sender by which the same load is sent in another way.
    package static let mannerKeys = [
        Key("dscp"), Key("ecn"), Key("ttl"), Key("dont_fragment"),
        Key("max_burst", absent: .integer(1)), Key("pacing", absent: .string("auto")),
        Key("offload", absent: .object([])), Key("send_buffer"),
        Key("socket", absent: .string("connected")), Key("on_reset", absent: .string("always")),
        Key("threads", absent: .integer(1)), Key("timestamps", absent: .string("auto")),
        Key("host"), Key("share_flows", absent: .bool(false)), Key("interface"), Key("source"),
    ]

    private let scenarios: [JSONValue]
    private let responders: JSONValue?

    /// Makes the load of a plan; nil for a report that does not hold the plan that ran.
    init?(effective plan: JSONValue?) {
        guard case .array(let scenarios)? = plan?["scenarios"] else { return nil }
        self.scenarios = scenarios
        responders = plan?["responders"]
    }

    /// Returns the keys whose values make `other` another load for the stream.
    func loadKeys(of place: Likeness.Place, unlike other: AskedLoad) -> [String] {
        guard let own = scenario(place), let others = other.scenario(place) else { return [] }
        let (asked, otherAsked) = (
            Self.sender(place.sender, of: own), Self.sender(place.sender, of: others)
        )
        let areSizes = Self.isSize(asked?["payload"]) && Self.isSize(otherAsked?["payload"])
        let keys = Self.loadKeys.filter { $0.name != "payload" || !areSizes }
        return Self.unlike(keys, asked, otherAsked)
            + Self.unlike(Self.answerKeys, responder(of: own), other.responder(of: others))
    }

    /// Returns the keys by which `other` sends the same load in another way.
    func mannerKeys(of place: Likeness.Place, unlike other: AskedLoad) -> [String] {
        guard let own = scenario(place), let others = other.scenario(place) else { return [] }
        return Self.unlike(
            Self.mannerKeys, Self.sender(place.sender, of: own),
            Self.sender(place.sender, of: others))
    }

    private static func unlike(
        _ keys: [Key], _ some: JSONValue?, _ others: JSONValue?
    ) -> [String] {
        keys.filter { key in
            !isSame(some?[key.name] ?? key.absent, others?[key.name] ?? key.absent)
        }.map(\.name)
    }

    private func scenario(_ place: Likeness.Place) -> JSONValue? {
        scenarios.first { $0["name"] == .string(place.scenario) }
    }

    /// Returns a sender by the name of its stream, which of a member of a group and of a direction
    /// has an end: `feed#2`, `calls:backward`.
    private static func sender(_ name: String, of scenario: JSONValue) -> JSONValue? {
        guard case .array(let senders)? = scenario["senders"] else { return nil }
        let ends = name.indices.filter { name[$0] == "#" || name[$0] == ":" }
        let names = [name] + ends.reversed().map { String(name[..<$0]) }
        return names.lazy.compactMap { name in
            senders.first { $0["name"] == .string(name) }
        }.first
    }

    private func responder(of scenario: JSONValue) -> JSONValue? {
        guard case .string(let name)? = scenario["responder"] else { return nil }
        return responders?[name]
    }

    private static func isSize(_ payload: JSONValue?) -> Bool {
        switch payload {
        case .string(let text)?:
            text.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 } ?? false
        case .integer?, nil: true
        default: false
        }
    }

    /// Whether two values are equal; the order of an object's keys has no meaning (RFC 8259 §4).
    private static func isSame(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch (left, right) {
        case (.object(let some)?, .object(let others)?):
            some.count == others.count
                && some.allSatisfy { isSame($0.value, right?[$0.key]) }
        case (.array(let some)?, .array(let others)?):
            some.count == others.count && zip(some, others).allSatisfy { isSame($0, $1) }
        default: left == right
        }
    }
}
