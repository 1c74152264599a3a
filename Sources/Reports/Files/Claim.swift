/// The temporary file of a report: made and locked before the run, written and renamed after it.
///
///     .quickstart-20251122T143700.123Z.json.udplab-4711.tmp
///      └───────────── the report ─────────┘        └ pid, and -1, -2 … if that was taken
///
/// The lock, not the pid in the name, shows whether the run is still active: the kernel releases
/// the lock however the process ends, and it works across containers that share a directory but no
/// pids.
struct Claim: Equatable, Sendable {
    /// The maximum number of attempts; more taken names with one pid would be no coincidence.
    static let attemptsAtMost = 8

    let name: String
    let lockFile: Int32

    static func make(
        for report: String, processID: Int32, in directory: Int32, layer: any FileLayer
    ) throws(FileErrno) -> Claim {
        for attempt in 0..<attemptsAtMost {
            let name = ClaimName(reportName: report, processID: processID, attempt: attempt).text
            let file: Int32
            do throws(FileErrno) {
                file = try retryingInterrupts { () throws(FileErrno) in
                    try layer.create(name, in: directory)
                }
            } catch .exists {
                continue
            }
            // Between the two calls a census of another run may have taken the empty file for a
            // stale one and removed it.
            do throws(FileErrno) {
                if layer.lock(file) != .busy, try layer.isLinked(file) {
                    return Claim(name: name, lockFile: file)
                }
                layer.closeQuietly(file)
            } catch {
                _ = try? layer.remove(name, in: directory)
                layer.closeQuietly(file)
                throw error
            }
        }
        throw .exists
    }
}

/// The parts of the name of a claim.
struct ClaimName: Equatable {
    private static let marker = ".udplab-"
    private static let ending = ".tmp"

    let reportName: String
    let processID: Int32
    let attempt: Int

    var text: String {
        let suffix = attempt == 0 ? "" : "-\(attempt)"
        return ".\(reportName)\(Self.marker)\(processID)\(suffix)\(Self.ending)"
    }

    init(reportName: String, processID: Int32, attempt: Int) {
        self.reportName = reportName
        self.processID = processID
        self.attempt = attempt
    }

    /// Parses a name; nil for every name that `text` does not produce, so that no other file is
    /// ever removed.
    init?(_ text: String) {
        guard text.first == ".", text.hasSuffix(Self.ending) else { return nil }
        let body = text.dropFirst().dropLast(Self.ending.count)
        guard let number = body.lastIndex(of: ".").map({ body[$0...] }),
            number.hasPrefix(Self.marker)
        else { return nil }
        let parts = number.dropFirst(Self.marker.count).split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let processID = Int32(first),
            let attempt = parts.count == 1 ? 0 : Int(parts[1])
        else { return nil }
        self.init(
            reportName: String(body[..<number.startIndex]), processID: processID, attempt: attempt)
        guard self.text == text else { return nil }
    }
}

/// The claims in a directory: active ones are kept, stale ones removed.
struct ClaimCensus {
    private(set) var live: [ClaimName] = []
    /// A sentence for each stale claim that could not be removed.
    private(set) var notes: [String] = []

    /// Takes the census. A directory that cannot be listed keeps its stale claims, but does not
    /// stop a run.
    static func take(in directory: Int32, layer: any FileLayer) -> ClaimCensus {
        var census = ClaimCensus()
        do throws(FileErrno) {
            for name in try layer.names(in: directory).sorted() {
                guard let claim = ClaimName(name) else { continue }
                census.judge(claim, in: directory, layer: layer)
            }
        } catch {
            census.notes.append("stale temporary files were not looked for: \(error)")
        }
        return census
    }

    private mutating func judge(_ claim: ClaimName, in directory: Int32, layer: any FileLayer) {
        do throws(FileErrno) {
            let file = try layer.open(claim.text, in: directory)
            defer { layer.closeQuietly(file) }
            switch layer.lock(file) {
            case .acquired: try layer.remove(claim.text, in: directory)
            case .busy: live.append(claim)
            case .unsupported: break  // It may be alive.
            }
        } catch .missing {
            return  // Its run has just ended.
        } catch {
            notes.append("a stale temporary file \(claim.text) was not removed: \(error)")
        }
    }
}
