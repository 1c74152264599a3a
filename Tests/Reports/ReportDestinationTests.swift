import Glibc
import Testing

@testable import Reports

@Suite("Where a report goes")
struct ReportDestinationTests {
    private func refusal(_ destination: ReportDestination) -> ReportFileError? {
        do throws(ReportFileError) {
            try destination.prepare().abandon()
            return nil
        } catch {
            return error
        }
    }

    @Test func theDefaultNameSortsByTime() {
        let destination = ReportDestination(
            plan: "quickstart", started: UTCTime(millisecondsSince1970: 1_763_822_220_123))
        #expect(destination.path == "Reports/quickstart-20251122T143700.123Z.json")
    }

    @Test func aPathIsTakenApart() {
        let parts = ["x.json", "a/x.json", "/x.json", "/a/b/x.json", "a/"].map {
            let destination = ReportDestination(file: $0)
            return [destination.directoryPath, destination.name]
        }
        #expect(
            parts == [
                [".", "x.json"], ["a", "x.json"], ["/", "x.json"], ["/a/b", "x.json"], ["a", ""],
            ])
    }

    @Test("S10 the directory of a named report has to exist") func s10Missing() throws {
        try TemporaryDirectory.with { root in
            let error = refusal(ReportDestination(file: "\(root)/missing/run.json"))
            #expect(error?.code == .directory)
            #expect(error?.exitStatus == .usage)
            #expect(
                error?.description == "the directory \(root)/missing of the report cannot be used: "
                    + "ENOENT (No such file or directory); "
                    + "create it, or name another place with --report FILE")
        }
    }

    @Test("S10 a directory that is none is refused") func s10NotADirectory() throws {
        try TemporaryDirectory.with { root in
            try TemporaryDirectory.write("", to: "\(root)/file")
            let error = refusal(ReportDestination(file: "\(root)/file/run.json"))
            #expect(error?.code == .directory)
            #expect(error?.errno == FileErrno(ENOTDIR))
        }
    }

    @Test("S10 a read-only directory is refused", arguments: [EACCES, EROFS, ENOSPC])
    func s10ReadOnly(errno: Int32) {
        let disk = SimulatedDisk()
        disk.with { $0.storms[.create] = (errno: FileErrno(errno), times: 1) }
        let error = refusal(ReportDestination(file: "out/run.json", layer: disk))
        #expect(error?.code == .create)
        #expect(error?.exitStatus == .usage)
        #expect(disk.openDescriptors == 0)
    }

    @Test("S10 the default directory is made, and its name outlives a power cut")
    func s10DefaultDirectory() {
        let disk = SimulatedDisk()
        disk.with { $0.directoryExists = false }
        let started = UTCTime(millisecondsSince1970: 0)
        #expect(refusal(ReportDestination(plan: "p", started: started, layer: disk)) == nil)
        #expect(
            disk.calls.prefix(5)
                == [.openDirectory, .makeDirectory, .openDirectory, .syncDirectory, .close])
    }

    @Test("L13 reports that begin in one millisecond have a name each")
    func l13SameMillisecond() throws {
        let disk = SimulatedDisk()
        let started = UTCTime(millisecondsSince1970: 0)
        func destination(_ processID: Int32) -> ReportDestination {
            ReportDestination(plan: "p", started: started, layer: disk, processID: processID)
        }
        let first = try destination(1).prepare()
        let second = try destination(2).prepare()
        let stem = "Reports/p-19700101T000000.000Z"
        #expect(first.path == "\(stem).json")
        #expect(second.path == "\(stem)-2.json")
        #expect(try second.write([1]) == "\(stem)-2.json")
        #expect(try first.write([2]) == "\(stem).json")
        let third = try destination(3).prepare()
        #expect(try third.write([3]) == "\(stem)-3.json")
    }

    @Test("L13 a name that another run has taken meanwhile is not lost: the next one is taken")
    func l13Race() throws {
        let disk = SimulatedDisk()
        let started = UTCTime(millisecondsSince1970: 0)
        let mine = try ReportDestination(
            plan: "p", started: started, layer: disk, processID: 1
        ).prepare()
        // As a run that saw no claim yet: it had looked before this one made its own.
        let theirs = try ReportDestination(
            file: mine.path, force: true, layer: disk, processID: 2
        ).prepare()
        try theirs.write([1])
        #expect(try mine.write([2]) == "Reports/p-19700101T000000.000Z-2.json")
    }

    @Test("S12 a report that exists is refused unless it is to be replaced") func s12() throws {
        try TemporaryDirectory.with { root in
            let path = "\(root)/run.json"
            try TemporaryDirectory.write("old", to: path)
            #expect(refusal(ReportDestination(file: path))?.code == .exists)
            #expect(refusal(ReportDestination(file: path, force: true)) == nil)
            try ReportDestination(file: path, force: true).prepare().write(Array("new".utf8))
            #expect(try TemporaryDirectory.read(path) == "new")
            #expect(try TemporaryDirectory.names(root) == ["run.json"])
        }
    }

    @Test("S12 a report that appears during the run is not replaced") func s12Race() throws {
        try TemporaryDirectory.with { root in
            let path = "\(root)/run.json"
            let report = try ReportDestination(file: path).prepare()
            try TemporaryDirectory.write("the other one", to: path)
            do throws(ReportFileError) {
                try report.write(Array("new".utf8))
                Issue.record("it was replaced")
            } catch {
                #expect(error.code == .rename)
                #expect(error.errno == .exists)
            }
            #expect(try TemporaryDirectory.read(path) == "the other one")
            #expect(try TemporaryDirectory.names(root) == ["run.json"])
        }
    }

    @Test("S12 force replaces files only", arguments: ["/dev/null", "/dev", "/", ""])
    func s12ForceKeepsDevices(path: String) {
        #expect(refusal(ReportDestination(file: path, force: true))?.code == .notAFile)
    }

    @Test("L13 a name that a run is about to write is refused at the start") func l13() throws {
        try TemporaryDirectory.with { root in
            let path = "\(root)/run.json"
            let first = try ReportDestination(file: path).prepare()
            #expect(refusal(ReportDestination(file: path))?.code == .inUse)
            #expect(refusal(ReportDestination(file: "\(root)/other.json")) == nil)
            try first.write(Array("first".utf8))
            #expect(try TemporaryDirectory.read(path) == "first")
        }
    }

    @Test("L4 stale temporary files are removed, live and foreign ones left alone")
    func l4() throws {
        try TemporaryDirectory.with { root in
            let live = try ReportDestination(file: "\(root)/live.json", processID: 7).prepare()
            let foreign = [".vim.1.tmp", ".x.udplab-1.swp", ".x.udplab-01.tmp", "x.udplab-1.tmp"]
            for name in foreign + [".dead.json.udplab-7.tmp", ".run.json.udplab-7-2.tmp"] {
                try TemporaryDirectory.write("", to: "\(root)/\(name)")
            }
            try ReportDestination(file: "\(root)/run.json").prepare().abandon()
            let left = (foreign + [".live.json.udplab-7.tmp"]).sorted()
            #expect(try TemporaryDirectory.names(root) == left)
            live.abandon()
        }
    }

    @Test("L4 what cannot be proven dead stays, and the run takes another name")
    func l4WithoutLocks() throws {
        let disk = SimulatedDisk()
        disk.with { $0.hasLocks = false }
        disk.place([], as: ".run.json.udplab-7.tmp")
        let report = try ReportDestination(file: "out/run.json", layer: disk, processID: 7)
            .prepare()
        #expect(disk.names == [".run.json.udplab-7-1.tmp", ".run.json.udplab-7.tmp"])
        report.abandon()
    }

    @Test func aDirectoryThatCannotBeListedIsNoReasonToStop() throws {
        let disk = SimulatedDisk()
        disk.with { $0.storms[.names] = (errno: FileErrno(EACCES), times: 1) }
        let report = try ReportDestination(file: "out/run.json", layer: disk).prepare()
        let note = "stale temporary files were not looked for: EACCES (Permission denied)"
        #expect(report.notes == [note])
        report.abandon()
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_763_822_220_123, "2025-11-22T14:37:00.123Z"),
        (951_827_696_007, "2000-02-29T12:34:56.007Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func timesAreUTC(milliseconds: Int64, text: String) {
        #expect(UTCTime(millisecondsSince1970: milliseconds).description == text)
    }
}
