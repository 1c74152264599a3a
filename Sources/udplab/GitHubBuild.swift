import Datagrams
import Exports
import Glibc
import JSON
import Plans
import Reports

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
        // O_NONBLOCK: a FIFO without a reader is refused and not waited for.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let file = open(path, flags, 0o666)
        guard file >= 0 else { throw SystemErrno(rawValue: errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw SystemErrno(rawValue: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemErrno(rawValue: EINVAL) }
        let room = MarkdownExporter.bytesMax - min(Int(status.st_size), MarkdownExporter.bytesMax)
        let text = MarkdownExporter(bytesMax: room).text(of: [document])
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemErrno(rawValue: count == 0 ? EIO : errno) }
            rest = rest.dropFirst(count)
        }
    }
}
