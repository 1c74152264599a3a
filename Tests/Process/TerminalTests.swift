import Harness
import Testing

/// What a person sees on a terminal. script(1) of util-linux makes one.
@Suite(.enabled(if: Program.tool("script") != nil, "script(1) is not installed"))
struct TerminalTests {
    /// Runs it with a terminal for its standard error; what was shown there.
    private func shown(
        _ plan: PlanText = PlanText(), _ more: String = "", environment: [String: String?] = [:]
    ) async throws -> String {
        let trial = try Trial(plan)
        let command =
            "stty cols 100; \(Program.path) \(Trial.arguments.joined(separator: " ")) \(more)"
        let ended = try await Execution.run(
            ["-qec", command, "/dev/null"], program: "script", in: trial.directory,
            environment: ["TERM": "xterm", "NO_COLOR": nil].merging(environment) { $1 })
        #expect(ended.code == 0, "\(ended.all)")
        return ended.output
    }

    private static let slow = PlanText(senders: [
        PlanText.sender(length: #""duration": "1200ms""#)
    ])

    @Test("a terminal shows one live line that is rewritten, and colours")
    func live() async throws {
        let shown = try await shown(Self.slow)
        let lines = shown.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false)
        #expect(lines.count > 2, "\(shown)")
        #expect(lines[1].hasPrefix("short on net  "), "\(shown)")
        #expect(lines[1].contains("sent "))
        // The last one is wiped away before the table.
        #expect(lines.last?.contains("short on net") == true)
        #expect(shown.contains("\u{1B}[32mpass"), "\(shown)")
    }

    @Test("NO_COLOR takes the colours away, not the live line")
    func noColor() async throws {
        let shown = try await shown(Self.slow, environment: ["NO_COLOR": "1"])
        #expect(!shown.contains("\u{1B}[32m"), "\(shown)")
        #expect(!shown.contains("\u{1B}[1m"))
        #expect(shown.contains("\r\u{1B}[K"))
    }

    @Test("--quiet shows nothing but the report's path on a terminal either")
    func quiet() async throws {
        #expect(try await shown(PlanText(), "--quiet") == "report.json\r\n")
    }
}
