import Glibc
import Harness
import JSON
import Testing

/// Unix datagram sockets as responders and as targets, by the real program.
@Suite struct UnixTests {
    private static func abstract() -> String {
        "unix:@udplab-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    private static func plan(
        _ address: String, behaviour: String = "echo", _ senders: String...
    ) -> PlanText {
        var plan = PlanText()
        plan.responder = "{ \"behaviour\": \"\(behaviour)\", \"address\": \"\(address)\" }"
        if !senders.isEmpty { plan.senders = senders }
        plan.timeout = "2s"
        return plan
    }

    private static func expectClean(
        _ report: ReportReading, at location: SourceLocation = #_sourceLocation
    ) {
        for stream in report.streams {
            let sent = stream.integer("ledger.sent") ?? 0
            #expect(sent > 0, sourceLocation: location)
            #expect(stream.integer("ledger.received") == sent, sourceLocation: location)
            #expect(stream.integer("loss.count") == 0, sourceLocation: location)
            #expect(stream.integer("rejected.peer") == 0, sourceLocation: location)
        }
    }

    @Test("an echo at an abstract name and at a path answers every flow, after a warm-up")
    func echo() async throws {
        let directory = try TemporaryDirectory()
        for address in [Self.abstract(), "unix:\(directory.path)/echo.sock"] {
            var plan = Self.plan(
                address, PlanText.sender("a", rate: "100pps", keys: #""flows": 3"#),
                PlanText.sender("b", rate: "50pps", payload: "9000B"))
            plan.keys = [#""warm_up": "200ms""#]
            let (report, _) = try await Trial(plan).report(0)
            Self.expectClean(report)
            #expect(report.streams[0].at("addresses.remote")?.string == address)
            #expect(report.streams[0].at("features.error_queue")?.string == "off")
            #expect(report.streams[0].at("features.timestamps")?.string == "kernel")
            // The responder took its file away.
            #expect(!directory.exists("echo.sock"))
        }
    }

    @Test("a sink counts, and so does an echo at full speed, whose full queue is no loss")
    func fast() async throws {
        for (behaviour, rate) in [("sink", "100pps"), ("echo", "max"), ("sink", "max")] {
            let plan = Self.plan(
                Self.abstract(), behaviour: behaviour,
                PlanText.sender(rate: rate, length: #""duration": "300ms""#))
            let trial = try Trial(plan)
            _ = try await trial.run()
            let report = try trial.report()
            #expect(report.ledgerFaults == [])
            Self.expectClean(report)
            #expect(report.streams[0].integer("ledger.forward_lost") == 0)
        }
    }

    @Test("the file of a responder that was killed is no obstacle to the next")
    func abandoned() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/echo.sock"
        let script = """
            import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("\(path)")
            """
        _ = try await Execution.run(["-c", script], program: "python3", in: directory)
        try #require(directory.exists("echo.sock"))
        let (report, _) = try await Trial(Self.plan("unix:\(path)")).report(0)
        Self.expectClean(report)
    }

    @Test("S1 a name that another server has, or a file that is no socket, is left alone")
    func taken() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("file", "precious")
        let trial = try Trial(Self.plan("unix:\(directory.path)/file"))
        let ended = try await trial.run()
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.all.contains("EADDRINUSE"), "\(ended.all)")
        #expect(directory.exists("file"))
        let missing = try await Trial(Self.plan("unix:\(directory.path)/no/dir.sock")).run()
        #expect(missing.code == 75 && missing.all.contains("ENOENT"), "\(missing.all)")
    }

    @Test(
        "a path to nobody says which name has no server",
        arguments: ["@nobody-has-this", "/nowhere/x"])
    func nobody(name: String) async throws {
        var plan = PlanText()
        plan.responder = nil
        plan.network = "{ \"kind\": \"path\", \"address\": \"unix:\(name)\" }"
        let ended = try await Trial(plan).run()
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.all.contains("start it first"), "\(ended.all)")
    }

