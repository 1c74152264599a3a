import Glibc
import Harness
import Testing

/// `udplab chat`: the room and its visitors.
@Suite struct ChatTests {
    private func room(
        _ arguments: String..., body: (Execution, String) async throws -> Void
    ) async throws -> Execution.Ended {
        try await Execution.during(
            ["chat", "--port", "0"] + arguments, in: TemporaryDirectory()
        ) { execution in
            try await body(execution, try await execution.address())
            execution.signal(SIGINT)
        }
    }

    @Test("every member gets every message, its own too, and the room shows it with its source")
    func everyone() async throws {
        let members = try (0..<3).map { _ in try PlainSocket() }
        let ended = try await room { _, address in
            for member in members { try member.send([], to: address) }  // a knock
            try members[1].send("hello", to: address)
            for member in members { #expect(member.receive()?.text == "hello") }
            try members[2].send("\u{1B}]0;evil\u{7}", to: address)
            for member in members { #expect(member.receive()?.text == "\u{1B}]0;evil\u{7}") }
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output.contains("  127.0.0.1:\(members[1].port)  hello\n"), "\(ended.all)")
        #expect(ended.output.contains(#"\u{1B}]0;evil\u{7}"#), "\(ended.all)")
        #expect(ended.errors.contains("messages 2, deliveries 6, could not deliver 0"))
        #expect(ended.errors.contains("members 3 of 3 that joined"))
    }

    @Test("who is silent for too long is no member any more")
    func idle() async throws {
        let (quiet, loud) = (try PlainSocket(), try PlainSocket())
        let ended = try await room("--idle", "1s") { execution, address in
            try quiet.send([], to: address)
            #expect(try await execution.says("1 member"))
            // Told when it happens, and not when the next one speaks.
            let left = "127.0.0.1:\(quiet.port) left (silent for 1s); 0 members"
            #expect(try await execution.says(left), "\(execution.errorsSoFar)")
            try loud.send("anybody?", to: address)
            #expect(loud.receive()?.text == "anybody?")
        }
        #expect(ended.errors.contains("messages 1, deliveries 1"), "\(ended.all)")
        #expect(quiet.receive(withinMs: 0) == nil)
    }

    @Test("a member whose port is closed leaves, and costs the others nothing")
    func gone() async throws {
        let stays = try PlainSocket()
        let ended = try await room { execution, address in
            try stays.send([], to: address)
            for _ in 0..<5 { try PlainSocket().send([], to: address) }
            #expect(try await execution.says("6 members"))
            for number in 1...3 {
                try stays.send("message \(number)", to: address)
                #expect(stays.receive()?.text == "message \(number)")
            }
            #expect(try await execution.says("; 1 member\n"))
        }
        #expect(ended.errors.contains("members 1 of 6 that joined"), "\(ended.all)")
        #expect(ended.errors.contains("could not deliver 0"), "\(ended.all)")
    }

    @Test("H8 a full room turns strangers away, and keeps its members")
    func h8full() async throws {
        let members = try (0..<2).map { _ in try PlainSocket() }
        let stranger = try PlainSocket()
        let ended = try await room("--members", "2") { execution, address in
            for member in members { try member.send([], to: address) }
            try stranger.send("let me in", to: address)
            #expect(try await execution.says("turned away: the room is full"))
            try members[0].send("hello", to: address)
            for member in members { #expect(member.receive()?.text == "hello") }
        }
        #expect(ended.errors.contains("turned away 1"), "\(ended.all)")
        #expect(stranger.receive(withinMs: 0) == nil)
    }

    @Test("H5 a room and an echo fall silent after one crafted datagram")
    func h5roomAndEcho() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await room { room, address in
            try await room.stop()
            let port = try {
                let crafted = try PlainSocket()
                try crafted.send("to and fro", to: address)
                return crafted.port
            }()
            let echo = try Execution(["echo", "--port", "\(port)"], in: directory)
            _ = try await echo.address()
            room.goOn()
            #expect(try await echo.says("is itself the answer of a udplab"))
            echo.signal(SIGINT)
            #expect(try await echo.end().errors.contains("received 1, returned 0"))
        }
        #expect(ended.errors.contains("messages 1, deliveries 1"), "\(ended.all)")
    }

    @Test("--join says what is typed and shows what is said")
    func join() async throws {
        let member = try PlainSocket()
        let ended = try await room { execution, address in
            try member.send([], to: address)
            let directory = try TemporaryDirectory()
            try directory.write("typed", "hello\n\nbye")
            let visitor = try await Execution.run(
                ["chat", "--join", address, "--name", "anna", "--wait", "500ms"], in: directory,
                redirect: "<typed")
            #expect(visitor.code == 0, "\(visitor.all)")
            let lines = visitor.output.split(separator: "\n")
            #expect(lines.count == 2, "\(visitor.all)")
            #expect(lines.first?.hasSuffix("  anna: hello") == true)
            // The empty line was a knock, which goes to nobody.
            #expect(lines.last?.hasSuffix("  anna: bye") == true)
            #expect(visitor.errors.hasSuffix("said 2, came back 2\n"), "\(visitor.all)")
            #expect(member.receive()?.text == "anna: hello")
            #expect(member.receive()?.text == "anna: bye")
        }
        #expect(ended.errors.contains("messages 2, deliveries 4"), "\(ended.all)")
    }

    @Test("--encoding is that of what is said and of what is heard")
    func encoding() async throws {
        let room = try PlainSocket()
        let directory = try TemporaryDirectory()
        try directory.write("typed", "你好\n漢字€\n😀\n")
        let visitor = try await Execution.during(
            [
                "chat", "--join", "127.0.0.1:\(room.port)", "--wait", "60s", "--name", "安",
                "--encoding", "GBK",
            ], in: directory, redirect: "<typed"
        ) { visitor in
            let port = try #require(room.receive()).port
            let name: [UInt8] = [0xB0, 0xB2, 0x3A, 0x20]
            #expect(room.receive()?.octets == name + [0xC4, 0xE3, 0xBA, 0xC3])
            #expect(room.receive()?.octets == name + [0x9D, 0x68, 0xD7, 0xD6, 0x80])
            try room.send([0xBA, 0xC3, 0xFF], to: "127.0.0.1:\(port)")
            #expect(try await visitor.prints(#"好\xFF"#))
            visitor.signal(SIGINT)
        }
        #expect(visitor.errors.contains(#"not sent: GBK has no "😀""#), "\(visitor.all)")
        #expect(visitor.errors.hasSuffix("said 2, came back 0\n"), "\(visitor.all)")
    }

    @Test("T6 what a room sends of others is no message of the visitor that came back")
    func t6others() async throws {
        let room = try PlainSocket()
        let directory = try TemporaryDirectory()
        try directory.write("typed", "one\ntwo\n")
        let visitor = try await Execution.during(
            ["chat", "--join", "127.0.0.1:\(room.port)", "--wait", "60s"], in: directory,
            redirect: "<typed"
        ) { visitor in
            let port = try #require(room.receive()).port
            for _ in 1...2 { #expect(room.receive()?.port == port) }
            for text in ["two", "two", "three"] {
                try room.send(text, to: "127.0.0.1:\(port)")
            }
            #expect(try await visitor.prints("three"))
            visitor.signal(SIGINT)
        }
        #expect(visitor.code == 0, "\(visitor.all)")
        #expect(visitor.errors.hasSuffix("said 2, came back 1\n"), "\(visitor.all)")
    }

    @Test("--join where nobody is says so, with 99")
    func nobody() async throws {
        let port = try PlainSocket().port
        let ended = try await Execution.run(
            ["chat", "--join", "127.0.0.1:\(port)", "--wait", "30s"], in: TemporaryDirectory())
        #expect(ended.code == 99, "\(ended.all)")
        #expect(ended.errors.contains("port closed"), "\(ended.all)")
    }

    @Test(
        "a room or a visit, not both and not neither",
        arguments: [
            [], ["--port", "0", "--join", "127.0.0.1:9"], ["--port", "0", "--members", "0"],
        ])
    func usage(arguments: [String]) async throws {
        let ended = try await Execution.run(["chat"] + arguments, in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
    }
}
