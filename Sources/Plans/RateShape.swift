import JSON
import Load

/// The rate of a flow as the plan says it.
enum RateText: Sendable, Equatable {
    case max
    case packets(pps: Double)
    /// Bits of UDP payload per second.
    case bits(perSecond: Int)

    /// Returns the rate in datagrams; nil if it is none, with a problem.
    /// - Parameters:
    ///   - bytes: The UDP payload of each datagram.
    ///   - hasRequest: Whether requests are sent, whose sizes differ.
    func perFlow(
        of bytes: Int, hasRequest: Bool, _ keys: ObjectValues
    ) -> SenderDefinition.Rate? {
        switch self {
        case .max: return .max
        case .packets(let pps): return .perFlow(pps: pps)
        case .bits(let perSecond):
            guard !hasRequest else {
                keys.report(
                    "requests have no size that a rate in bits could be divided by: say how many a "
                        + "second, such as \"500pps\"", at: SenderShape.rate.key)
                return nil
            }
            let pps = Double(perSecond) / Double(8 * bytes)
            let steps = PlanLimits.rate.steps
            let found = pps * Quantity.stepsPerPacketPerSecond
            guard found >= Double(steps.lowerBound), found <= Double(steps.upperBound) else {
                keys.report(
                    "\(perSecond) bit/s in datagrams of \(bytes) B are \(pps) a second "
                        + "(legal: \(PlanLimits.rate.text))", at: SenderShape.rate.key)
                return nil
            }
            return .perFlow(pps: pps)
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
