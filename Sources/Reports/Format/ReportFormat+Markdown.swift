extension ReportFormat {
    /// The tables of the README, one per object.
    package static func markdown() -> String {
        objects.map(markdown(of:)).joined(separator: "\n")
    }

    private static func markdown(of object: ReportObject) -> String {
        let header = "### \(object.name)\n\n\(object.meaning)\n\n"
            + "| key | value | unit | meaning | defined by |\n| --- | --- | --- | --- | --- |\n"
        return object.fields.reduce(into: header) { text, field in
            let meaning = field.absence.map { "\(field.meaning) `null`: \($0)." } ?? field.meaning
            let value = field.shape.object.map { inner in
                field.shape.words.replacing(inner.name, with: "[\(inner.name)](#\(inner.name))")
            }
            let cells = [
                "`\(field.key)`", value ?? field.shape.words, field.unit?.rawValue ?? "",
                meaning, field.source ?? "",
            ]
            let row = cells.map { $0.isEmpty ? "|" : "| \($0) " }.joined()
            text += row.replacing("||", with: "| |") + "|\n"
        }
    }
}
