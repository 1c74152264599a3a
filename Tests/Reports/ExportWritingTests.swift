import Glibc
import Testing

@testable import Reports

/// Rows L10 and L11 for a report together with its exports.
@Suite("A report and its exports")
struct ExportWritingTests {
    /// The verdict that a file of the test tells, as the exports here write it.
    private struct Written {
        var exitStatus: Reports.ExitStatus
        var report: Verdict?
        var exports: [String?]
    }

    private static let names = ["run.xml", "run.md"]

    private func write(
        to disk: SimulatedDisk,
        content: @escaping (Report) throws(ExportError) -> String = {
            $0.verdict.rawValue
        }
    ) throws -> Written {
        func prepared(_ name: String, _ kind: OutputKind) throws -> PreparedReport {
            try ReportDestination(
                path: "out/\(name)", createsDirectory: false, replaces: true, layer: disk,
                processID: 4711, kind: kind
            ).prepare()
        }
        var sealed = Samples.report(
            runs: [Samples.run(streams: [Samples.stream(scheduled: 10, received: 10)])]
        ).sealed
        let file = try prepared("run.json", .report)
        let exports = try Self.names.map { name in
            PreparedExport(try prepared(name, .export(format: "junit")), content: content)
        }
        _ = sealed.write(to: file, exports: exports)
        let report = disk.data(of: "run.json").map { try? Report(text: $0).verdict }
        return Written(
            exitStatus: sealed.exitStatus, report: report ?? nil,
            exports: Self.names.map { name in
                disk.data(of: name).map { String(decoding: $0, as: UTF8.self) }
            })
    }

    @Test("all files tell one verdict")
    func whole() throws {
        let written = try write(to: SimulatedDisk())
        #expect(written.exitStatus == .passed)
        #expect(written.report == .pass)
        #expect(written.exports == ["pass", "pass"])
    }

    @Test("L10 whatever call fails, no export passes without the report, and exit 0 has all files")
    func l10() throws {
        let count = SimulatedDisk()
        _ = try write(to: count)
        let calls = count.with { $0.calls.count }
        for number in 0..<calls {
            let disk = SimulatedDisk()
            disk.with { $0.failures[number] = .noSpace }
            // A file that cannot be prepared is a refusal before the run.
            guard let written = try? write(to: disk) else { continue }
            if written.exitStatus == .passed {
                #expect(written.report == .pass, "call \(number)")
                #expect(written.exports == ["pass", "pass"], "call \(number)")
            } else {
                #expect(written.exitStatus == .inconclusive, "call \(number)")
            }
            if written.report == nil {
                #expect(!written.exports.contains("pass"), "call \(number)")
            }
            let isLeftOver = disk.with { state in
                state.entries.keys.contains { $0.hasSuffix(".tmp") }
            }
            let removal = count.with { $0.calls[number] }
            #expect(!isLeftOver || removal == .remove, "call \(number): \(removal)")
        }
    }

    @Test("a failed write of one file is a cause in all others")
    func oneFails() throws {
        let disk = SimulatedDisk()
        // The report is staged first, the exports after it.
        let writes = SimulatedDisk()
        _ = try write(to: writes)
        let places = writes.with { state in
            state.calls.indices.filter { state.calls[$0] == .write }
        }
        disk.with { $0.failures[places[1]] = .noSpace }
        let written = try write(to: disk)
        #expect(written.exitStatus == .inconclusive)
        #expect(written.report == .inconclusive)
        #expect(written.exports == [nil, "inconclusive"])
    }

    @Test("an export without content is a cause, and not an empty file")
    func noContent() throws {
        let disk = SimulatedDisk()
        let written = try write(to: disk) { report throws(ExportError) in
            throw ExportError("there is no stream with a delay")
        }
        #expect(written.exitStatus == .inconclusive)
        #expect(written.report == .inconclusive)
        #expect(written.exports == [nil, nil])
    }

    @Test("what is staged again is shorter, and has no rest of what was there before")
    func restaged() throws {
        let disk = SimulatedDisk()
        var file = try ReportDestination(
            file: "out/a", force: true, layer: disk, processID: 1
        ).prepare()
        try file.stage(Array("a long text".utf8))
        try file.stage(Array("short".utf8))
        try file.publish()
        #expect(disk.data(of: "a") == Array("short".utf8))
    }
}
