import Glibc
import Harness
import STAMP
import Testing

@testable import Plans

/// Rows P of the faults: what a plan file can be, up to the program's exit code.
@Suite struct PlanFaultTests {
    @Test(
        "P1 what is no readable plan file is a plan error that names it, without a hang",
        arguments: ["missing.json", ".", "fifo", "/dev/zero"])
    func p1(path: String) async throws {
        let directory = try TemporaryDirectory()
        mkfifo(directory.file("fifo"), 0o600)
        for verb in ["run", "check"] {
            let ended = try await Execution.run([verb, path], in: directory)
            #expect(ended.code == 104, "\(ended.all)")
            #expect(ended.errors.hasPrefix("\(path): "), "\(ended.all)")
            #expect(ended.output == "")
        }
        #expect(directory.names == ["fifo"])
    }

    @Test("P2 a file of 10 MB is refused")
    func p2() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("big.json", [UInt8](repeating: UInt8(ascii: " "), count: 10_000_000))
        let ended = try await Execution.run(["run", "big.json"], in: directory)
        #expect(ended.code == 104)
        #expect(ended.errors.hasPrefix("big.json: "), "\(ended.all)")
    }

    @Test("P4 a plan cut off anywhere is a plan error with its position")
    func p4() async throws {
        let directory = try TemporaryDirectory()
        let whole = Array(PlanText().text.utf8)
        let names = try stride(from: 0, to: whole.count - 3, by: 7).map { count in
            try directory.write("cut-\(count).json", Array(whole[..<count]))
            return "cut-\(count).json"
        }
        let ended = try await Execution.run(["check"] + names, in: directory)
        #expect(ended.code == 104)
        #expect(ended.output == "")
        let lines = ended.errors.split(separator: "\n")
        for name in names {
            #expect(lines.contains { $0.isPositioned(in: name) }, "\(name): \(ended.errors)")
        }
    }

    @Test(
        "P20 a plan of 100,000 scenarios or with a string of 1 MB costs less than 64 MiB",
        arguments: ["scenarios", "string"])
    func p20(kind: String) async throws {
        let text =
            kind == "string"
            ? #"{"plan":1,"name":""# + String(repeating: "x", count: 1_000_000) + #""}"#
            : #"{"scenarios":["# + String(repeating: "{},", count: 99_999) + "{}]}"
        let directory = try TemporaryDirectory()
        try directory.write("plan.json", text)
        let ended = try await Execution.run(
            ["check", "plan.json"], in: directory, launcher: ["prlimit", "--data=67108864"])
        #expect(ended.code == 104, "\(ended.all)")
        #expect(ended.errors.contains("plan.json:1:"), "\(ended.all)")
    }

    @Test("P23 a plan that changes meanwhile is run as one of its versions")
    func p23() async throws {
        let directory = try TemporaryDirectory()
        let texts = ["first", "second"].map { name in
            var plan = PlanText(senders: [PlanText.sender(rate: "1pps", length: #""count": 1"#)])
            plan.name = name
            return plan.text + String(repeating: " ", count: name == "first" ? 0 : 200_000)
        }
        let hashes = texts.map { SHA256.hexDigest(of: Array($0.utf8)) }
        try directory.write("plan.json", texts[0])
        let writer = Task {
            for round in 0... {
                try directory.write("next.json", texts[round % 2])
                rename(directory.file("next.json"), directory.file("plan.json"))
                try await nap(.milliseconds(1))
            }
        }
        defer { writer.cancel() }
        for _ in 0..<4 {
            let ended = try await Execution.run(
                ["run", "plan.json", "--report", "report.json", "--force"], in: directory)
            #expect(ended.code == 0, "\(ended.all)")
            let report = try ReportReading(directory).json
            let version = report.at("plan.name")?.string == "first" ? 0 : 1
            #expect(report.at("plan.sha256")?.string == hashes[version])
        }
    }

    @Test("every bad plan of the corpus ends 104, each with file, line and column")
    func corpus() async throws {
        let directory = try TemporaryDirectory()
        let folder = "\(Program.root)/Tests/Plans/Corpus/bad"
        let files = TemporaryDirectory.names(in: folder).map { "\(folder)/\($0)" }
        try #require(files.count > 100)
        let ended = try await Execution.run(["check", "--offline"] + files, in: directory)
        #expect(ended.code == 104)
        #expect(ended.output == "")
        let lines = ended.errors.split(separator: "\n")
        for file in files {
            #expect(lines.contains { $0.isPositioned(in: file) }, "nothing about \(file)")
        }
        for file in files.enumerated().filter({ $0.offset % 60 == 0 }).map(\.element) {
            let ended = try await Execution.run(["run", file], in: directory)
            #expect(ended.code == 104, "\(file): \(ended.all)")
            #expect(
                ended.errors.split(separator: "\n").allSatisfy { $0.isPositioned(in: file) },
                "\(ended.all)")
        }
        #expect(directory.names == [], "no report, and no directory for one")
    }

    @Test("every good plan of the corpus is accepted")
    func goodCorpus() async throws {
        let directory = try TemporaryDirectory()
        let folder = "\(Program.root)/Tests/Plans/Corpus/good"
        let files = TemporaryDirectory.names(in: folder).map { "\(folder)/\($0)" }
        try #require(!files.isEmpty)
        let ended = try await Execution.run(["check"] + files, in: directory)
        let refused = ended.errors.split(separator: "\n").filter { line in
            files.contains { line.isPositioned(in: $0) }
        }
        #expect(refused == [], "\(ended.all)")
        // Some go to addresses that this host may not load, or lacks: they are legal all the same.
        for file in files {
            let isRead = ["valid", "refused"].contains { ended.output.contains("\(file): \($0): ") }
            #expect(isRead, "\(file)")
        }
    }
}

extension Substring {
    /// Whether the line is `FILE:LINE:COLUMN: …`.
    fileprivate func isPositioned(in file: String) -> Bool {
        guard hasPrefix(file + ":") else { return false }
        let parts = dropFirst(file.count + 1).split(separator: ":", maxSplits: 2)
        return parts.count == 3 && Int(parts[0]) != nil && Int(parts[1]) != nil
    }
}
