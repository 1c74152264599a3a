import JSON

/// The rate of a flow as the plan says it.
enum RateText: Sendable, Equatable {
    case max
    case packets(pps: Double)
    /// Bits of UDP payload per second.
    case bits(perSecond: Int)

    var isInBits: Bool { if case .bits = self { true } else { false } }

    /// The rate for messages.
    var shown: String {
        switch self {
        case .max: "\"max\""
        case .packets(let pps): "\(pps) pps"
        case .bits(let perSecond): "\(perSecond) bit/s"
        }
    }
}

extension Shape where Value == RateText {
    /// A packet rate, a bit rate, or the word `max`.
    static let rate: Shape = {
        let packets = Shape<Int>.quantity(PlanLimits.rate, example: "500pps")
        let bits = Shape<Int>.quantity(PlanLimits.senderBitRate, example: "10Mbit")
        let schema = JSONValue.schema([
            "anyOf": .array([
                .schema(["const": .string("max")]), packets.schema, bits.schema,
            ])
        ])
        return Shape(schema: schema, example: packets.example) { node, problems in
            if node.value == .string("max") { return .max }
            if case .string(let text) = node.content, isInBits(text) {
                return bits.read(node, problems).map { .bits(perSecond: $0) }
            }
            return packets.read(node, problems).map {
                .packets(pps: Double($0) / Quantity.stepsPerPacketPerSecond)
            }
        }
    }()

    /// Whether a rate is meant in bits or bytes, also if it is misspelt.
    private static func isInBits(_ text: String) -> Bool {
        let word = text.lowercased()
        return word.contains("bit") || ["bps", "b/s"].contains { word.hasSuffix($0) }
    }
}
