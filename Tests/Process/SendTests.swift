import Glibc
import Harness
import Testing

/// `udplab send`: what is typed goes out, what comes back is shown.
@Suite struct SendTests {
    private func send(
        _ arguments: String..., lines: String? = nil
    ) async throws -> Execution.Ended {
        let directory = try TemporaryDirectory()
        if let lines { try directory.write("lines", lines) }
        return try await Execution.run(
            ["send"] + arguments, in: directory, redirect: lines == nil ? "" : "<lines")
    }

    /// Calls `body` with the address of an echo.
    private func withEcho(
        _ body: (String) async throws -> Void
    ) async throws -> Execution.Ended {
        try await Execution.during(["echo", "--port", "0"], in: TemporaryDirectory()) { echo in
            try await body(try await echo.address())
            echo.signal(SIGINT)
        }
    }

    @Test("words are one datagram, and the answer is shown with size, source and time")
    func words() async throws {
        let echo = try await withEcho { address in
            let ended = try await send(address, "hello", "there")
            #expect(ended.code == 0, "\(ended.all)")
            let line = ended.output.wholeMatch(of: /11 B from (\S+) in [\d.]+ [nµm]?s: (.*)\n/)
            #expect(line?.output.1 == Substring(address), "\(ended.all)")
            #expect(line?.output.2 == "hello there")
            #expect(ended.errors.contains(/from port \d+/), "\(ended.all)")
        }
        #expect(echo.errors.contains("received 1, returned 1"), "\(echo.all)")
    }

    @Test("--file sends the bytes of a file as one datagram, whatever they are")
    func file() async throws {
        let receiver = try PlainSocket()
        let directory = try TemporaryDirectory()
        let address = "127.0.0.1:\(receiver.port)"
        let whole = (0..<65_507).map { UInt8(truncatingIfNeeded: $0 % 256) }
        for bytes in [Array("a\n\0b\r\n".utf8) + [0xFF], [], whole] {
            try directory.write("bytes", bytes)
            let ended = try await Execution.run(
                ["send", address, "--wait", "0", "--file", "bytes"], in: directory)
            #expect(ended.code == 0, "\(ended.all)")
            #expect(receiver.receive()?.octets == bytes)
        }
        let piped = try await Execution.run(
            ["send", address, "--wait", "0", "--file", "-"], in: directory, redirect: "<bytes")
        #expect(piped.code == 0, "\(piped.all)")
        #expect(receiver.receive()?.octets == whole)
    }

