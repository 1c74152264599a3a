import JSON

/// A plan of one scenario with one sender, for one leg.
struct BenchPlan {
    enum Rate {
        case max
        case pps(Int)
    }

    enum Length {
        case seconds(Int)
        case datagrams(Int)
    }

    let traffic: Traffic
    let rate: Rate
    let length: Length

    func json() -> JSONValue {
        .object([
            JSONMember(key: "plan", value: .integer(1)),
            JSONMember(key: "name", value: .string("bench")),
            JSONMember(
                key: "networks", value: Self.object("here", Self.object("kind", "loopback"))),
            JSONMember(
                key: "responders", value: Self.object("far", Self.object("behaviour", behaviour))),
            JSONMember(key: "scenarios", value: .array([scenario])),
        ])
    }

    private var behaviour: String { traffic.direction == .oneWay ? "sink" : "echo" }

    private var scenario: JSONValue {
        .object([
            JSONMember(key: "name", value: .string("leg")),
            JSONMember(key: "networks", value: .array([.string("here")])),
            JSONMember(key: "responder", value: .string("far")),
            JSONMember(key: "senders", value: .array([sender])),
        ])
    }

    private var sender: JSONValue {
        let offload: JSONValue = .string(traffic.isOffloaded ? "on" : "off")
        let length: JSONMember =
            switch length {
            case .seconds(let seconds):
                JSONMember(key: "duration", value: .string("\(seconds)s"))
            case .datagrams(let count): JSONMember(key: "count", value: .integer(count))
            }
        let rate =
            switch rate {
            case .max: "max"
            case .pps(let pps): "\(pps)pps"
            }
        return .object([
            JSONMember(key: "name", value: .string("load")),
            JSONMember(key: "rate", value: .string(rate)),
            JSONMember(key: "payload", value: .string("\(traffic.payloadBytes)B")),
            length,
            JSONMember(
                key: "offload",
                value: .object([
                    JSONMember(key: "gso", value: offload), JSONMember(key: "gro", value: offload),
                ])),
        ])
    }

    private static func object(_ key: String, _ value: String) -> JSONValue {
        object(key, .string(value))
    }

    private static func object(_ key: String, _ value: JSONValue) -> JSONValue {
        .object([JSONMember(key: key, value: value)])
    }
}
