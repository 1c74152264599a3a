/// A number of a stream in the report, with what the format says of it: what exporters make their
/// columns and metrics from.
package struct FigureField: Sendable {
    /// The keys from the stream to the number: `rtt_ns`, `p99`.
    package let path: [String]
    package let unit: ReportUnit?
    /// The meanings of the objects on the path, and that of the number.
    package let meanings: [String]
    /// Whether the number belongs to a distribution, with percentiles beside it.
    package let isOfDistribution: Bool

    /// The path joined by dots: `rtt_ns.p99`.
    package var name: String { path.joined(separator: ".") }
}

extension ReportFormat {
    /// The numbers of a stream that are always in the same place: none of a list, and none of an
    /// object with free keys.
    package static let figures = figures(of: stream, under: [], meanings: [])

    private static func figures(
        of object: ReportObject, under path: [String], meanings: [String]
    ) -> [FigureField] {
        let isDistribution = object.fields.contains { $0.key == "p50" }
        return object.fields.flatMap { field -> [FigureField] in
            let (path, meanings) = (path + [field.key], meanings + [field.meaning])
            switch field.shape {
            case .integer, .number:
                return [
                    FigureField(
                        path: path, unit: field.unit, meanings: meanings,
                        isOfDistribution: isDistribution)
                ]
            case .object(let inner): return figures(of: inner, under: path, meanings: meanings)
            default: return []
            }
        }
    }
}
