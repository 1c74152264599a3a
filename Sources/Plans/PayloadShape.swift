import JSON
import Load
import Reports

/// The payload of a sender as the plan says it.
enum PayloadText: Sendable {
    case size(Int)
    case sizes(PayloadSizes)
}

extension Shape where Value == PayloadText {
    /// A size, the word `imix`, or a model of several sizes.
    static let payload: Shape = {
        let size = Shape<Int>.quantity(PlanLimits.payload, example: "160B")
        let word = Shape<PayloadText>.choice(["imix": .sizes(imix)])
        let models = models("payload", [uniform, mix, trace])
        let schema = JSONValue.schema([
            "anyOf": .array([size.schema, word.schema, models.schema])
        ])
        return Shape(schema: schema, example: size.example) { node, problems in
            if case .object = node.content { return models.read(node, problems) }
            if case .string(let text) = node.content,
                NearestMatch.of(text, among: ["imix"]) != nil || text == "imix"
            {
                return word.read(node, problems)
            }
            return size.read(node, problems).map { .size($0) }
        }
    }()

    /// Frames of 74, 594 and 1,518 B with the weights 7, 4 and 1: the "simple IMIX" (RFC 6985
    /// section 1), whose frames of 64 B have no room for the header of a probe.
    private static let imix = PayloadSizes([
        .init(low: 28, high: 28, weight: 7), .init(low: 548, high: 548, weight: 4),
        .init(low: 1_472, high: 1_472, weight: 1),
    ])

    private static let uniform: Model<PayloadText> = {
        let low = Field.required(
            "low", .quantity(PlanLimits.mixedPayload, example: "64B"), "The smallest payload.")
        let high = Field.required(
            "high", .quantity(PlanLimits.mixedPayload, example: "1200B"), "The largest payload.")
        return Model("uniform", [low.declaration, high.declaration]) { object in
            let values = (object(low), object(high))
            guard let low = values.0, let most = values.1 else { return nil }
            guard low <= most else {
                object.report("the largest payload is below the smallest one", at: high.key)
                return nil
            }
            return .sizes(PayloadSizes([.init(low: low, high: most, weight: 1)]))
        }
    }()

    private static let mix: Model<PayloadText> = {
        let sizes = Field.required(
            "sizes", .array(of: share, named: "sizes", count: PlanLimits.mixedSizes),
            "The sizes with their weights.")
        return Model("mix", [sizes.declaration]) { object in
            object(sizes).map { .sizes(PayloadSizes($0)) }
        }
    }()

    private static let trace: Model<PayloadText> = {
        let file = Field.required(
            "file", .path(such: "times.csv"),
            "A file with one size per line, such as \"160B\", or a time, a comma and a size. Each "
                + "flow sends these sizes in turn, and begins again at the end.")
        return Model("trace", [file.declaration]) { object in
            guard let path = object(file) else { return nil }
            do throws(PlanError) {
                let problems = object.problems
                let plan = problems.file(of: object.node[file.key] ?? object.node)
                let place = DelayTrace.place(of: path, besides: plan)
                problems.note(fileRead: place)
                let file = BoundedFile(what: "a file of sizes", bytesMax: PlanLimits.traceBytesMax)
                let sizes = try DelayTrace.read(
                    try file.planBytes(of: place), place: place, PlanLimits.mixedPayload, "sizes",
                    column: .last)
                return .sizes(PayloadSizes(inTurn: sizes.map(Int.init)))
            } catch {
                object.report(error.description, at: file.key)
                return nil
            }
        }
    }()

    private static let share = Shape<PayloadSizes.Share>.object(MixedSizeShape.object) { object in
        let values = (object(MixedSizeShape.size), object(MixedSizeShape.weight))
        guard let size = values.0, let weight = values.1 else { return nil }
        return PayloadSizes.Share(low: size, high: size, weight: weight)
    }
}

/// The keys of a size of a mix.
enum MixedSizeShape {
    static let size = Field.required(
        "size", .quantity(PlanLimits.mixedPayload, example: "64B"), "The payload.")
    static let weight = Field.optional(
        "weight", .integer(PlanLimits.weight, example: 7),
        "How often it is sent, in relation to the other weights.", absent: 1, written: .integer(1))
    static let object = ObjectShape(
        name: "a size of a mix", fields: [size.declaration, weight.declaration])
}
