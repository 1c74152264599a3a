import Datagrams
import Glibc
import Harness
import Testing

/// `udplab echo` as a person uses it: who is answered, and what a reset does to it.
@Suite struct EchoVerbTests {
    private func echo(
        _ arguments: String..., body: (Execution, String) async throws -> Void
    ) async throws -> Execution.Ended {
        try await Execution.during(
            ["echo", "--port", "0"] + arguments, in: TemporaryDirectory()
        ) { execution in
            try await body(execution, try await execution.address())
            if execution.isRunning { execution.signal(SIGINT) }
        }
    }

    /// Asks, and is gone before the answer comes.
    private func hitAndRun(_ address: String, stopping execution: Execution) async throws {
        try await execution.stop()
        try PlainSocket().send("gone", to: address)
        execution.goOn()
    }

    @Test("-v says what went to whom, with its number")
    func verbose() async throws {
        let peer = try PlainSocket()
        let ended = try await echo("-v") { execution, address in
            for number in 1...12 {
                try peer.send("message \(number)\u{7}", to: address)
                #expect(peer.receive()?.text == "message \(number)\u{7}")
            }
        }
        #expect(ended.code == 0, "\(ended.all)")
        let me = "127.0.0.1:\(peer.port)"
        #expect(ended.errors.contains("returned the 1st message to \(me): message 1\\u{7}\n"))
        #expect(ended.errors.contains("returned the 2nd message to \(me): "))
        #expect(ended.errors.contains("returned the 12th message to \(me): message 12\\u{7}\n"))
        #expect(ended.errors.contains("received 12, returned 12, could not return 0"))
    }

    @Test("--on-reset none dies at the first reset, with 99")
    func none() async throws {
        let ended = try await echo("--on-reset", "none") { execution, address in
            try await hitAndRun(address, stopping: execution)
            #expect(try await execution.says("ended by a reset"))
        }
        #expect(ended.code == 99, "\(ended.all)")
        #expect(ended.errors.contains("that is the end"), "\(ended.all)")
    }

    @Test(
        "the other policies survive a reset and answer the next peer",
        arguments: ["once", "always", "backoff"])
    func survivors(policy: String) async throws {
        let peer = try PlainSocket()
        let ended = try await echo("--on-reset", policy, "-v") { execution, address in
            for round in 1...3 {
                try await hitAndRun(address, stopping: execution)
                let resets = try await eventually {
                    execution.errorsSoFar.split(separator: "\n")
                        .count { $0.contains("reset: 127.0.0.1:") } == round
                }
                #expect(resets, "\(execution.errorsSoFar)")
                try peer.send("alive", to: address)
                #expect(peer.receive()?.text == "alive")
            }
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors.contains("received 6, returned 6, could not return 0"), "\(ended.all)")
        #expect(ended.errors.contains("resets 3, tried again after 3"), "\(ended.all)")
    }

    @Test(
        "of two resets in a row once dies, with 99; always and backoff live",
        .enabled(if: Program.isRoot, "needs root, to forge two resets with nothing in between"),
        arguments: ["once", "always", "backoff"])
    func twoInRow(policy: String) async throws {
        let (peer, gone) = (try PlainSocket(), try BoundSocket().port)
        let ended = try await echo("--on-reset", policy, "-v") { execution, address in
            let server = try #require(SocketAddress(numeric: address))
            let closed = try #require(SocketAddress(numeric: "127.0.0.1:\(gone)"))
            func reset() throws {
                try ForgedDatagram.sendUnreachable(aboutDatagramOf: server, to: closed)
            }
            // A first row, of one, that an answer ends.
            try reset()
            #expect(try await execution.says("reset: 127.0.0.1:\(gone)"))
            try peer.send("alive", to: address)
            #expect(peer.receive()?.text == "alive")
            try reset()
            try reset()
            if policy == "once" {
                #expect(try await execution.says("ended by a reset"))
            } else {
                try peer.send("alive", to: address)
                #expect(peer.receive()?.text == "alive")
            }
        }
        #expect(ended.code == (policy == "once" ? 99 : 0), "\(ended.all)")
        let resets = ended.errors.split(separator: "\n").count {
            $0.contains("reset: 127.0.0.1:\(gone)")
        }
        #expect(resets == 3, "\(ended.all)")
        #expect(ended.errors.contains("that is the end") == (policy == "once"), "\(ended.all)")
    }

