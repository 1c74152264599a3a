import Datagrams
import Exports
import Glibc
import JSON
import Plans
import Reports
import SystemPackage

/// The build on GitHub that udplab runs in: the summary of its step, and annotations.
///
/// The runner of GitHub reads workflow commands from both output streams of a step. They go to
/// standard error, because standard output is for results.
struct GitHubBuild {
    private let summaryPath: String?
    private let root: String?

    /// Makes the build of the environment.
    /// - Parameter isWanted: What the command line says; nil for nothing.
    /// - Returns: nil outside of a build, or if it is not wanted.
    static func current(isWanted: Bool?) -> GitHubBuild? {
        let summary = variable("GITHUB_STEP_SUMMARY")
        let isBuild = variable("GITHUB_ACTIONS") == "true" && summary != nil
        guard isWanted ?? isBuild else { return nil }
        return GitHubBuild(summaryPath: summary, root: variable("GITHUB_WORKSPACE"))
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// Tells of a document. What cannot be told has no influence on the exit status.
    /// - Parameter name: The document's path.
    func tell(_ document: StoredDocument, named name: String) {
        append(ExportedDocument(name: name, document))
        switch document {
        case .scoreCard(let card): write(Annotations.commands(for: card))
        case .report(let report):
            let bytes = PlanFile.bytes(of: report.plan.path, sha256: report.plan.sha256)
            write(
                Annotations.commands(
                    for: report, file: path(report.plan.path), lines: bytes.map { PlanLines($0) }))
        }
    }

    /// Tells of a plan that was refused.
    func tell(_ error: any Error) {
        guard case PlanError.invalid(let problems, _) = error else { return }
        let places = problems.map { (path($0.file), $0) }
        write(Annotations.commands(for: places.map { ($0, $1.line, $1.message) }))
    }

    private func write(_ commands: [String]) {
        for command in commands { Console.say(command) }
    }

    private func path(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else { return path }
        let directory = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return CheckoutPath.of(path, from: directory, root: root)
    }

    // MARK: - The summary

    private func append(_ document: ExportedDocument) {
        guard let summaryPath else {
            return Console.say("udplab: GITHUB_STEP_SUMMARY is not set: there is no summary")
        }
        do throws(SystemErrno) {
            try append(document, to: summaryPath)
        } catch {
            Console.say(
                "udplab: the build's summary \(summaryPath.shown) was not written: \(error)")
        }
    }

    /// Appends to the file, up to the size that GitHub takes of a step.
    private func append(_ document: ExportedDocument, to path: String) throws(SystemErrno) {
        do {
            // Without blocking: a FIFO without a reader is refused and not waited for.
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.append, .create, .closeOnExec, .nonBlocking],
                permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
            try file.closeAfter {
                var status = stat()
                guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                    throw Errno.invalidArgument
                }
                let size = min(Int(status.st_size), MarkdownExporter.bytesMax)
                let exporter = MarkdownExporter(bytesMax: MarkdownExporter.bytesMax - size)
                _ = try file.writeAll(exporter.text(of: [document]).utf8)
            }
        } catch {
            throw SystemErrno(rawValue: (error as? Errno)?.rawValue ?? EIO)
        }
    }
}
