import Glibc

/// Place of a report, or of a log. Known before any datagram leaves, proven by `prepare`.
package struct ReportDestination: Sendable {
    /// Where reports go when nobody says otherwise; made when it is missing.
    package static let defaultDirectory = "Reports"

    package let path: String
    let createsDirectory: Bool
    /// The most reports of one plan that begin in one millisecond.
    private static let namesAtMost = 1_000

    let replaces: Bool
    let layer: any FileLayer
    let processID: Int32
    let kind: OutputKind

    /// A file that the user named: its directory has to exist, because a path with a slip in it
    /// should not grow a tree. `force` allows it to replace a report.
    package init(
        file path: String, force: Bool = false, kind: OutputKind = .report,
        layer: any FileLayer = SystemFileLayer(), processID: Int32 = getpid()
    ) {
        self.init(
            path: path, createsDirectory: false, replaces: force, layer: layer,
            processID: processID, kind: kind)
    }

    /// `Reports/PLAN-20251122T143700.123Z.json`, in the working directory; of several that begin in
    /// one millisecond each but the first has its number behind: `…123Z-2.json`. Such a name is
    /// never another report's, so that `force` has nothing to replace.
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

    /// Proves that the report can be written, by making its temporary file. To be called before
    /// the first datagram: a run whose result has no place to go must not start.
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

    /// Whether the name is made by udplab, and has a number where it is taken.
    private var isNumbered: Bool { createsDirectory }

    /// The names that may be tried, by their number.
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
        // The new directory's own name has to outlive a power cut as well.
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