    @Test("a plain socket never hears of a reset, whatever the policy")
    func unconnected() async throws {
        let peer = try PlainSocket()
        let ended = try await echo("--on-reset", "none", "--socket", "unconnected") {
            execution, address in
            try await hitAndRun(address, stopping: execution)
            try peer.send("alive", to: address)
            #expect(peer.receive()?.text == "alive")
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors.contains("--on-reset has no effect"), "\(ended.all)")
    }

    @Test("--reply-to answers one address, whoever asks")
    func replyTo() async throws {
        let (asker, other) = (try PlainSocket(), try PlainSocket())
        let ended = try await echo("--reply-to", "127.0.0.1:\(other.port)") { _, address in
            try asker.send("hello", to: address)
            #expect(other.receive()?.text == "hello")
            #expect(asker.receive(withinMs: 0) == nil)
        }
        #expect(ended.code == 0, "\(ended.all)")
    }

    @Test(
        "H4 a source outside the allow-list gets no answer and is counted", arguments: [[], ["-v"]])
    func h4allowList(more: [String]) async throws {
        let (friend, stranger) = (try PlainSocket(), try PlainSocket(host: "127.0.0.2"))
        let ended = try await Execution.during(
            ["echo", "--port", "0", "--allow", "127.0.0.1/32"] + more, in: TemporaryDirectory()
        ) { execution in
            let address = try await execution.address()
            try stranger.send("hello", to: address)
            try friend.send("hello", to: address)
            // In order: what comes back to the friend comes after the stranger was refused.
            #expect(friend.receive()?.text == "hello")
            #expect(stranger.receive(withinMs: 0) == nil)
            execution.signal(SIGINT)
        }
        #expect(ended.errors.contains("received 2, returned 1"), "\(ended.all)")
        #expect(ended.errors.contains("no answer to 1 (not allowed 1)"), "\(ended.all)")
        #expect(ended.errors.contains("127.0.0.2:\(stranger.port): it is not in the allow-list"))
    }

    @Test("H5 two responders and one crafted datagram: one answer, then silence")
    func h5twoResponders() async throws {
        let directory = try TemporaryDirectory()
        let first = try await Execution.during(["echo", "--port", "0"], in: directory) { first in
            let address = try await first.address()
            try await first.stop()
            // A datagram from what becomes the second responder's address.
            let port = try {
                let crafted = try PlainSocket()
                try crafted.send("to and fro", to: address)
                return crafted.port
            }()
            let second = try Execution(["echo", "--port", "\(port)"], in: directory)
            _ = try await second.address()
            first.goOn()
            #expect(try await second.says("is itself the answer of a udplab"))
            second.signal(SIGINT)
            let ended = try await second.end()
            #expect(ended.errors.contains("received 1, returned 0"), "\(ended.all)")
            #expect(ended.errors.contains("no answer to 1 (an answer 1)"), "\(ended.all)")
            first.signal(SIGINT)
        }
        #expect(first.errors.contains("received 1, returned 1"), "\(first.all)")
    }

    @Test(
        "H6 a source port below 1024 gets no answer",
        .enabled(if: Program.isRoot, "needs root for a port below 1024"))
    func h6sourcePort() async throws {
        // Several, because another program may have one of them.
        let low = try #require((900..<1_000).lazy.compactMap { try? PlainSocket(port: $0) }.first)
        let peer = try PlainSocket()
        let ended = try await echo { _, address in
            try low.send("hello", to: address)
            try peer.send("hello", to: address)
            #expect(peer.receive()?.text == "hello")
            #expect(low.receive(withinMs: 0) == nil)
        }
        #expect(ended.errors.contains("received 2, returned 1"), "\(ended.all)")
        #expect(ended.errors.contains("no answer to 1 (source port 1)"), "\(ended.all)")
    }

    @Test(
        "an option that makes no sense is refused",
        arguments: [
            ["--allow", "10.0.0.1/8"], ["--allow", "nobody"], ["--on-reset", "twice"],
            ["--socket", "connected"],
        ])
    func wrong(arguments: [String]) async throws {
        let ended = try await Execution.run(
            ["echo", "--port", "0"] + arguments, in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
    }

    @Test(
        "socat asks and is answered", .enabled(if: Program.socat != nil, "socat is not installed"))
    func socat() async throws {
        let ended = try await echo { _, address in
            let directory = try TemporaryDirectory()
            try directory.write("question", "hello")
            let asked = try await Execution.run(
                ["-T1", "-", "UDP4:\(address)"], program: try #require(Program.socat),
                in: directory, redirect: "<question")
            #expect(asked.output == "hello", "\(asked.all)")
        }
        #expect(ended.errors.contains("returned 1"), "\(ended.all)")
    }
}
