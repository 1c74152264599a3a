import JSON
import Reports

/// All explanations, made from the shapes that the reader of plans uses and from the format of
/// reports: there is no list of them.
package enum Explanations {
    package static let keys: [Explanation] = PlanTables.allCases.flatMap(keys(of:))
    /// The fields of a stream: figures, accounts and settings.
    package static let figures: [Explanation] = fields(of: ReportFormat.stream, [], inStream: true)
    /// The other fields of a report.
    package static let others: [Explanation] = fields(of: ReportFormat.report, [], inStream: false)

    private static let all = figures + keys + others

    /// All names, once each.
    package static var names: [String] { Set(all.map(\.name)).sorted() }

    /// Words of other tools for figures that udplab does not have.
    private static let absent = [
        "retransmissions":
            "UDP sends nothing again, and so does udplab: what is lost is in loss and "
            + "in the accounts of the ledger."
    ]

    package enum Answer: Sendable, Equatable {
        /// The explanations of what has the word as its name, and of what has it as the end of its
        /// name or is meant by it elsewhere.
        case found([Explanation], others: [Explanation])
        case absent(String)
        case unknown(nearest: String?)
    }

    /// Explains a word: a whole name, the end of one, or a word of another tool.
    package static func of(_ word: String) -> Answer {
        if let sentence = absent[word.lowercased()] { return .absent(sentence) }
        let named = named(word).uniqued
        let synonyms = Synonyms.names(for: word)
        let meant = synonyms.flatMap(Self.named) + synonyms.flatMap(ending)
        let others = (meant + ending(word)).uniqued.filter { !named.contains($0) }
        guard named.isEmpty && others.isEmpty else { return .found(named, others: others) }
        let names =
            all.flatMap { [$0.name, lastPart($0.name)] } + Synonyms.all + absent.keys.sorted()
        return .unknown(nearest: NearestMatch.of(word, among: names))
    }

    /// The explanations of a name; an account has its own, also without the ledger.
    private static func named(_ word: String) -> [Explanation] {
        let key = key(word)
        let accounts = all.filter { $0.kind == accountKind && $0.name == "ledger.\(key)" }
        return accounts + all.filter { Self.key($0.name) == key }
    }

    private static func ending(_ word: String) -> [Explanation] {
        let end = "." + key(word)
        return all.filter { Self.key($0.name).hasSuffix(end) }
    }

    /// Returns a name as it is compared: without units, as a threshold has it.
    private static func key(_ name: String) -> String {
        name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
            .map { Figure.withoutUnit(String($0)) }.joined(separator: ".")
    }

    private static let accountKind = "account of a stream's ledger"

    private static func lastPart(_ name: String) -> String {
        name.split(separator: ".").last.map(String.init) ?? name
    }

    // MARK: Plans

    private static func keys(of table: PlanTables) -> [Explanation] {
        table.rows.map { row in
            let place = row.form.map { "form of \(plain($0))" } ?? table.place
            var explanation = Explanation(
                name: row.key, kind: "key of \(place) in a plan", meaning: row.meaning)
            explanation.add("value", plain(row.value))
            explanation.add("default", row.fallback)
            if row.isRequired { explanation.add("default", "none: the key is required") }
            return explanation
        }
    }

    /// Returns text without the marks of code.
    private static func plain(_ text: String) -> String { text.filter { $0 != "`" } }

    // MARK: Reports

    private static func fields(
        of object: ReportObject, _ path: [String], inStream: Bool
    ) -> [Explanation] {
        object.fields.flatMap { field -> [Explanation] in
            let path = path + [field.key]
            let inner = field.shape.object
            let own = explanation(of: field, path, inner, inStream: inStream)
            // What is in a stream is named from the stream on.
            guard let inner, inStream || field.key != "streams" else { return [own] }
            let parts = fields(of: inner, path, inStream: inStream)
            return [own] + parts.map { $0.within(field, depth: path.count + 1) }
        }
    }

    /// The meaning of a field, and of the object that it has.
    private static func meaning(_ field: ReportField, _ inner: ReportObject?) -> String {
        guard let inner else { return field.meaning }
        let start = field.meaning.hasSuffix(".") ? field.meaning.dropLast() : field.meaning[...]
        return inner.meaning.hasPrefix(start)
            ? inner.meaning : "\(field.meaning) \(inner.meaning)"
    }

    private static func explanation(
        of field: ReportField, _ path: [String], _ inner: ReportObject?, inStream: Bool
    ) -> Explanation {
        let figure = inStream ? FigureCatalog.figure(path.joined(separator: ".")) : nil
        let isAccount = inStream && path.count == 2 && path[0] == "ledger"
        let kind =
            if isAccount {
                accountKind
            } else if figure != nil {
                "figure of a stream"
            } else {
                inStream ? "field of a stream in a report" : "field of a report"
            }
        var explanation = Explanation(
            name: figure?.name ?? path.joined(separator: "."), kind: kind,
            meaning: plain(meaning(field, inner)))
        explanation.add("unit", field.unit.map(\.rawValue))
        explanation.add("defined by", field.source)
        explanation.add("null if", field.absence.map(plain))
        explanation.add(
            "in the report", inStream ? "runs[].streams[].\(path.joined(separator: "."))" : nil)
        if let figure {
            explanation.add("threshold", "\"\(figure.name) \(figure.dimension.exampleOfBound)\"")
        }
        explanation.parts = inner?.fields.map(\.key) ?? []
        return explanation
    }
}

extension Explanation {
    /// Returns the explanation of a part with the meaning of the field that it is directly in.
    fileprivate func within(_ field: ReportField, depth: Int) -> Explanation {
        guard name.split(separator: ".").count == depth else { return self }
        var explanation = self
        explanation.facts.insert(
            Fact(name: "part of \(field.key)", text: field.meaning.filter { $0 != "`" }), at: 0)
        return explanation
    }
}

extension [Explanation] {
    fileprivate var uniqued: [Explanation] {
        reduce(into: []) { all, one in if !all.contains(one) { all.append(one) } }
    }
}
