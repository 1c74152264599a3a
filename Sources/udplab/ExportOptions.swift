import ArgumentParser
import Exports
import JSON
import Reports

/// The options of verbs that hand their document on.
struct ExportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the result in this form as well; may be repeated.",
            discussion: "Forms: " + Exporters.all.map(\.name).joined(separator: ", ") + ".",
            valueName: "form=file"), completion: .export)
    var export: [String] = []

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: """
            Append to GitHub's summary of the build step and annotate the plan; without either, \
            where GITHUB_ACTIONS and GITHUB_STEP_SUMMARY are set.
            """)
    var github: Bool?

    /// A form and the file for it.
    struct Request {
        let exporter: any Exporter
        let path: String

        var kind: OutputKind { .export(format: exporter.name) }
    }

    func validate() throws {
        _ = try requests()
    }

    func requests() throws(ValidationError) -> [Request] {
        var requests: [Request] = []
        for text in export {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("--export is FORM=FILE, such as junit=result.xml")
            }
            let exporter = try Self.exporter(parts[0], "--export")
            requests.append(Request(exporter: exporter, path: parts[1]))
        }
        return requests
    }

    /// Returns an exporter by its name.
    static func exporter(
        _ name: String, _ option: String
    ) throws(ValidationError) -> any Exporter {
        if let exporter = Exporters.named(name) { return exporter }
        let names = Exporters.all.map(\.name)
        let guess = NearestMatch.of(name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
        throw ValidationError(
            "\(option): there is no form \"\(name.shown)\": \(names.joined(separator: ", "))\(guess)"
        )
    }

    /// Prepares the files of a document's exports.
    ///
    /// - Parameters:
    ///   - force: Whether files that exist are replaced.
    ///   - name: The document's name, the path of the report.
    ///   - stored: Returns the document as a stored one.
    /// - Throws: If a file cannot be written, or if it is an input or another output.
    func prepare<Document: WrittenDocument>(
        force: Bool, name: String, paths: inout NamedPaths,
        _ stored: @escaping (Document) -> StoredDocument
    ) throws -> [PreparedExport<Document>] {
        var exports: [PreparedExport<Document>] = []
        for request in try requests() {
            try paths.write(request.path, request.kind)
            let destination = ReportDestination(
                file: request.path, force: force, kind: request.kind)
            let exporter = request.exporter
            exports.append(
                PreparedExport(try destination.prepare()) { document throws(ExportError) in
                    try Exporters.text(
                        of: [ExportedDocument(name: name, stored(document))], as: exporter)
                })
        }
        return exports
    }
}
