import ArgumentParser
import Exports
import JSON
import Plans
import Reports

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show stored reports and score cards, or write them in another form.",
        discussion: """
            Examples:
              udplab report Reports/sample-run.json
              udplab report result.json --format junit --output result.xml
              udplab report main.json branch.json --format csv
              udplab report result.json --format hgrm --series voice/wifi/calls

            Forms:
              table       the table of a run, with each run in detail

            """ + ReportForms.lines + """


                Text from plans and servers is escaped by the rules of the form. Of score cards there \
                is a table, junit, markdown, csv and ndjson.

                Exit code 0: shown or written, whatever the verdict. 64: not a report, or one without \
                such a form. 75: a report of another format, or the output could not be written.
                """)

    private static let table: String = "table"

    @Argument(help: "Reports and score cards.", completion: .reports)
    var files: [String]

    @Option(
        help: ArgumentHelp("The form.", valueName: "form"),
        completion: .shownForm)
    var format = "table"

    @Option(
        help: ArgumentHelp(
            "Write to this file instead of standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Replace the file if it exists.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "The series of hgrm, if there are several.", valueName: "scenario/network/sender"))
    var series: String?

    @Flag(help: "Append to GitHub's summary of the build step and annotate the plan.")
    var github = false

    func validate() throws {
        guard format == Self.table || Exporters.named(format) != nil else {
            _ = try ExportOptions.exporter(format, "--format")
            return
        }
        guard series == nil || format == HGRMExporter().name else {
            throw ValidationError("--series goes with --format hgrm")
        }
    }

    func run() throws {
        let status: ExitStatus
        do {
            status = try show()
        } catch {
            Console.say("udplab: \(error)")
            status =
                switch error {
                case let error as ComparisonError: error.exitStatus
                case let error as ReportFileError: error.exitStatus
                case is ExportError: .usage
                default: .internalFault
                }
        }
        throw ExitCode(status.rawValue)
    }

    private func show() throws -> ExitStatus {
        var paths = NamedPaths()
        for file in files { paths.read(file, "the report \(file.shown)") }
        if let output { try paths.write(output, .shownReport) }
        var documents: [ExportedDocument] = []
        for (file, name) in zip(files, DistinctNames.of(files)) {
            documents.append(ExportedDocument(name: name, try StoredDocument.load(file)))
        }
        let text = try text(of: documents)
        if let output {
            let destination = ReportDestination(file: output, force: force, kind: .shownReport)
            try destination.prepare().write(Array(text.utf8))
        } else {
            Console.result(text)
        }
        if github, let build = GitHubBuild.current(isWanted: true) {
            for document in documents { build.tell(document.content, named: document.name) }
        }
        return Console.passed
    }

    private func text(of documents: [ExportedDocument]) throws(ExportError) -> String {
        guard format != Self.table else {
            return documents.map { document in
                let title = documents.count > 1 ? "\(document.name.shown)\n\n" : ""
                return title + table(document.content)
            }.joined(separator: "\n")
        }
        let exporter =
            format == HGRMExporter().name ? HGRMExporter(series: series) : Exporters.named(format)
        guard let exporter else { throw ExportError("there is no form \(format.shown)") }
        return try Exporters.text(of: documents, as: exporter)
    }

    private func table(_ document: StoredDocument) -> String {
        let width = Console.outputWidth
        let color = output == nil && Console.outputWantsColor
        return switch document {
        case .report(let report): ReportTable.render(report, width: width, color: color)
        case .scoreCard(let card): ScoreTable.render(card, width: width, color: color)
        }
    }
}
