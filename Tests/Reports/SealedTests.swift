import JSON
import Testing

@testable import Metrics
@testable import Reports

/// What is written, printed and exited with is one judgement.
@Suite("Sealed documents")
struct SealedTests {
    /// Text, document, judgement and exit status say the same.
    private func expectOneVerdict(
        _ sealed: Sealed<Report>, _ verdict: Verdict, _ status: Reports.ExitStatus? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let value = try JSONValue.parse(Array(sealed.text.utf8), limits: .report)
        #expect(ReportFormat.problems(in: value) == [], sourceLocation: location)
        #expect(value["verdict"] == .string(verdict.rawValue), sourceLocation: location)
        let reasons = sealed.judgement.reasons
        #expect(value["reasons"] == .array(reasons.map(JSONValue.string)), sourceLocation: location)
        #expect(sealed.document.verdict == verdict, sourceLocation: location)
        #expect(sealed.judgement.verdict == verdict, sourceLocation: location)
        #expect(sealed.exitStatus == status ?? verdict.exitStatus, sourceLocation: location)
        let lines = sealed.document.verdictLines.lines
        #expect(lines[0].hasPrefix("\(verdict.rawValue): "), sourceLocation: location)
        #expect(reasons.first.map { lines[0].hasSuffix($0) } ?? true, sourceLocation: location)
    }

    private func faulty(_ change: (inout StreamReport) -> Void) -> Report {
        let good = Samples.stream("good", scheduled: 10, received: 10)
        let faulty = Samples.stream("faulty", scheduled: 10, received: 10, change)
        return Samples.report(runs: [Samples.run(streams: [good, faulty])])
    }

    @Test(
        "T1 L14 a figure that is no number costs that figure, and a notice names it",
        arguments: [Double.nan, .infinity, -.infinity, -0.5])
    func l14(bad: Double) throws {
        let sealed = faulty { $0.loss.ratio = bad }.sealed
        try expectOneVerdict(sealed, .pass)
        let streams = sealed.document.runs[0].streams
        #expect(streams.map(\.sender) == ["good", "faulty"])
        #expect(streams[1].loss.ratio == nil)
        #expect(streams[1].loss.count == 0)
        let path = "$.runs[0].streams[1].loss.ratio is left out: it is \(bad) and not a number"
        #expect(sealed.document.notices.count == 1)
        #expect(sealed.document.notices[0].hasPrefix(path), "\(sealed.document.notices)")
        #expect(sealed.document.runs[0].notices == sealed.document.notices)
        let value = try JSONValue.parse(Array(sealed.text.utf8), limits: .report)
        guard case .array(let runs)? = value["runs"], case .array(let all)? = runs[0]["streams"]
        else { throw JSONError(.mismatch, "no streams", at: nil) }
        #expect(all[1]["loss"]?["ratio"] == .null)
        #expect(all[1]["loss"]?["count"] == .integer(0))
    }

    @Test("T1 L14 a count below zero costs that count, also where there always is one")
    func l14Negative() throws {
        let sealed = faulty {
            $0.ledger.scheduled = -3
            $0.otherErrors = ["EIO": -1]
            $0.loss.lengthCounts = [1, -2]
        }.sealed
        try expectOneVerdict(sealed, .pass)
        #expect(sealed.document.runs[0].streams.count == 2)
        let places = ["ledger.scheduled", "loss.length_counts[1]", "other_errors.EIO"]
        #expect(
            sealed.document.notices.map { $0.split(separator: " ")[0] }
                == places.map { "$.runs[0].streams[1].\($0)" })
    }

    @Test("T1 many numbers that are left out are told in a bounded number of notices")
    func manyOmissions() throws {
        let sealed = faulty {
            $0.intervals = (0..<500).map { index in
                IntervalFigures(
                    startNs: index, sent: -1, received: 0, lost: 0, duplicates: 0, reordered: 0)
            }
        }.sealed
        try expectOneVerdict(sealed, .pass)
        #expect(sealed.document.notices.count == 21)
        #expect(sealed.document.notices.last == "and 480 more numbers are left out")
        var again = sealed
        again.note("something else")
        #expect(again.document.notices.count == 22, "nothing is told twice")
    }

    @Test("T1 what breaks the format otherwise is invalid everywhere, and a fault of udplab")
    func ownFault() throws {
        var report = faulty { _ in }
        report.plan.extras = .object([JSONMember(key: "ticket", value: .integer(7))])
        let sealed = report.sealed
        #expect(sealed.judgement.verdict == .invalid)
        #expect(sealed.exitStatus == .internalFault)
        #expect(sealed.document.runs[0].streams.count == 2)
        #expect(sealed.document.reasons.count == 1)
        #expect(sealed.document.reasons[0].contains("$.plan.extras.ticket"))
        let value = try JSONValue.parse(Array(sealed.text.utf8), limits: .report)
        #expect(value["verdict"] == .string("invalid"))
    }

    @Test("T1 what cannot be text at all has no text, and says so")
    func unwritable() {
        var report = faulty { _ in }
        report.plan.extras = .object([JSONMember(key: "x-\u{0}", value: .null)])
        let sealed = report.sealed
        #expect(sealed.text.isEmpty)
        #expect(sealed.judgement.verdict == .invalid)
        #expect(sealed.exitStatus == .internalFault)
    }

    @Test("T1 a cause that comes after the sealing is in all three", arguments: Verdict.allCases)
    func laterCause(verdict: Verdict) throws {
        var sealed = Samples.report(verdict, runs: []).sealed
        try expectOneVerdict(sealed, verdict)
        sealed.add(Cause(.inconclusive, "the disk is full"))
        try expectOneVerdict(sealed, max(verdict, .inconclusive))
        #expect(sealed.document.reasons.contains("the disk is full"))
        sealed.add(Cause(.invalid, "a fault", isOwnFault: true))
        try expectOneVerdict(
            sealed, max(verdict, .invalid), verdict == .aborted ? .stopped : .internalFault)
    }

    // MARK: The file

    private func write(_ sealed: inout Sealed<Report>, to disk: SimulatedDisk) throws -> Bool {
        let file = ReportDestination(
            file: "out/run.json", force: true, layer: disk, processID: 4711)
        return sealed.write(to: try file.prepare()) != nil
    }

    @Test("T1 a report that a full disk does not take is no pass")
    func fullDisk() throws {
        let disk = SimulatedDisk()
        disk.with { $0.storms[.write] = (errno: .noSpace, times: 1) }
        var sealed = faulty { _ in }.sealed
        try expectOneVerdict(sealed, .pass)
        #expect(try !write(&sealed, to: disk))
        try expectOneVerdict(sealed, .inconclusive)
        #expect(sealed.exitStatus.rawValue == 75)
        #expect(sealed.document.reasons[0].contains("ENOSPC"))
        #expect(disk.data(of: "run.json") == nil)
    }

    @Test("a report whose name the disk did not confirm is there, with its verdict")
    func unconfirmedName() throws {
        let disk = SimulatedDisk()
        disk.with { $0.storms[.syncDirectory] = (errno: .inputOutput, times: 1) }
        var sealed = faulty { _ in }.sealed
        #expect(try write(&sealed, to: disk))
        try expectOneVerdict(sealed, .pass)
        #expect(sealed.document.notices.count == 1)
        let written = try Report(text: try #require(disk.data(of: "run.json")))
        #expect(written.verdict == .pass)
    }
}
