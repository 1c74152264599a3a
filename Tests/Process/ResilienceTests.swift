import Glibc
import Harness
import JSON
import Testing

/// A server, a directory, and what the battery said of it.
private struct Battery {
    static let needsPython = "python3 is not installed"

    let directory: TemporaryDirectory

    init(_ body: String = "", head: String = Self.head) throws {
        directory = try TemporaryDirectory()
        try directory.write("server.py", head + body)
    }

    static let head = """
        import socket, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((sys.argv[1], int(sys.argv[2])))

        """

    /// An answer to port 0, which nothing can be sent to, is an error.
    static let correct = """
        while True:
            data, sender = s.recvfrom(65535)
            try: s.sendto(data, sender)
            except OSError: pass
        """

    /// Without the right to see packets it looks for answers with thousands of ports.
    static let searchesPorts = geteuid() != 0
    static let python = ["--command", "'\(interpreter)' server.py {host} {port}"]
    private static let interpreter =
        access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3"
    /// Short, so that the tests are; what a trial sees does not depend on it.
    static let strict = ["--profile", "strict", "--soak", "2s", "--storm", "1s"]

    static func arguments(_ command: [String]) -> [String] {
        ["resilience"] + command + [
            "--address", "127.0.0.1:0", "--report", "card.json", "--ready-timeout", "120s",
        ]
    }

    /// Runs the battery to its end; nothing that it started is left then.
    /// - Parameter alone: Beside nothing else.
    func run(
        _ more: [String] = [], command: [String] = python, alone: Bool = false,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Card {
        var processes: Set<ProcessTable.Identity> = []
        let ended = try await Execution.during(
            Self.arguments(command) + more, in: directory,
            places: alone ? Turnstile.places : 1
        ) { execution in
            while execution.isRunning {
                processes.formUnion(execution.descendants)
                try await nap(.milliseconds(50))
            }
        }
        try await expectGone(Array(processes), at: location)
        try #require(directory.exists("card.json"), "\(ended.all)", sourceLocation: location)
        return Card(ended: ended, reading: try ReportReading(directory, "card.json"))
    }
}

/// The score card as a stranger reads it.
private struct Card {
    let ended: Execution.Ended
    let reading: ReportReading

    var trials: [JSONValue] { reading.json["trials"]?.array ?? [] }

    func trial(_ id: String) -> JSONValue? { trials.first { $0["id"]?.string == id } }
    func verdict(_ id: String) -> String? { trial(id)?["verdict"]?.string }
    func saw(_ id: String) -> String { trial(id)?["saw"]?.string ?? "" }
    func change(_ id: String) -> String { trial(id)?["change"]?.string ?? "" }

    var failed: [String] {
        trials.filter { $0["verdict"]?.string == "fail" }.compactMap { $0["id"]?.string }
    }
}

/// The battery against servers with known faults, and against those without.
@Suite(.enabled(if: Program.python != nil, "python3 is not installed"))
struct ResilienceTests {
    // MARK: - Servers that are right

    private func expectPass(_ card: Card) {
        #expect(card.ended.code == 0, "\(card.ended.all)")
        #expect(card.reading.verdict == "pass")
        #expect(card.reading.status == "complete")
        #expect(card.failed == [])
        #expect(card.trials.count == 26)
    }

    @Test("a correct server of ten lines passes strict")
    func correct() async throws {
        expectPass(try await Battery(Battery.correct).run(Battery.strict))
    }

    @Test("udplab's own echo passes strict")
    func own() async throws {
        let command = ["--command", "'\(Program.path)' echo --bind {host} --port {port}"]
        expectPass(try await Battery().run(Battery.strict, command: command))
    }

    /// Without `fork`: with it, a storm of hit-and-runs stalls socat 1.7.4 for good now and then,
    /// as ten lines of Python show too, and the battery says so.
    @Test(
        "socat returns every byte, ends at an empty datagram, and serves one source only",
        .enabled(if: Program.socat != nil, "socat is not installed"))
    func socat() async throws {
        let trials = ["reply-address", "payload-sizes", "octets"]
        let card = try await Battery().run(
            trials.flatMap { ["--only", $0] },
            command: ["--command", "socat -b 65535 UDP4-LISTEN:{port} PIPE"])
        #expect(card.failed == ["reply-address", "payload-sizes"], "\(card.ended.all)")
        #expect(card.change("reply-address").contains("connect()"))
        #expect(card.saw("payload-sizes").hasPrefix("after a datagram of 0 bytes"))
        #expect(card.verdict("octets") == "pass")
    }

    // MARK: - Servers that are not

    /// A port that nobody has, for a server that answers one address.
    private func freePort() throws -> UInt16 { try BoundSocket().port }

