extension ReportFormat {
    /// Returns the tables of the README, one per object: those of the report, then the further ones
    /// of `udplab compare` and `udplab resilience`.
    package static func markdown() -> String {
        let others = objects(from: comparisonDocument) + objects(from: scoreCard)
        let own = others.filter { object in !objects.contains { $0.name == object.name } }
        return (objects + own).map(markdown(of:)).joined(separator: "\n")
    }

    private static func markdown(of object: ReportObject) -> String {
        let rows = object.fields.map { field in
            let absence = field.absence.map { " `null`: \($0)." } ?? ""
            return [
                "`\(field.key)`", value(field.shape), field.unit?.rawValue ?? "",
                field.meaning + absence, field.source ?? "",
            ]
        }
        let head = [["key", "value", "unit", "meaning", "defined by"]]
        let rule = [["---", "---", "---", "---", "---"]]
        let table = (head + rule + rows).map { cells in
            "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined() + "\n"
        }
        return "### \(object.name)\n\n\(object.meaning)\n\n" + table.joined()
    }

    private static func value(_ shape: ReportShape) -> String {
        switch shape {
        case .integer(let minimum): minimum == nil ? "± integer" : "integer"
        case .number(let minimum): minimum == nil ? "± number" : "number"
        case .boolean: "boolean"
        case .text: "string"
        case .time: "time"
        case .object(let object): "[\(object.name)](#\(object.name))"
        case .list(let element): "array of \(value(element))"
        case .counts: "integers by name"
        case .word, .constant, .free: shape.words
        }
    }
}
