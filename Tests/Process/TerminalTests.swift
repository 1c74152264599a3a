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
        #expect(lines.last?.contains("scenario  network  passed") == true, "\(shown)")
        #expect(shown.contains("\u{1B}[32mpass"), "\(shown)")
    }

    @Test("NO_COLOR takes the colours away, not the live line")
    func noColor() async throws {
        let shown = try await shown(Self.slow, environment: ["NO_COLOR": "1"])
        #expect(!shown.contains("\u{1B}[32m"), "\(shown)")
        #expect(!shown.contains("\u{1B}[1m"))
        #expect(shown.contains("\r\u{1B}[K"))
    }

    /// What a verb shows to a person who types `input`, `\u{3}` for Ctrl-C and `\u{4}` for Ctrl-D,
    /// once it has said `ready`.
    private func typed(
        _ arguments: String, once ready: String, _ input: String, code: Int32
    ) async throws -> String {
        let directory = try TemporaryDirectory()
        try directory.write("input", input)
        // script(1) reads what is typed from a pipe; the pipe stays open until all is shown.
        let feed = "until grep -q '\(ready)' shown; do sleep 0.02; done; cat input; sleep 1"
        let command = "stty cols 100; exec \(Program.path) \(arguments)"
        let ended = try await Execution.run(
            ["-c", "{ \(feed); } | script -qefc '\(command)' shown >/dev/null"], program: "sh",
            in: directory, environment: ["TERM": "xterm"])
        #expect(ended.code == code, "\(ended.all)")
        return String(decoding: try directory.read("shown"), as: UTF8.self)
    }

    @Test("send at a terminal says what to type, and Ctrl-D ends it")
    func send() async throws {
        let receiver = try PlainSocket()
        let shown = try await typed(
            "send 127.0.0.1:\(receiver.port) --wait 0", once: "each line", "one\ntwo\n\u{4}",
            code: 0)
        #expect(receiver.receive()?.text == "one", "\(shown)")
        #expect(receiver.receive()?.text == "two", "\(shown)")
        #expect(shown.contains("each line is a datagram; Ctrl-D ends\r\n"), "\(shown)")
    }

    /// The rows of a terminal after the output: a carriage return and `ESC [K` wipe the last row.
    private func rows(_ shown: String) -> [String] {
        shown.split(separator: "\r\n", omittingEmptySubsequences: false).map { row in
            row.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false).last
                .map { String($0) } ?? ""
        }
    }

    @Test("a line typed into chat is shown once, with messages of others in mid-line")
    func chat() async throws {
        let room = try PlainSocket()
        let directory = try TemporaryDirectory()
        // The test is the room: it returns a line when it has come, and speaks in mid-line.
        let feed = """
            until grep -q 'each line' shown; do sleep 0.02; done; printf 'hel'
            until grep -q 'half way' shown; do sleep 0.02; done; printf 'x\\177lo\\n'
            until grep -q 'back' shown; do sleep 0.02; done; printf 'lost\\n'
            until grep -q 'not delivered' shown; do sleep 0.02; done; printf '\\004'
            sleep 1
            """
        let command = "stty cols 100; \(Program.path) chat --join 127.0.0.1:\(room.port); stty -a"
        let ended = try await Execution.during(
            ["-c", "{ \(feed); } | script -qefc '\(command)' shown >/dev/null"], program: "sh",
            in: directory, environment: ["TERM": "xterm"]
        ) { _ in
            let port = try #require(room.receive()).port
            let visitor = "127.0.0.1:\(port)"
            #expect(try await eventually { Self.read(directory).contains("hel") })
            try room.send("half way", to: visitor)
            #expect(room.receive()?.text == "hello")
            try room.send("hello", to: visitor)
            try room.send("back", to: visitor)
            #expect(room.receive()?.text == "lost")
        }
        let shown = Self.read(directory)
        #expect(ended.code == 0, "\(ended.all)\n\(shown)")
        let rows = rows(shown)
        #expect(rows.count { $0.contains("hello") } == 1, "\(rows)")
        #expect(rows.contains { $0.wholeMatch(of: /[\d:.]{12}  hello/) != nil }, "\(rows)")
        #expect(rows.contains { $0.wholeMatch(of: /[\d:.]{12}  half way/) != nil }, "\(rows)")
        // The line under way is drawn again below the message.
        #expect(shown.contains("half way\r\nhel"), "\(shown)")
        // A line that does not come back is not lost.
        #expect(rows.contains("not delivered so far: lost"), "\(rows)")
        #expect(rows.contains("said 2, came back 1"), "\(rows)")
        // The terminal is given back.
        #expect(shown.contains(" icanon") && shown.contains(" echo "), "\(shown)")
    }

    private static func read(_ directory: TemporaryDirectory) -> String {
        String(decoding: (try? directory.read("shown")) ?? [], as: UTF8.self)
    }

    @Test("Ctrl-C ends listen, and its last words have a line of their own")
    func interrupted() async throws {
        let shown = try await typed("listen --port 0", once: "listening", "\u{3}", code: 0)
        let last = shown.split(separator: "\r\n").first { $0.contains("received 0") }
        #expect(
            last?.contains("\r\u{1B}[Kreceived 0, dropped by a full buffer 0") == true, "\(shown)")
    }

    @Test("--quiet shows nothing but the report's path on a terminal either")
    func quiet() async throws {
        #expect(try await shown(PlanText(), "--quiet") == "report.json\r\n")
    }
}
