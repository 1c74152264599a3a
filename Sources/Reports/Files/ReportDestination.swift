import Glibc

/// The path of a report, or of a log. It is known before any datagram is sent, and checked by
/// `prepare`.
package struct ReportDestination: Sendable {
    /// The default directory of reports; created if it is missing.
    package static let defaultDirectory = "Reports"

    package let path: String
    let createsDirectory: Bool
    /// The maximum number of reports of one plan that begin in one millisecond.
    private static let namesAtMost = 1_000

    let replaces: Bool
    let layer: any FileLayer
    let processID: Int32
    let kind: OutputKind

    /// Makes the destination for a file named by the user: its directory has to exist, because a
    /// mistyped path should not create directories. `force` allows replacing a report.
    package init(
        file path: String, force: Bool = false, kind: OutputKind = .report,
        layer: any FileLayer = SystemFileLayer(), processID: Int32 = getpid()
    ) {
        self.init(
            path: path, createsDirectory: false, replaces: force, layer: layer,
            processID: processID, kind: kind)
    }

    /// Makes the destination `Reports/PLAN-20251122T143700.123Z.json` in the working directory; of
    /// several reports that begin in one millisecond, all but the first have a number:
    /// `…123Z-2.json`. Such a name never belongs to another report, so there is no `force`.
    package init(
        plan: String, started: UTCTime,
        layer: any FileLayer = SystemFileLayer(), processID: Int32 = getpid()
    ) {
        self.init(
            path: "\(Self.defaultDirectory)/\(plan)-\(started.compact).json",
            createsDirectory: true, replaces: false, layer: layer, processID: processID)
    }

    init(
        path: String, createsDirectory: Bool, replaces: Bool, layer: any FileLayer,
        processID: Int32, kind: OutputKind = .report
    ) {
        self.kind = kind
        self.path = path
        self.createsDirectory = createsDirectory
        self.replaces = replaces
        self.layer = layer
        self.processID = processID
    }

    /// Checks that the report can be written, by creating its temporary file. To be called before
    /// the first datagram: a run whose result cannot be written must not start.
    ///
    /// - Throws: `directory`, `exists`, `inUse`, `notAFile` or `create`.
    package func prepare() throws(ReportFileError) -> PreparedReport {
        let directory = try openDirectory()
        do throws(ReportFileError) {
            return try prepare(in: directory)
        } catch {
            layer.closeQuietly(directory)
            throw error
        }
    }

    private func prepare(in directory: Int32) throws(ReportFileError) -> PreparedReport {
        guard !name.isEmpty, name != ".", name != ".." else {
            throw failure(.notAFile)
        }
        if let obstacle = try kindObstacle(to: name, in: directory), !isNumbered { throw obstacle }
        let census = ClaimCensus.take(in: directory, layer: layer)
        var obstacle: ReportFileError?
        for attempt in attempts {
            let name = name(attempt)
            obstacle = try kindObstacle(to: name, in: directory)
            if !replaces, census.live.contains(where: { $0.reportName == name }) {
                obstacle = failure(.inUse)
            }
            guard obstacle == nil else { continue }
            let claim = try failing(.create) { () throws(FileErrno) in
                try Claim.make(for: name, processID: processID, in: directory, layer: layer)
            }
            return PreparedReport(
                destination: self, directory: directory, claim: claim, attempt: attempt,
                notes: census.notes)
        }
        throw obstacle ?? failure(.exists)
    }

    private func kindObstacle(
        to name: String, in directory: Int32
    ) throws(ReportFileError) -> ReportFileError? {
        let found = try failing(.create) { () throws(FileErrno) in
            try layer.kind(of: name, in: directory)
        }
        return switch found {
        case .absent: nil
        case .regular: replaces ? nil : failure(.exists)
        case .directory, .other: failure(.notAFile)
        }
    }

    /// Whether udplab made the name, and adds a number if it is taken.
    private var isNumbered: Bool { createsDirectory }

    /// The numbers of the names that may be tried.
    var attempts: Range<Int> { 0..<(isNumbered ? Self.namesAtMost : 1) }

    func name(_ attempt: Int) -> String { Self.numbered(name, attempt) }

    func path(_ attempt: Int) -> String { Self.numbered(path, attempt) }

    private static func numbered(_ name: String, _ attempt: Int) -> String {
        let ending = ".json"
        guard attempt > 0, name.hasSuffix(ending) else { return name }
        return "\(name.dropLast(ending.count))-\(attempt + 1)\(ending)"
    }

    private func openDirectory() throws(ReportFileError) -> Int32 {
        let directoryPath = directoryPath
        do throws(FileErrno) {
            do throws(FileErrno) {
                return try layer.openDirectory(directoryPath)
            } catch .missing where createsDirectory {
                try makeDirectory(directoryPath)
                return try layer.openDirectory(directoryPath)
            }
        } catch {
            throw ReportFileError(.directory, directoryPath, error, kind: kind)
        }
    }

    private func makeDirectory(_ path: String) throws(FileErrno) {
        do throws(FileErrno) {
            try layer.makeDirectory(path)
        } catch .exists {
            return  // Another run was faster.
        }
        // The entry of the new directory must survive a power cut too.
        let parent = try layer.openDirectory(".")
        defer { layer.closeQuietly(parent) }
        try layer.syncDirectory(parent)
    }

    var name: String {
        String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
    }

    var directoryPath: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func failure(_ code: ReportFileError.Code) -> ReportFileError {
        ReportFileError(code, path, kind: kind)
    }

    func failing<Answer: ~Copyable>(
        _ code: ReportFileError.Code, _ call: () throws(FileErrno) -> Answer
    ) throws(ReportFileError) -> Answer {
        do throws(FileErrno) {
            return try call()
        } catch {
            throw ReportFileError(code, path, error, kind: kind)
        }
    }
}
