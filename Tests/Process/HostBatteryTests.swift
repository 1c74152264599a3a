import Glibc
import Harness
import JSON
import Testing

/// Batteries whose server is started on another host, and asked from this one.
@Suite(.enabled(if: HostRig.isPossible, HostRig.reason))
struct HostBatteryTests {
    private func plan(
        _ rig: HostRig, _ responder: String, keys: String = ""
    ) -> String {
        """
        { "plan": 1, "name": "far-trials", "seed": 5, "hosts": { "b": \(rig.host()) },
          "networks": { "net": \(rig.path(of: ["b"])) }, "responders": { "far": \(responder) },
          "scenarios": [ { "name": "tried", "networks": ["net"], "responder": "far",
            "battery": "resilience"\(keys) } ] }

        """
    }

    /// A program of the user's on the far host.
    private func command(_ words: [String], readyWithin: String = "60s") -> String {
        let words = words.map(JSONText.quoted).joined(separator: ", ")
        return "{ \"command\": [\(words)], \"ready_timeout\": \"\(readyWithin)\", "
            + "\"host\": \"b\" }"
    }

    private func run(
        _ text: String, _ rig: HostRig, in directory: TemporaryDirectory
    ) async throws -> (Execution.Ended, ReportReading) {
        try directory.write("plan.json", text)
        let ended = try await Execution.run(Trial.arguments, in: directory, launcher: rig.near)
        try #require(directory.exists("report.json"), "\(ended.all)")
        if SchemaJudge.isThere {
            #expect(try await SchemaJudge.faults(in: ["report.json"], directory) == "")
        }
        return (ended, try ReportReading(directory))
    }

    private func trials(_ report: ReportReading) -> [String: JSONValue] {
        let trials = report.runs.first?.at("battery.trials")?.array ?? []
        return Dictionary(
            trials.map { ($0["id"]?.string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test("udplab's own echo on another host passes every trial that can be done there")
    func own() async throws {
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        let text = plan(
            rig, #"{ "behaviour": "echo", "host": "b" }"#,
            keys: #", "profile": "strict", "soak": "2s""#)
        let (ended, report) = try await run(text, rig, in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        let server = try #require(report.runs.first?.at("battery.server"))
        #expect(server["host"]?.string == "b")
        #expect(server["address"]?.string?.hasPrefix("\(Cable.farAddress):") == true)
        #expect(server.integer("starts") ?? 0 > 1, "it was restarted")
        let trials = trials(report)
        // What takes the processes and the sockets of the server's host.
        for id in ["restart", "first-datagram", "pause", "many-sources"] {
            #expect(trials[id]?["verdict"]?.string == "pass", "\(id): \(ended.errors)")
        }
        #expect(trials["soak"]?["saw"]?.string?.contains("memory ") == true)
        #expect(trials["soak"]?["saw"]?.string?.contains("not seen") == false)
        #expect(trials["burst"]?.at("datagrams.lost_in_server_buffer")?.integer != nil)
        // Sources are forged on this host alone.
        for id in ["port-zero", "own-source"] {
            #expect(trials[id]?["verdict"]?.string == "not_applicable", "\(id)")
            #expect(trials[id]?["saw"]?.string?.contains("on this host only") == true, "\(id)")
        }
        #expect(report.json["hosts"]?.array.first?["lost"]?.isNull == true)
    }

    @Test(
        "a program on another host is tried: a short buffer is found, and a second error that ends it",
        .enabled(if: Program.python != nil, "python3 is not installed"))
    func python() async throws {
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        try directory.write(
            "server.py",
            """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((sys.argv[1], int(sys.argv[2])))
            def step():
                data, sender = s.recvfrom(1024)
                data.decode()
                s.sendto(data, sender)
            while True:
                try: step()
                except Exception: step()
            """)
        let responder = command(
            [Program.python ?? "python3", directory.file("server.py"), "{host}", "{port}"])
        let (ended, report) = try await run(plan(rig, responder), rig, in: directory)
        #expect(ended.code == 99, "\(ended.all)")
        let reasons = report.reasons.joined(separator: "\n")
        #expect(reasons.contains("truncation begins at 1,025 bytes"), "\(reasons)")
        #expect(reasons.contains("bad-rows: "), "\(reasons)")
        #expect(reasons.contains("UnicodeDecodeError"), "\(reasons)")
        #expect(reasons.contains("put the try inside the loop"), "\(reasons)")
    }

    @Test("a server that has its port and is never reached is inconclusive, and not at fault")
    func wayIsClosed() async throws {
        let rig = try await HostRig()
        try await rig.drop(every: 1, at: rig.cable.far)
        let directory = try TemporaryDirectory()
        let responder = command(
            [Program.path, "echo", "--bind", "{host}", "--port", "{port}", "--allow", "0.0.0.0/0"],
            readyWithin: "3s")
        let (ended, report) = try await run(plan(rig, responder), rig, in: directory)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.first?.contains("udplab doctor") == true, "\(report.reasons)")
    }

    @Test("a host that is lost in the middle of a battery makes it incomplete, and fails no trial")
    func lost() async throws {
        let rig = try await HostRig()
        let directory = try TemporaryDirectory()
        try directory.write(
            "plan.json",
            plan(rig, #"{ "behaviour": "echo", "host": "b" }"#, keys: #", "profile": "strict""#))
        var others: [ProcessTable.Identity] = []
        let ended = try await Execution.during(
            Trial.arguments, in: directory, launcher: rig.near
        ) { execution in
            let isUnderWay = try await eventually(within: .seconds(60)) {
                // The launcher, the agent, its worker, and the server that this has started.
                execution.descendants.count >= 4
            }
            try #require(isUnderWay, "\(execution.errorsSoFar)")
            try await nap(.seconds(1))
            others = execution.descendants
            kill(try #require(others.first { $0.name == "udplab-agent" }).pid, SIGKILL)
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try ReportReading(directory)
        #expect(report.verdict == "incomplete", "\(report.reasons)")
        #expect(report.reasons.first?.contains("host \"b\"") == true, "\(report.reasons)")
        #expect(report.runs.first?.at("battery.score.fail") == .integer(0), "\(ended.all)")
        #expect(report.json["hosts"]?.array.first?["lost"]?.isNull == false)
        try await expectGone(others)
    }
}