    @Test("four faults in one server are found and named, each beside the three others")
    func fourFaults() async throws {
        let port = try freePort()
        let card = try await Battery(
            """
            def step():
                data, sender = s.recvfrom(1024)
                text = data.decode()
                s.sendto(text.encode(), ("127.0.0.1", \(port)))
            while True:
                try: step()
                except: step()
            """
        ).run(alone: Battery.searchesPorts)
        #expect(card.ended.code == 99, "\(card.ended.all)")
        #expect(card.failed == ["reply-address", "payload-sizes", "octets", "bad-rows"])
        #expect(card.saw("reply-address").contains("127.0.0.1:\(port)"))
        #expect(card.change("reply-address").contains("not a fixed one"))
        #expect(card.saw("payload-sizes").contains("only the first 1,024 bytes"))
        #expect(card.change("payload-sizes").contains("65,535 is safe"))
        #expect(card.change("octets").contains("decodes its input as text"))
        #expect(card.saw("bad-rows").contains("UnicodeDecodeError"))
        #expect(card.change("bad-rows").contains("put the try inside the loop"))
        for words in ["65,535 is safe", "decodes its input", "not a fixed one", "inside the loop"] {
            let table = card.ended.errors.split(whereSeparator: \.isWhitespace)
                .joined(separator: " ")
            #expect(table.contains(words), "\(card.ended.all)")
        }
    }

    @Test(
        "the four faults are found where another program has the fixed port",
        .enabled(if: geteuid() == 0, "to see what others send needs root"))
    func fourFaultsTaken() async throws {
        let taken = try BoundSocket()
        let card = try await fourFaults(answering: "127.0.0.1", taken.port)
        #expect(card.verdict("reset-two") == "not_applicable")
    }

    @Test(
        "the four faults are found where the fixed address is another host's",
        .enabled(if: geteuid() == 0, "a network of its own needs root"))
    func fourFaultsFar() async throws {
        _ = try await fourFaults(answering: "198.51.100.7", 5005)
    }

    /// Tries the server with the four faults that answers this address alone.
    private func fourFaults(answering host: String, _ port: UInt16) async throws -> Card {
        let card = try await Battery(
            """
            def step():
                data, sender = s.recvfrom(1024)
                s.sendto(data.decode().encode(), ("\(host)", \(port)))
            while True:
                try: step()
                except: step()
            """
        ).run()
        #expect(card.ended.code == 99, "\(card.ended.all)")
        #expect(card.failed == ["reply-address", "payload-sizes", "octets", "bad-rows"])
        #expect(card.saw("reply-address").contains("\(host):\(port)"))
        return card
    }

    /// Servers that take every question and answer none of them to the one who asked.
    @Test(
        "a server that nobody gets an answer from fails, with what can be seen of it",
        arguments: [
            ("s.sendto(data, s.getsockname())", "reply-address", "asks itself without end"),
            ("if sender: raise OSError(101, 'Network is unreachable')", "reply-address", "Network"),
            ("pass", "baseline", "takes every datagram"),
        ])
    func silent(body: String, trial: String, words: String) async throws {
        let card = try await Battery(Self.loop(body)).run(
            ["--ready-timeout", "10s"], alone: Battery.searchesPorts)
        #expect(card.ended.code == 99, "\(card.ended.all)")
        #expect(card.failed == [trial], "\(card.ended.all)")
        #expect(card.saw(trial).contains(words), "\(card.ended.all)")
    }

    /// A fault of a server, the trial that finds it, and a word of the advice.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let server: String
        let trial: String
        let advice: String
        var more: [String] = []
        var needsRoot = false

        var testDescription: String { name }
    }

    private static func loop(_ body: String) -> String {
        "while True:\n    data, sender = s.recvfrom(65535)\n    " + body
    }

