import Glibc
import Harness
import JSON
import Testing

/// `udplab relay` as a person or a script uses it.
@Suite struct RelayVerbTests {
    private func summary(_ ended: Execution.Ended) throws -> JSONValue {
        try JSONValue.parse(Array(ended.output.utf8), limits: .report)
    }

    private func account(_ name: String, _ direction: String, _ json: JSONValue) -> Int? {
        json["result"]?[direction]?["accounts"]?[name]?.integer
    }

    @Test("the summary says what the client has seen, and Ctrl-C ends the relay with 0")
    func summary() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await RelayTrial.during(
            [
                "--forward-loss", "periodic:every=10,offset=3", "--backward-loss",
                "list:datagrams=0,5", "--delay", "2ms", "--seed", "3", "--json",
            ], in: directory
        ) { trial in
            let answers = try UDPClient(port: trial.port).exchange(100)
            let expected = (0..<100).filter { $0 % 10 != 3 }
            let back = expected.enumerated().filter { ![0, 5].contains($0.offset) }.map(\.element)
            #expect(answers == back.map(String.init))
        }
        #expect(ended.code == 0, "\(ended.all)")
        let json = try summary(ended)
        #expect(account("received", "forward", json) == 100)
        #expect(account("lost", "forward", json) == 10)
        #expect(account("forwarded", "forward", json) == 90)
        #expect(account("received", "backward", json) == 90)
        #expect(account("lost", "backward", json) == 2)
        #expect(json["seed"]?.integer == 3)
        #expect(json["result"]?["forward"]?["delay_ns"]?["min"]?.integer == 2_000_000)
        #expect(json["result"]?["own_delay_ns"]?["count"]?.integer == 178)
        #expect(ended.errors.contains("forward   received 100, forwarded 90, lost 10"))
    }

    @Test("SIGTERM ends it as Ctrl-C does, and --duration by itself", arguments: [SIGTERM, nil])
    func ends(signal: Int32?) async throws {
        let more = signal == nil ? ["--duration", "300ms"] : []
        let ended = try await RelayTrial.during(more, in: TemporaryDirectory(), signal: signal)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output == "")
    }

    @Test("the log has a header and a row per datagram")
    func log() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await RelayTrial.during(
            ["--loss", "list:datagrams=1,100", "--log", "log.csv"], in: directory
        ) { trial in
            _ = try UDPClient(port: trial.port).exchange(5)
        }
        #expect(ended.code == 0, "\(ended.all)")
        let rows = String(decoding: try directory.read("log.csv"), as: UTF8.self)
            .split(separator: "\n").map { $0.split(separator: ",") }
        #expect(
            rows[0].joined(separator: ",") == "time_ns,direction,flow,n,bytes,decision,delay_ns")
        let there = rows.filter { $0[1] == "forward" }.map { $0[2...5].joined(separator: ",") }
        #expect(
            there == [
                "0,0,1,forwarded", "0,1,1,lost", "0,2,1,forwarded", "0,3,1,forwarded",
                "0,4,1,forwarded",
            ])
        #expect(rows.count { $0[1] == "backward" } == 4)
    }

    @Test("SIGHUP reads the file again; a wrong one changes nothing and is named")
    func hangUp() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("net.json", #"{ "seed": 9, "forward": { "loss": "100%" } }"#)
        let ended = try await RelayTrial.during(
            ["--file", "net.json", "--json"], in: directory
        ) { trial in
            let client = try UDPClient(port: trial.port)
            #expect(client.exchange(5, quietMs: 200) == [])
            try directory.write("net.json", #"{ "loss": "0%" }"#)
            trial.relay.signal(SIGHUP)
            #expect(try await eventually { trial.relay.errorsSoFar.contains("again") })
            // What the data thread has taken over it does within its next look.
            try await nap(.milliseconds(200))
            #expect(client.exchange(5).count == 5)
            try directory.write("net.json", #"{ "losss": "100%" }"#)
            trial.relay.signal(SIGHUP)
            #expect(try await eventually { trial.relay.errorsSoFar.contains("stays\n") })
            try await nap(.milliseconds(200))
            #expect(client.exchange(5).count == 5)
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors.contains("net.json:1:3: $.losss"), "\(ended.errors)")
        #expect(ended.errors.contains("did you mean \"loss\""))
        let json = try summary(ended)
        #expect(account("lost", "forward", json) == 5)
        #expect(account("forwarded", "forward", json) == 10)
        #expect(json["seed"]?.integer == 9)
    }

    @Test("a port in use, a target outside this host and a loop are refused with the reason")
    func refusals() async throws {
        let taken = try BoundSocket()
        let here = "127.0.0.1:\(taken.port)"
        let directory = try TemporaryDirectory()
        try directory.write("mine", "{}")
        for (words, code, sentence) in [
            (["--listen", here, "--to", "127.0.0.1:9"], 75, "EADDRINUSE"),
            (["--to", "192.0.2.1:9"], 75, "--consent"),
            (["--to", "127.0.0.1:9", "--log", "no/where.csv"], 64, "--log FILE"),
            (["--to", "127.0.0.1:9", "--log", "mine"], 64, "--force"),
            (
                ["--to", "127.0.0.1:9", "--file", "mine", "--log", "./mine", "--force"], 64,
                "the file mine"
            ),
        ] as [([String], Int32, String)] {
            let ended = try await Execution.run(["relay"] + words, in: directory)
            #expect(ended.code == code, "\(ended.all)")
            #expect(ended.errors.contains(sentence), "\(ended.errors)")
        }
    }

    @Test("a relay to itself is refused")
    func loop() async throws {
        let port: UInt16
        do { port = try BoundSocket().port }
        let here = "127.0.0.1:\(port)"
        let ended = try await Execution.run(
            ["relay", "--listen", here, "--to", here], in: TemporaryDirectory())
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("listens itself"), "\(ended.errors)")
    }

    @Test("a relay of udplab as the target is refused, unless --chain says that it is meant")
    func chain() async throws {
        let directory = try TemporaryDirectory()
        _ = try await RelayTrial.during([], in: directory) { trial in
            let there = ["relay", "--to", "127.0.0.1:\(trial.port)"]
            let refused = try await Execution.run(there + ["--duration", "1s"], in: directory)
            #expect(refused.code == 75, "\(refused.all)")
            #expect(refused.errors.contains("--chain"), "\(refused.errors)")
            let told = try await Execution.run(
                there + ["--chain", "--duration", "1ms"], in: directory)
            #expect(told.code == 0, "\(told.all)")
        }
    }

    @Test(
        "what the command line gets wrong is usage, with what is legal",
        arguments: [
            ["--to", "239.1.1.1:7"], ["--to", "255.255.255.255:7"], ["--to", "0.0.0.0:7"],
            ["--to", "127.0.0.1:9", "--loss", "1"], ["--to", "127.0.0.1:9", "--delay", "20"],
            ["--to", "127.0.0.1:9", "--loss", "1%", "--loss", "2%"],
            ["--to", "127.0.0.1:9", "--forward-loss", "gilbert:p=1%"],
            ["--to", "127.0.0.1:9", "--listen", "here"], ["--to", "127.0.0.1:9", "--clients", "0"],
            ["--to", "127.0.0.1:9", "--duration", "5"], ["--loss", "1%"],
        ])
    func usage(words: [String]) async throws {
        let ended = try await Execution.run(["relay"] + words, in: TemporaryDirectory())
        #expect(ended.code == 64, "\(ended.all)")
        #expect(ended.output == "")
    }

    @Test("a file that is wrong at the start is a plan error with its position")
    func wrongFile() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("net.json", #"{ "delay": 20 }"#)
        for file in ["net.json", "missing.json"] {
            let ended = try await Execution.run(
                ["relay", "--to", "127.0.0.1:9", "--file", file], in: directory)
            #expect(ended.code == 104, "\(ended.all)")
            #expect(ended.errors.contains("\(file):"), "\(ended.errors)")
        }
    }

    @Test("H8 a flood from 100,000 source addresses: memory flat, the evicted counted")
    func h8Flood() async throws {
        var others = 0
        // What a relay on a busy host has not read yet is in none of its counts: a datagram that is
        // answered was read after all before it.
        func catchUp(_ trial: RelayTrial) throws {
            for _ in 0..<100 {
                others += 1
                let client = try UDPClient(port: trial.port)
                if !client.exchange(1, quietMs: 2_000).isEmpty { return }
            }
            Issue.record("the relay answers nobody any more")
        }
        let ended = try await RelayTrial.during(
            ["--clients", "256", "--delay", "5ms", "--json"], in: TemporaryDirectory()
        ) { trial in
            try UDPClient.flood(to: trial.port, sources: 0..<10_000)
            try catchUp(trial)
            let early = try ProcessTable.residentKiB(trial.relay.pid)
            try UDPClient.flood(to: trial.port, sources: 10_000..<100_000)
            try catchUp(trial)
            let late = try ProcessTable.residentKiB(trial.relay.pid)
            // Ten times the clients; what may still grow is a stack or a page table.
            #expect(late - early < 4_096, "\(early) KiB, then \(late) KiB")
        }
        #expect(ended.code == 0, "\(ended.all)")
        let json = try summary(ended)
        let flows = json["result"]?["flows"]?.integer ?? 0
        let evicted = json["result"]?["flows_evicted"]?.integer ?? 0
        let received = account("received", "forward", json) ?? 0
        let drops = json["result"]?["forward"]?["drops"]?.integer ?? 0
        #expect(received + drops == 100_000 + others)
        // Every source is a client of its own, but for what came too late to become one.
        let held = account("held_at_stop", "forward", json) ?? 0
        #expect(flows <= received && flows + held >= received)
        #expect(evicted == flows - 256)
    }

    @Test("a refuse window is a closed port for those who send meanwhile")
    func refuseWindow() async throws {
        let ended = try await RelayTrial.during(
            ["--refuse", "from=0s,until=168h", "--json"], in: TemporaryDirectory()
        ) { trial in
            let client = try UDPClient(port: trial.port)
            #expect(client.exchange(10, quietMs: 200) == [])
            #expect(client.isRefused)
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(account("received", "forward", try summary(ended)) == 0)
    }
}

extension JSONValue {
    fileprivate var integer: Int? {
        if case .integer(let value) = self { return value }
        return nil
    }
}
