import JSON
import Reports

extension Threshold {
    /// The JSON Schema of a threshold: one form per dimension, each with its figures, the
    /// comparisons and the legal values.
    static let schema: JSONValue = .schema([
        "title": .string("a threshold"),
        "type": .string("string"),
        "maxLength": .integer(PlanLimits.thresholdBytesMax),
        "anyOf": .array(Figure.Dimension.allCases.map(form)),
    ])

    private static func form(of dimension: Figure.Dimension) -> JSONValue {
        let figures = FigureCatalog.all.filter { $0.dimension == dimension }
        let names = figures.map { figure in
            figure.reportPath.map(pattern(of:)).joined(separator: "[.]")
        }
        let sign = dimension.scale.isSigned ? "-?" : ""
        let value = dimension.scale.range.expressions.atMost
        let form =
            "^(?:\(names.joined(separator: "|"))) *(?:<=?|>=?|==|!=) *\(sign)\(value)$"
        return .schema(["title": .string(dimension.rawValue), "pattern": .string(form)])
    }

    /// Returns the pattern of a key of the report, whose unit may be omitted.
    private static func pattern(of key: String) -> String {
        let short = Figure.withoutUnit(key)
        return short == key ? key : "\(short)(?:_ns)?"
    }
}