    @Test("a file that is no datagram is refused, with the limit, before anything is sent")
    func fileRefused() async throws {
        let receiver = try PlainSocket()
        let directory = try TemporaryDirectory()
        try directory.write("large", [UInt8](repeating: 0, count: 65_508))
        for (words, reason) in [
            (["--file", "large"], "65,507 B at most"), (["--file", "none"], "ENOENT"),
            (["--file", "."], "EISDIR"), (["word", "--file", "large"], "either words"),
            (["--lines"], "--lines goes with --file"),
            (["--hex", "--encoding", "GBK"], "either --hex or --encoding"),
            (["--encoding", "WINDOWS-1252", "漢"], #"WINDOWS-1252 has no "漢""#),
        ] {
            let ended = try await Execution.run(
                ["send", "127.0.0.1:\(receiver.port)", "--wait", "0"] + words, in: directory)
            #expect(ended.code == 64, "\(ended.all)")
            #expect(ended.errors.contains(reason), "\(ended.all)")
        }
        #expect(receiver.receive(withinMs: 0) == nil)
    }

    @Test("--file with --lines sends a datagram per line")
    func fileLines() async throws {
        let receiver = try PlainSocket()
        let directory = try TemporaryDirectory()
        try directory.write("lines", "one\n\nthree")
        let ended = try await Execution.run(
            [
                "send", "127.0.0.1:\(receiver.port)", "--wait", "0", "--file", "lines", "--lines",
            ], in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        for text in ["one", "", "three"] { #expect(receiver.receive()?.text == text) }
    }

    @Test("--encoding is that of what is sent and of the answer")
    func encoding() async throws {
        _ = try await withEcho { address in
            let words = try await send(address, "--encoding", "GBK", "你好")
            #expect(words.code == 0, "\(words.all)")
            #expect(words.output.hasPrefix("4 B from "), "\(words.all)")
            #expect(words.output.hasSuffix(": 你好\n"), "\(words.all)")
            let lines = try await send(address, "--encoding", "GBK", lines: "好\n😀\n")
            #expect(lines.code == 75, "\(lines.all)")
            #expect(lines.output.hasSuffix(": 好\n"), "\(lines.all)")
            #expect(lines.errors.contains(#"not sent: GBK has no "😀""#), "\(lines.all)")
        }
    }

    @Test("a name is resolved")
    func name() async throws {
        _ = try await withEcho { address in
            let port = try #require(address.split(separator: ":").last)
            let ended = try await send("localhost:\(port)", "hello")
            // A host whose localhost is ::1 first finds nobody there, and says so.
            #expect([0, 99].contains(ended.code), "\(ended.all)")
            #expect((ended.output + ended.errors).contains(":\(port)"))
        }
    }

    @Test("IPv6 goes there and back", .enabled(if: Self.hasIPv6, "this host has no ::1"))
    func ipv6() async throws {
        let echo = try await Execution.during(
            ["echo", "--port", "0", "--bind", "::1"], in: TemporaryDirectory()
        ) { echo in
            #expect(try await echo.says("answering on [::1]:"))
            let match = try #require(echo.errorsSoFar.firstMatch(of: /\[::1\]:\d+/))
            let ended = try await send(String(match.output), "hello")
            #expect(ended.code == 0, "\(ended.all)")
            #expect(ended.output.hasPrefix("5 B from \(match.output) in "), "\(ended.all)")
            echo.signal(SIGINT)
        }
        #expect(echo.errors.contains("received 1, returned 1"), "\(echo.all)")
    }

    private static let hasIPv6 =
        (try? TemporaryDirectory.read("/proc/net/if_inet6"))
        .map { String(decoding: $0, as: UTF8.self).contains(" lo\n") } ?? false

    @Test("each line of standard input is a datagram, the last one without a line feed too")
    func lines() async throws {
        let echo = try await withEcho { address in
            let ended = try await send(address, lines: "one\n\nthree")
            #expect(ended.code == 0, "\(ended.all)")
            let answers = ended.output.split(separator: "\n")
            #expect(answers.count == 3, "\(ended.all)")
            #expect(answers.first?.hasSuffix(": one") == true)
            #expect(answers.dropFirst().first?.hasSuffix(": (empty)") == true)
            #expect(answers.last?.hasSuffix(": three") == true)
            #expect(ended.errors.contains("sent 3, answered 3 (100 %), round trip least "))
        }
        #expect(echo.errors.contains("received 3, returned 3"), "\(echo.all)")
    }

    @Test("--hex sends and shows octets; what is no hexadecimal is refused")
    func hex() async throws {
        _ = try await withEcho { address in
            let ended = try await send(address, "--hex", "00 1b", "FF")
            #expect(ended.code == 0, "\(ended.all)")
            #expect(ended.output.hasSuffix(": 00 1B FF\n"), "\(ended.all)")
        }
        for wrong in ["0", "0g", "é"] {
            #expect(try await send("127.0.0.1:9", "--hex", wrong).code == 64, "\(wrong)")
        }
    }

    @Test("what a terminal would obey is shown escaped")
    func escaped() async throws {
        _ = try await withEcho { address in
            let ended = try await send(address, "a\u{1B}[2Jb\u{202E}c\\")
            #expect(ended.output.hasSuffix(": a\\u{1B}[2Jb\\u{202E}c\\\\\n"), "\(ended.all)")
        }
    }

    @Test("words that are no UTF-8 leave as they were typed")
    func octetsAsTyped() async throws {
        let receiver = try PlainSocket()
        let script = #""$0" send 127.0.0.1:\#(receiver.port) a "$(printf 'b\377\376')" c --wait 0"#
        let ended = try await Execution.run(
            ["-c", script, Program.path], program: "sh", in: TemporaryDirectory())
        #expect(ended.code == 0, "\(ended.all)")
        let octets = receiver.receive()?.octets
        #expect(octets == [0x61, 0x20, 0x62, 0xff, 0xfe, 0x20, 0x63])
    }

    @Test("--count sends again, and sums up what came back")
    func count() async throws {
        let echo = try await withEcho { address in
            let ended = try await send(address, "hello", "--count", "5", "--interval", "1ms")
            #expect(ended.code == 0, "\(ended.all)")
            #expect(ended.output.split(separator: "\n").count == 5, "\(ended.all)")
            let summary = ended.errors.firstMatch(
                of: /sent 5, answered 5 \(100 %\), round trip least .*, median .*, most .*/)
            #expect(summary != nil, "\(ended.all)")
        }
        #expect(echo.errors.contains("received 5, returned 5"), "\(echo.all)")
        let silent = try PlainSocket()
        let lost = try await send(
            "127.0.0.1:\(silent.port)", "x", "--count", "2", "--interval", "0", "--wait", "20ms")
        #expect(lost.code == 75, "\(lost.all)")
        #expect(lost.errors.hasSuffix("sent 2, answered 0 (0 %)\n"), "\(lost.all)")
    }

    @Test(
        "what is no address and port, or no number of times, is a mistake of the command line",
        arguments: [
            ["localhost"], ["127.0.0.1:0"], ["127.0.0.1:70000"], ["::1:7788"],
            ["127.0.0.1:9", "--count", "0"], ["127.0.0.1:9", "--interval", "1"],
            ["127.0.0.1:9", "--wait", "-1s"], ["127.0.0.1:9", "--attempts", "0"],
        ])
    func usage(arguments: [String]) async throws {
        let ended = try await Execution.run(
            ["send"] + arguments + ["--", "hello"], in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
    }

    @Test("what no datagram holds is not sent")
    func tooLong() async throws {
        let receiver = try PlainSocket()
        let long = String(repeating: "a", count: 65_508)
        let ended = try await send(
            "127.0.0.1:\(receiver.port)", "--wait", "0", lines: "\(long)\nshort\n")
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("65,508 B are more than a datagram holds"), "\(ended.all)")
        #expect(receiver.receive()?.text == "short")
    }

    @Test("N5 a closed port is said to be closed, with each policy's number of attempts")
    func n5closedPort() async throws {
        for (policy, attempts) in [("none", 1), ("once", 2), ("always", 4), ("backoff", 4)] {
            let port = try PlainSocket().port  // closed again at once
            let ended = try await send(
                "127.0.0.1:\(port)", "hello", "--on-reset", policy, "--attempts", "4")
            #expect(ended.code == 99, "\(policy): \(ended.all)")
            #expect(ended.output == "")
            let said = ended.errors.split(separator: "\n").count { $0.contains("port closed") }
            #expect(said == attempts, "\(policy): \(ended.all)")
        }
    }

    @Test("silence is told from a closed port, and --wait 0 does not wait")
    func silence() async throws {
        let silent = try PlainSocket()
        let address = "127.0.0.1:\(silent.port)"
        let ended = try await send(address, "hello", "--wait", "50ms")
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("no answer from \(address) within 50.0 ms"), "\(ended.all)")
        #expect(silent.receive()?.text == "hello")
        let quick = try await send(address, "again", "--wait", "0", "--from", "0")
        #expect(quick.code == 0, "\(quick.all)")
        #expect(quick.output == "")
        #expect(silent.receive()?.text == "again")
    }

    @Test("--from sends from that port")
    func from() async throws {
        let receiver = try PlainSocket()
        let port = try PlainSocket().port
        let ended = try await send(
            "127.0.0.1:\(receiver.port)", "hello", "--from", "\(port)", "--wait", "0")
        #expect(ended.code == 0, "\(ended.all)")
        #expect(receiver.receive()?.port == port)
    }

    @Test("an answer from elsewhere is shown as such and is not taken for the answer")
    func elsewhere() async throws {
        let asked = try PlainSocket()
        let other = try PlainSocket()
        let ended = try await Execution.during(
            ["send", "127.0.0.1:\(asked.port)", "hello", "--wait", "30s"],
            in: TemporaryDirectory()
        ) { execution in
            let question = try #require(asked.receive())
            try other.send("from elsewhere", to: "127.0.0.1:\(question.port)")
            #expect(try await execution.prints("not from whom was asked"))
            try asked.send("from here", to: "127.0.0.1:\(question.port)")
        }
        #expect(ended.code == 0, "\(ended.all)")
        let lines = ended.output.split(separator: "\n")
        #expect(lines.count == 2, "\(ended.all)")
        #expect(lines.first?.hasSuffix(": from elsewhere") == true)
        #expect(lines.last?.hasSuffix(": from here") == true)
    }

    @Test("T6 a late answer is the answer to an earlier datagram, with its own time")
    func t6late() async throws {
        let asked = try PlainSocket()
        let ended = try await Execution.during(
            [
                "send", "127.0.0.1:\(asked.port)", "x", "--count", "3", "--interval", "0",
                "--wait", "400ms",
            ], in: TemporaryDirectory()
        ) { _ in
            let first = try #require(asked.receive())
            let second = try #require(asked.receive())
            #expect(second.port != first.port)
            try asked.send("x", to: "127.0.0.1:\(first.port)")
        }
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.output.contains("(the answer to datagram 1, too late): x"), "\(ended.all)")
        let words = "sent 3, answered 0 (0 %), 1 too late, round trip least"
        #expect(ended.errors.contains(words), "\(ended.all)")
    }

    @Test("T6 from a chosen port, equal datagrams cannot be told apart, and no time is claimed")
    func t6unclear() async throws {
        let asked = try PlainSocket()
        let port = try PlainSocket().port
        let ended = try await Execution.during(
            [
                "send", "127.0.0.1:\(asked.port)", "x", "--count", "2", "--interval", "0",
                "--wait", "1s", "--from", "\(port)",
            ], in: TemporaryDirectory()
        ) { _ in
            for _ in 1...2 { #expect(try #require(asked.receive()).port == port) }
            try asked.send("x", to: "127.0.0.1:\(port)")
        }
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.output.hasSuffix("(to this datagram or an earlier one): x\n"), "\(ended.all)")
        #expect(!ended.output.contains(" in "), "\(ended.all)")
        #expect(ended.errors.hasSuffix("sent 2, answered 0 (0 %), 1 unclear\n"), "\(ended.all)")
    }

    @Test(
        "P22 addresses of nobody or everybody are refused before anything is sent",
        arguments: ["224.0.0.1:9", "255.255.255.255:9", "0.0.0.0:9", "[::]:9", "[ff02::1]:9"])
    func p22everybody(address: String) async throws {
        let ended = try await send(address, "hello")
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.errors.contains("address"), "\(ended.all)")
    }

    @Test("Ctrl-C ends the wait with 105")
    func interrupted() async throws {
        let silent = try PlainSocket()
        let ended = try await Execution.during(
            ["send", "127.0.0.1:\(silent.port)", "hello", "--wait", "1h"],
            in: TemporaryDirectory()
        ) { execution in
            #expect(silent.receive()?.text == "hello")
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
    }
}
