import Reports

/// Comma-separated values (RFC 4180): a row per stream, or per trial of a score card. The first
/// line names the columns, with their units in brackets.
struct CSVExporter: Exporter {
    let name = "csv"
    let summary = "a row per stream with every figure, units in the header"
    let takesScoreCards = true

    func text(of documents: [ExportedDocument]) throws(ExportError) -> String {
        let cards = documents.filter(\.content.isScoreCard)
        guard cards.isEmpty || cards.count == documents.count else {
            throw ExportError("reports and score cards have no columns in common")
        }
        let rows = cards.isEmpty ? streams(documents) : trials(documents)
        return rows.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    private func streams(_ documents: [ExportedDocument]) -> [[String]] {
        let facts = [
            "report", "plan", "started", "scenario", "network", "repeat", "seed", "verdict",
            "duration [ns]", "sender",
        ]
        let figures = ReportFormat.figures.map { field in
            let unit = field.unit.flatMap { $0 == .count ? nil : " [\($0.rawValue)]" } ?? ""
            return field.name + unit
        }
        var rows = [facts + figures]
        for document in documents {
            guard case .report(let report) = document.content else { continue }
            for run in report.runs {
                let head = [
                    Escaping.csv(document.name), Escaping.csv(report.plan.name),
                    "\(report.started)", Escaping.csv(run.scenario), Escaping.csv(run.network),
                    "\(run.repeat)", "\(run.seed)", run.verdict.rawValue, "\(run.durationNs)",
                ]
                if run.streams.isEmpty { rows.append(head + [""] + figures.map { _ in "" }) }
                for stream in run.streams {
                    let values = FigureValues(stream).all.map { $0.value?.numberText ?? "" }
                    rows.append(head + [Escaping.csv(stream.sender)] + values)
                }
            }
        }
        return rows
    }

    private func trials(_ documents: [ExportedDocument]) -> [[String]] {
        var rows = [
            [
                "report", "server", "profile", "started", "trial", "verdict", "fails_profile",
                "duration [ns]", "saw", "change",
            ]
        ]
        for document in documents {
            guard case .scoreCard(let card) = document.content else { continue }
            for trial in card.trials {
                rows.append([
                    Escaping.csv(document.name), Escaping.csv(card.server.address),
                    Escaping.csv(card.profile), "\(card.started)", Escaping.csv(trial.id),
                    trial.verdict.rawValue, "\(trial.failsProfile)", "\(trial.durationNs)",
                    Escaping.csv(trial.saw), Escaping.csv(trial.change ?? ""),
                ])
            }
        }
        return rows
    }
}
