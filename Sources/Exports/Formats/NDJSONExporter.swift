import JSON
import Reports

/// JSON objects, a line each: a run with what it needs of its report, or a whole score card.
struct NDJSONExporter: Exporter {
    let name = "ndjson"
    let summary = "a JSON object per line: one run each, whole"
    let takesScoreCards = true

    func text(of documents: [ExportedDocument]) throws(ExportError) -> String {
        var text = ""
        for document in documents {
            do throws(JSONError) {
                for line in try lines(document) { text += try line.text(.compact) + "\n" }
            } catch {
                throw ExportError("\(document.name.shown) cannot be written as JSON: \(error)")
            }
        }
        return text
    }

    private func lines(_ document: ExportedDocument) throws(JSONError) -> [JSONValue] {
        let file = JSONMember(key: "file", value: .string(document.name))
        switch document.content {
        case .scoreCard(let card):
            let value = try JSONCoding.encodeWritable(card).value
            return [.object([file, JSONMember(key: "score_card", value: value)])]
        case .report(let report):
            var head = [file]
            head.append(JSONMember(key: "report", value: .integer(report.report)))
            head.append(
                JSONMember(key: "tool", value: try JSONCoding.encode(report.tool)))
            head.append(
                JSONMember(key: "plan", value: try JSONCoding.encodeWritable(report.plan).value))
            head.append(
                JSONMember(key: "host", value: try JSONCoding.encode(report.host)))
            var lines: [JSONValue] = []
            for run in report.runs {
                let value = try JSONCoding.encodeWritable(run).value
                lines.append(.object(head + [JSONMember(key: "run", value: value)]))
            }
            return lines
        }
    }
}
