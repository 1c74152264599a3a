/// The figures of a stream, in the order of the report: its numbers without the settings. What a
/// threshold may name, its unit, and what is compared follow from the report's format.
package enum FigureCatalog {
    package static let all: [Figure] = figures(of: ReportFormat.stream, at: [])

    /// Returns the figure that a threshold names; every `_ns` of the report may be omitted.
    package static func figure(_ name: String) -> Figure? {
        byName[Self.key(name)]
    }

    private static let byName: [String: Figure] = Dictionary(
        all.map { (key($0.name), $0) }, uniquingKeysWith: { first, _ in first })

    private static func key(_ name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false)
            .map { Figure.withoutUnit(String($0)) }.joined(separator: ".")
    }

    private static func figures(of object: ReportObject, at path: [String]) -> [Figure] {
        object.fields.flatMap { field -> [Figure] in
            let path = path + [field.key]
            if case .object(let inner) = field.shape { return figures(of: inner, at: path) }
            guard !field.isSetting, let dimension = Figure.Dimension(of: field) else { return [] }
            return [Figure(reportPath: path, dimension: dimension)]
        }
    }

    /// The accounts of the ledger for datagrams that were sent and had no answer, without those
    /// that the responder received and did not answer.
    package static let accountsOfLoss = Set(
        LossAccount.allCases.filter { ![.late, .echoFailed, .rejected].contains($0) }
            .map(\.rawValue))
}

extension Figure.Dimension {
    /// The dimension of a field; nil for one that is no number, or in no unit of a threshold.
    fileprivate init?(of field: ReportField) {
        let isSigned: Bool
        switch field.shape {
        case .integer(let minimum): isSigned = minimum == nil
        case .number(let minimum): isSigned = minimum == nil
        default: return nil
        }
        switch field.unit {
        case .nanoseconds: self = isSigned ? .signedTime : .time
        case .ratio: self = .ratio
        case .count: self = .count
        case .bytes: self = .bytes
        case .packetsPerSecond: self = .packetRate
        case .bitsPerSecond: self = .bitRate
        case nil: self = .number
        case .seconds, .milliseconds: return nil
        }
    }
}