    static let faults = [
        Fault(
            name: "a small buffer",
            server: "while True:\n    data, sender = s.recvfrom(512)\n    s.sendto(data, sender)",
            trial: "payload-sizes", advice: "65,535 is safe"),
        Fault(
            name: "an end at the empty datagram",
            server: loop("if not data: break\n    s.sendto(data, sender)"),
            trial: "payload-sizes", advice: "an empty datagram is legal"),
        Fault(
            name: "text", server: loop("s.sendto(data.decode().encode(), sender)"),
            trial: "octets", advice: "decodes its input as text"),
        Fault(
            name: "text with replacements",
            server: loop("s.sendto(data.decode(errors='replace').encode(), sender)"),
            trial: "octets", advice: "decodes its input as text"),
        Fault(
            name: "stripped line ends", server: loop("s.sendto(data.rstrip(), sender)"),
            trial: "octets", advice: "strip nothing"),
        Fault(
            name: "the first source for ever",
            server: """
                data, first = s.recvfrom(65535)
                while True:
                    s.sendto(data, first)
                    data, sender = s.recvfrom(65535)
                """, trial: "reply-address", advice: "not a fixed one"),
        Fault(
            name: "one source only",
            server: """
                data, sender = s.recvfrom(65535)
                s.connect(sender)
                s.send(data)
                while True: s.send(s.recv(65535))
                """, trial: "reply-address", advice: "connect()"),
        Fault(
            name: "answers to the source before",
            server: """
                last = None
                while True:
                    data, sender = s.recvfrom(65535)
                    s.sendto(data, last or sender)
                    last = sender
                """, trial: "interleaved-sources", advice: "keep the address with its datagram",
            more: ["--only", "interleaved-sources"]),
        Fault(
            name: "T6 the payload of the datagram before",
            server: "last = b''\n" + loop("s.sendto(last, sender); last = data"),
            trial: "baseline", advice: "keep the payload with its datagram"),
        Fault(
            name: "T8 an empty datagram that changes what it answers",
            server: "limit = 65535\n"
                + loop("limit = limit if data else 100\n    s.sendto(data[:limit], sender)"),
            trial: "payload-sizes", advice: "receive with the whole buffer each time"),
        Fault(
            name: "a buffer that all datagrams share",
            server: """
                import threading
                def answer(sender): s.sendto(last, sender)
                while True:
                    last, sender = s.recvfrom(65535)
                    threading.Timer(0.002, answer, [sender]).start()
                """, trial: "interleaved-sources", advice: "keep the payload with its datagram",
            more: ["--only", "interleaved-sources"]),
        Fault(
            name: "an end at the source port 0",
            server: "while True: s.sendto(*s.recvfrom(65535))",
            trial: "port-zero", advice: "nothing can be sent to port 0",
            more: ["--profile", "strict", "--only", "port-zero"], needsRoot: true),
        Fault(
            name: "a buffer that must not be full",
            server: loop("if len(data) != 2048: s.sendto(data, sender)"),
            trial: "buffer-size", advice: "take a full one for no error"),
        Fault(
            name: "the first datagram thrown away",
            server: "s.recvfrom(65535)\n" + Battery.correct,
            trial: "first-datagram", advice: "from bind on, every datagram is a question"),
        Fault(
            name: "two answers", server: loop("s.sendto(data, sender); s.sendto(data, sender)"),
            trial: "amplification", advice: "answer once"),
        Fault(
            name: "no echo", server: loop("s.sendto(b'you said ' + data, sender)"),
            trial: "baseline", advice: "returns the payload as it came"),
        Fault(
            name: "a handler that repeats once",
            server: """
                def step():
                    data, sender = s.recvfrom(65535)
                    if 0xff in data: raise ValueError("no text")
                    s.sendto(data, sender)
                while True:
                    try: step()
                    except ValueError: step()
                """, trial: "bad-rows", advice: "outside the try"),
        Fault(
            name: "a handler that repeats the loop once",
            server: """
                def loop():
                    while True:
                        data, sender = s.recvfrom(65535)
                        if 0xff in data: raise ValueError("no text")
                        s.sendto(data, sender)
                try: loop()
                except ValueError: loop()
                """, trial: "bad-rows", advice: "repeats the loop only once"),
        Fault(
            name: "a handler that calls itself",
            server: """
                def loop():
                    try:
                        while True:
                            data, sender = s.recvfrom(65535)
                            if 0xff in data: raise ValueError("no text")
                            s.sendto(data, sender)
                    except ValueError: loop()
                loop()
                """, trial: "bad-rows", advice: "calls itself"),
        Fault(
            name: "an end at a reset",
            // IP_RECVERR: what every UDP socket is on Windows.
            server: "s.setsockopt(0, 11, 1)\n" + Battery.correct,
            trial: "reset-one", advice: "ECONNREFUSED"),
        Fault(
            name: "an end at the second reset in a row",
            server: """
                s.setsockopt(0, 11, 1)
                def step():
                    data, sender = s.recvfrom(65535)
                    s.sendto(data, sender)
                while True:
                    try: step()
                    except OSError: step()
                """, trial: "reset-two", advice: "outside the try",
            more: ["--only", "reset-two"]),
        Fault(
            name: "an end after a number of questions",
            server: """
                for count in range(500):
                    data, sender = s.recvfrom(65535)
                    s.sendto(data, sender)
                """,
            trial: "baseline", advice: "a server has no last datagram"),
        Fault(
            name: "datagrams joined",
            server: """
                import time
                while True:
                    data, sender = s.recvfrom(65535)
                    time.sleep(0.001)
                    s.setblocking(False)
                    try:
                        while True: data += s.recvfrom(65535)[0]
                    except BlockingIOError: pass
                    s.setblocking(True)
                    s.sendto(data, sender)
                """, trial: "duplicates", advice: "a pipe or another stream",
            more: ["--only", "duplicates"]),
        Fault(
            name: "an end at a bad header",
            server: loop(
                "assert len(data) < 16 or data[0] < 250, 'bad header'\n    s.sendto(data, sender)"),
            trial: "garbage", advice: "take every datagram for hostile",
            more: ["--profile", "strict", "--only", "garbage"]),
        Fault(
            name: "a leak",
            server: "kept = []\n"
                + loop("kept.append(data * 4)\n    s.sendto(data, sender)"),
            trial: "soak", advice: "its memory grows",
            more: ["--profile", "strict", "--only", "soak", "--soak", "6s"]),
        Fault(
            name: "an end after a while",
            server: "s.settimeout(1.5)\n" + Battery.correct,
            trial: "idle", advice: "a receive timeout is no reason to end",
            more: ["--profile", "strict", "--only", "idle"]),
    ]