    @Test("N13 what does not fit the send buffer is too_big, and no loss")
    func tooBig() async throws {
        let plan = Self.plan(
            Self.abstract(),
            PlanText.sender(payload: "60000B", keys: #""send_buffer": "4KiB""#))
        let trial = try Trial(plan)
        let ended = try await trial.run()
        let report = try trial.report()
        let stream = report.streams[0]
        #expect(stream.integer("ledger.too_big") == stream.integer("ledger.scheduled"))
        #expect(stream.integer("loss.count") == 0)
        #expect(ended.all.contains("send buffer of a Unix socket"), "\(ended.all)")
    }

    @Test(
        "L5 N6 a responder that is killed and started again is refused meanwhile, and found again")
    func restarted() async throws {
        let directory = try TemporaryDirectory()
        var plan = Self.plan(
            "unix:\(directory.path)/echo.sock",
            PlanText.sender(rate: "100pps", length: #""duration": "3s""#))
        plan.keys = [
            #""timeline": [ { "at": "500ms", "kill": "far" }, { "at": "1s", "start": "far" } ]"#
        ]
        let trial = try Trial(plan)
        let ended = try await trial.run()
        let report = try trial.report()
        #expect(report.ledgerFaults == [], "\(ended.all)")
        let stream = report.streams[0]
        #expect(stream.integer("ledger.refused") ?? 0 > 0, "\(ended.all)")
        #expect(stream.integer("ledger.other_error") == 0)
        #expect(stream.integer("ledger.forward_lost") == 0)
        #expect(stream.integer("ledger.backward_lost") == 0)
        #expect(stream.integer("ledger.in_time") ?? 0 > 100)
    }

    @Test("a source with a longer name, or with none, is rejected and changes no flow")
    func strangers() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/echo.sock"
        let plan = Self.plan(
            "unix:\(path)", PlanText.sender(rate: "100pps", length: #""duration": "3s""#))
        let trial = try Trial(plan)
        let script = """
            import socket, os
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind("\(directory.path)/" + "c" * 60)
            t = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.settimeout(9); t.settimeout(9)
            for i in range(40):
                s.sendto(os.urandom(64), "\(path)"); t.sendto(os.urandom(10), "\(path)")
            """
        let ended = try await trial.during { _ in
            _ = try await Execution.run(["-c", script], program: "python3", in: directory)
        }
        let report = try trial.report()
        let rejected = report.runs[0].at("responder.rejected") ?? .null
        #expect(
            rejected.integer("run_id") == 40 && rejected.integer("short") == 40, "\(ended.all)")
        #expect(rejected.integer("peer") == 0)
        Self.expectClean(report)
    }

    @Test("a server that does not read makes the sender wait, and its queue is named")
    func fullQueue() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/lazy.sock"
        let script = """
            import socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("\(path)"); time.sleep(900)
            """
        let server = try Execution(["-c", script], program: "python3", in: directory)
        defer { server.signal(SIGKILL) }
        try #require(try await eventually(within: .seconds(20)) { directory.exists("lazy.sock") })
        var plan = PlanText(senders: [PlanText.sender(rate: "2kpps")])
        plan.responder = nil
        plan.tolerance = "5%"
        plan.network = "{ \"kind\": \"path\", \"address\": \"unix:\(path)\" }"
        let (report, ended) = try await Trial(plan).report(75)
        let stream = try #require(report.streams.first, "\(ended.all)")
        #expect(stream.integer("ledger.skipped") ?? 0 > 0)
        #expect(
            report.reasons.contains { $0.contains("the socket's queue was full") }, "\(ended.all)")
    }

    @Test(
        "what a Unix socket cannot have is a fault of the plan",
        arguments: [
            (#""dscp": "EF""#, "no IP header"), (#""socket": "unconnected""#, "connected sockets"),
            (#""source": { "ports": "40000-40001" }"#, "no IP header"),
        ])
    func refused(keys: String, says: String) async throws {
        let trial = try Trial(Self.plan("unix:@x", PlanText.sender(keys: keys)))
        let ended = try await Execution.run(["check", "plan.json"], in: trial.directory)
        #expect(ended.code == 104 && ended.all.contains(says), "\(ended.all)")
        var plan = Self.plan("unix:@x")
        plan.network = #"{ "kind": "emulated" }"#
        let other = try Trial(plan)
        let emulated = try await Execution.run(["check", "plan.json"], in: other.directory)
        #expect(emulated.code == 104 && emulated.all.contains("nothing lies between"))
    }
}
