import Glibc
import Harness
import Testing

/// Row L18: a process that meets a limit on its memory (RLIMIT_AS, getrlimit(2)), wherever it is
/// then. The runtime does not return from an allocation that fails.
@Suite(.enabled(if: Program.tool("prlimit") != nil, "needs prlimit of util-linux"))
struct MemoryLimitTests {
    /// The address space that the program itself takes, as its file is mapped, in MiB.
    private static let ofProgram: Int = {
        var status = stat()
        return stat(Program.path, &status) == 0 ? Int(status.st_size) >> 20 : 64
    }()

    private func run(_ trial: Trial, limit: String) async throws -> Execution.Ended {
        try await Execution.run(
            Trial.arguments, in: trial.directory, launcher: ["prlimit", "--core=0:0", limit])
    }

    @Test(
        "L18 a limit on memory ends a run in order, wherever it is met",
        arguments: [60, 75, 90, 100, 110, 120, 130, 140, 150, 160, 180, 200, 250, 300, 400])
    func l18(mebibytes: Int) async throws {
        let trial = try Trial(PlanText())
        let limit = "--as=\((Self.ofProgram + mebibytes) << 20)"
        let ended = try await run(trial, limit: limit)
        // No signal, and never the blame of udplab.
        #expect([0, 75].contains(ended.code), "\(limit): \(ended.code) \(ended.all)")
        if ended.code == 0 {
            #expect(try trial.report().verdict == "pass")
        } else {
            let words = ended.all.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
            #expect(
                ["memory", "ulimit -v", "this host", "ENOMEM"].contains { words.contains($0) },
                "\(limit): \(ended.all)")
        }
    }

    @Test("L18 a sender that finds no memory is named with the reason, and what to do")
    func l18Worker() async throws {
        // Its windows take more than its limit, which the runner does not have.
        let trial = try Trial(PlanText(senders: [PlanText.endless]))
        let ended = try await trial.during { execution in
            let sender = execution.descendants.first { $0.hasThread(named: "sender") }
            let pid = try #require(sender?.pid)
            #expect(system("prlimit --core=0:0 --as=1048576 --pid=\(pid)") == 0)
            #expect(kill(pid, SIGSEGV) == 0)
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        let reason = try #require(report.reasons.first)
        #expect(reason.contains("sender") && reason.contains("out of memory"), "\(reason)")
        #expect(reason.contains("ulimit -v"), "\(reason)")
        #expect(report.verdict == "inconclusive")
    }
}
