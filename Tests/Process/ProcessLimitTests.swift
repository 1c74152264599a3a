import Glibc
import Harness
import Testing

/// A user who may have few processes and threads (RLIMIT_NPROC, getrlimit(2)), which root is not
/// held to: whichever of them cannot be had, a run ends, and says what this host refused.
@Suite(
    .enabled(
        if: Program.isRoot && Program.tool("setpriv") != nil && Program.tool("prlimit") != nil,
        "needs root, and setpriv and prlimit of util-linux"))
struct ProcessLimitTests {
    @Test("T9 a limit on processes is this host's, wherever it is met", arguments: 5...13)
    func t9(processes: Int) async throws {
        let trial = try Trial(PlanText())
        // Nobody else is this user, and both the folder and the program are in its reach.
        let user = 100_000 + Int(getpid()) * 32 + processes
        let program = trial.directory.file("program")
        try #require(system("cp '\(Program.path)' '\(program)' && chmod 755 '\(program)'") == 0)
        try #require(chmod(trial.directory.path, 0o777) == 0)
        let ended = try await Execution.run(
            Trial.arguments, program: program, in: trial.directory,
            launcher: [
                "setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups",
                "prlimit", "--nproc=\(processes)",
            ])
        #expect(ended.code == 0 || ended.code == 75, "\(ended.all)")
        if ended.code != 0 {
            let words = ended.all.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
            #expect(
                words.contains("the limit on processes is reached")
                    || words.contains("Resource temporarily unavailable"), "\(ended.all)")
        }
    }
}
