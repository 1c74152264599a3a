import Harness
import Testing

/// What the program was told reaches it wherever it runs, and nothing told is no success.
@Suite struct CommandLineTests {
    /// A mount namespace whose /proc is empty, as some containers and every chroot have it.
    private static let withoutProc =
        ["unshare", Program.isRoot ? "-m" : "-rm", "sh", "-c"] + [
            "mount -t tmpfs none /proc && exec \"$@\"", "sh",
        ]

    @Test("T2 without /proc a run says why it cannot be")
    func t2Run() async throws {
        let trial = try Trial()
        let ended = try await Execution.run(
            Trial.arguments, in: trial.directory, launcher: Self.withoutProc)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("/proc"), "\(ended.all)")
        #expect(!trial.directory.exists("report.json"))
    }

    @Test("T2 without /proc no verb reads another order than its own", arguments: ["nonsense", ""])
    func t2Words(word: String) async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            [word], in: directory, launcher: Self.withoutProc)
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.output.isEmpty, "\(ended.all)")
    }

    @Test("T2 without /proc and without a verb the help is an error")
    func t2Nothing() async throws {
        let ended = try await Execution.run(
            [], in: try TemporaryDirectory(), launcher: Self.withoutProc)
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.output.isEmpty, "\(ended.all)")
    }

    @Test("T2 without a verb the help is an error: 64, on standard error")
    func t2NoVerb() async throws {
        let ended = try await Execution.run([], in: try TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.output.isEmpty, "\(ended.all)")
        #expect(ended.errors.contains("udplab run :quickstart"), "\(ended.all)")
    }

    @Test("T2 asked for help it is no error")
    func t2Help() async throws {
        let ended = try await Execution.run(["--help"], in: try TemporaryDirectory())
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output.contains("udplab run :quickstart"), "\(ended.all)")
    }
}
