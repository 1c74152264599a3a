import Glibc
import Testing

@testable import Reports

@Suite("Writing a report")
struct ReportWritingTests {
    private let old = Array("the report before".utf8)
    private let new = Array("the report of this run, somewhat longer".utf8)
    private let name = "run.json"

    private func disk(withOld: Bool) -> SimulatedDisk {
        let disk = SimulatedDisk()
        if withOld { disk.place(old, as: name) }
        return disk
    }

    private func destination(_ disk: SimulatedDisk, force: Bool = true) -> ReportDestination {
        ReportDestination(file: "out/\(name)", force: force, layer: disk, processID: 4711)
    }

    /// Nil if it was written.
    private func write(_ destination: ReportDestination) -> ReportFileError? {
        do throws(ReportFileError) {
            try destination.prepare().write(new)
            return nil
        } catch {
            return error
        }
    }

    @Test func aWrittenReportLeavesNothingElseBehind() {
        let disk = disk(withOld: true)
        #expect(write(destination(disk)) == nil)
        #expect(disk.data(of: name) == new)
        #expect(disk.names == [name])
        #expect(disk.openDescriptors == 0)
    }

    @Test func anAbandonedReportLeavesNothingBehind() throws {
        let disk = disk(withOld: true)
        try destination(disk).prepare().abandon()
        #expect(disk.data(of: name) == old)
        #expect(disk.names == [name])
        #expect(disk.openDescriptors == 0)
    }

    @Test func partialWritesAndSignalsChangeNothing() {
        let disk = disk(withOld: false)
        disk.with { state in
            state.bytesPerWrite = 3
            for call in [SimulatedDisk.Call.open, .write, .sync, .rename, .syncDirectory] {
                state.storms[call] = (errno: .interrupted, times: 500)
            }
        }
        #expect(write(destination(disk)) == nil)
        #expect(disk.data(of: name) == new)
    }

    @Test func aWriteThatTakesNothingEnds() {
        let disk = disk(withOld: false)
        disk.with { $0.bytesPerWrite = 0 }
        #expect(write(destination(disk))?.code == .write)
    }

    @Test(
        "L10 whichever call fails, the report before is untouched and the error says what to do",
        arguments: [ENOSPC, EIO, EDQUOT], [true, false])
    func l10EveryCallFails(errno: Int32, withOld: Bool) {
        let healthy = disk(withOld: withOld)
        #expect(write(destination(healthy)) == nil)
        var codes: Set<ReportFileError.Code> = []
        for number in healthy.calls.indices {
            let disk = disk(withOld: withOld)
            disk.with { $0.failures[number] = FileErrno(errno) }
            let error = write(destination(disk))
            let call = healthy.calls[number]
            #expect(disk.openDescriptors == 0, "\(call)")
            guard let error else {
                #expect(disk.data(of: name) == new, "\(call)")
                continue
            }
            codes.insert(error.code)
            #expect(error.errno == FileErrno(errno), "\(call)")
            #expect(error.exitStatus.rawValue != 0)
            #expect(error.description.contains(";"), "no advice: \(error)")
            guard error.code != .syncDirectory else { continue }
            #expect(disk.data(of: name) == (withOld ? old : nil), "\(call)")
            #expect(disk.names == (withOld ? [name] : []), "\(call)")
        }
        #expect(
            codes == [.directory, .create, .write, .sync, .close, .rename, .syncDirectory])
    }

    @Test("L10 the messages of a full disk are whole sentences") func l10Messages() {
        let disk = disk(withOld: true)
        disk.with { $0.storms[.write] = (errno: .noSpace, times: 1) }
        #expect(
            write(destination(disk))?.description
                == "the report out/run.json was not written, and what was there before is "
                + "untouched: ENOSPC (No space left on device); "
                + "free some space, or name another place with --report FILE")
    }

    @Test(
        "L11 a power cut at any step leaves the old file or the new one", arguments: [true, false])
    func l11PowerCut(withOld: Bool) {
        let healthy = disk(withOld: withOld)
        #expect(write(destination(healthy)) == nil)
        #expect(healthy.possibleContents(of: name) == [new], "success means that it is on the disk")
        let before: [UInt8]? = withOld ? old : nil
        for cut in 0...healthy.calls.count {
            let disk = disk(withOld: withOld)
            disk.with { $0.powerCut = cut }
            _ = write(destination(disk))
            let contents = disk.possibleContents(of: name)
            #expect(contents.isSubset(of: [before, new]), "cut before call \(cut)")
        }
    }

    @Test("L11 the model sees what a missing sync does") func l11ModelIsSharp() throws {
        let disk = disk(withOld: true)
        let directory = try disk.openDirectory("out")
        let file = try disk.create("t", in: directory)
        try disk.writeAll(new, to: file)
        try disk.rename("t", to: name, in: directory, replacing: true)
        #expect(disk.possibleContents(of: name).contains([]), "torn: the data was not synced")
        try disk.sync(file)
        #expect(disk.possibleContents(of: name) == [old, new], "the name was not synced")
    }

    @Test("L13 of two runs with one report name the first wins and the other fails cleanly")
    func l13TwoRuns() throws {
        let disk = disk(withOld: false)
        disk.with { $0.hasLocks = false }  // With locks the second is refused at its start.
        let first = try destination(disk, force: false).prepare()
        let second = try ReportDestination(file: "out/run.json", layer: disk, processID: 4712)
            .prepare()
        try first.write(old)
        do throws(ReportFileError) {
            try second.write(new)
            Issue.record("the second report replaced the first")
        } catch {
            #expect(error.code == .rename)
            #expect(error.description.contains("another run took the name"))
        }
        #expect(disk.data(of: name) == old)
        #expect(disk.names == [name])
    }
}