    @Test(
        "a fault is found, and its author told what to change",
        arguments: faults.filter { !$0.needsRoot || geteuid() == 0 })
    func found(fault: Fault) async throws {
        // The trial that finds it, and those that it needs: the others have cases of their own.
        let card = try await Battery(fault.server).run(
            fault.more + (fault.more.contains("--only") ? [] : ["--only", fault.trial]),
            alone: fault.trial == "garbage"
                || fault.trial == "reply-address" && Battery.searchesPorts)
        #expect(card.ended.code == 99, "\(card.ended.all)")
        #expect(card.verdict(fault.trial) == "fail", "\(card.ended.all)")
        #expect(card.change(fault.trial).contains(fault.advice), "\(card.ended.all)")
    }

    @Test("T8 a server whose receive length shrinks has one fault, and no trial after is blamed")
    func t8shrinking() async throws {
        let card = try await Battery(
            """
            length = 65535
            while True:
                data, sender = s.recvfrom(length)
                length = len(data)
                s.sendto(data, sender)
            """
        ).run()
        #expect(card.failed == ["payload-sizes"], "\(card.ended.all)")
        #expect(!card.trials.contains { $0["verdict"]?.string == "degraded" }, "\(card.ended.all)")
        #expect(card.change("payload-sizes").contains("receive with the whole buffer each time"))
    }

    /// Four processes that share the port, and one of them never receives anything. All sockets are
    /// bound before the first answer: with each further one the kernel shares the sources out anew.
    private static let workers = """
        import os, signal, socket, sys
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
        for s in sockets:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            s.bind((sys.argv[1], int(sys.argv[2])))
        for number, s in enumerate(sockets):
            if os.fork(): continue
            while number == 2: signal.pause()
            while True:
                data, sender = s.recvfrom(65535)
                s.sendto(data, sender)
        signal.pause()
        """

    @Test("T7 one of four workers that share the port and does not serve is found in every run")
    func t7worker() async throws {
        let trials = ["reply-address", "every-source", "interleaved-sources"]
        let card = try await Battery(Self.workers, head: "").run(trials.flatMap { ["--only", $0] })
        #expect(card.failed == ["every-source"], "\(card.ended.all)")
        #expect(card.saw("every-source").contains("4 sockets share the port"))
        #expect(card.change("every-source").contains("SO_REUSEPORT"))
    }

    /// What happens when another program takes the port between an end and a start.
    @Test(
        "a server that comes back at its second start is degraded, and one that never does fails",
        arguments: [("starts == 2", 0, "degraded"), ("starts > 1", 99, "fail")])
    func restart(doesNotStartWhen condition: String, code: Int32, verdict: String) async throws {
        let server = """
            starts = 1 + (len(open("starts").read()) if os.path.exists("starts") else 0)
            open("starts", "a").write("|")
            if \(condition): sys.exit("Address already in use")
            """
        let card = try await Battery("import os\n\(server)\n\(Battery.correct)")
            .run(["--only", "restart"])
        #expect(card.ended.code == code, "\(card.ended.all)")
        #expect(card.verdict("restart") == verdict)
        #expect(card.saw("restart").contains("Address already in use"))
        #expect(card.change("restart").contains("leave nothing behind"))
    }

    @Test("H15 a service that is no echo server is named as such, and is not tried further")
    func h15NoEchoServer() async throws {
        let card = try await Battery(Self.loop("s.sendto(data.upper()[::-1] + b'!', sender)")).run()
        #expect(card.ended.code == 75 || card.failed == ["baseline"], "\(card.ended.all)")
        let words = card.saw("baseline") + (card.reading.reasons.first ?? "")
        #expect(words.contains("no echo server"), "\(card.ended.all)")
    }
}
