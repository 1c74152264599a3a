import Glibc
import Harness
import JSON
import Testing

/// Plans with STAMP: udplab's own reflector, and one written from the RFCs alone at the end of a
/// path.
@Suite(.enabled(if: Program.python != nil, "python3 is not installed"))
struct StampTests {
    static let secret = "a shared secret of this test"

    /// A run against the other reflector.
    struct Run {
        let ended: Execution.Ended
        let report: ReportReading?
        /// Whether it came to its end: a busy machine makes it inconclusive, whatever was counted.
        var isWhole: Bool { report?.status == "complete" && [0, 75].contains(ended.code) }
        var stream: JSONValue? { report?.streams.first }
        func count(_ path: String) -> Int? { stream?.integer("ledger.\(path)") }
        func stamp(_ path: String) -> JSONValue? { stream?.at("stamp.\(path)") }
        var warnings: [String] {
            report?.runs.first?["warnings"]?.array.compactMap(\.string) ?? []
        }
    }

    static func keyFile(in directory: TemporaryDirectory) throws {
        chmod(try directory.write("secret.key", secret + "\n"), 0o600)
    }

    /// Runs probes along a path to the reflector.
    func run(
        reflector: [String], path: String = "", sender: String = "\"payload\": \"44B\"",
        rate: String = "\"rate\": \"max\", \"window\": 8", warmUp: String = "",
        count: Int = 100, in directory: TemporaryDirectory? = nil
    ) async throws -> Run {
        let directory = try directory ?? TemporaryDirectory()
        var result: Run?
        _ = try await Execution.during(
            [Program.root + "/Tests/Peers/Programs/stamp.py", "reflect"] + reflector,
            program: try #require(Program.python), in: directory
        ) { peer in
            #expect(try await peer.prints("127.0.0.1:"))
            let address = peer.outputSoFar.split(separator: "\n").first ?? ""
            try directory.write(
                "plan.json",
                """
                { "plan": 1, "name": "stamp",
                  "networks": { "far": { "kind": "path", "address": "\(address)",
                                         "protocol": "stamp"\(path) } },
                  "scenarios": [ { "name": "s", "networks": ["far"], "timeout": "2s",
                    "tolerance": "20%"\(warmUp),
                    "senders": [ { "name": "a", \(rate), "count": \(count), \(sender) } ] } ] }
                """)
            let ended = try await Execution.run(
                ["run", "plan.json", "--report", "report.json"], in: directory)
            result = Run(ended: ended, report: try? ReportReading(directory))
            peer.signal(SIGKILL)
        }
        let run = try #require(result)
        #expect(run.report?.ledgerFaults ?? [] == [], "\(run.ended.all)")
        return run
    }

    @Test("a stateless reflector answers, and the loss is not split")
    func stateless() async throws {
        let run = try await run(reflector: ["--drop-forward", "3", "--drop-backward", "50"])
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("received") == 98)
        #expect(run.count("lost_unsplit") == 2)
        #expect(run.count("forward_lost") == nil)
        #expect(run.stamp("stateful")?.isNull == true)
        #expect(run.stamp("far_error_ns")?.isNull == true)
    }

    @Test(
        "a stateful reflector splits the loss, the first and the last probes included",
        arguments: [
            ("3,4,50", "7,99", "", 3, 2), ("98,99", "7", "", 2, 1),
            ("0", "1,2,98,99", "", 1, 4), ("", "7,20", ", \"stateful\": true", 0, 2),
            ("", "", "", nil, nil),
        ] as [(String, String, String, Int?, Int?)])
    func stateful(
        forward: String, backward: String, path: String, forwardLost: Int?, backwardLost: Int?
    ) async throws {
        let run = try await run(
            reflector: [
                "--stateful", "--drop-forward", forward, "--drop-backward", backward,
            ], path: path)
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("forward_lost") == forwardLost, "\(run.ended.all)")
        #expect(run.count("backward_lost") == backwardLost)
        #expect(run.count("sent") == 100)
        if let forwardLost, let backwardLost {
            #expect(run.count("received") == 100 - forwardLost - backwardLost)
            #expect(run.stamp("stateful") == .bool(true))
        }
        #expect(run.stream?.integer("stamp.untold_flows") == 0)
    }

    @Test(
        "losses that the numbers cannot tell are not split, and the report says of how many flows")
    func untold() async throws {
        // The last probe is lost on the way back, and so is the one that asks for its number.
        let run = try await run(
            reflector: [
                "--stateful", "--drop-forward", "98", "--drop-backward", "99,100",
            ], path: ", \"stateful\": true")
        #expect(run.count("lost_unsplit") == 2)
        #expect(run.count("forward_lost") == nil)
        #expect(run.stream?.integer("stamp.untold_flows") == 1)
        let warnings = run.report?.runs.first?["warnings"]?.array.compactMap(\.string) ?? []
        #expect(warnings.contains { $0.contains("which way the losses of 1 flow") }, "\(warnings)")
    }

    @Test("several flows, a warm-up and padding, and the other format", arguments: ["ntp", "ptp"])
    func flows(format: String) async throws {
        let run = try await run(
            reflector: ["--stateful", "--drop-forward", "5", "--ptp", "--error-ns", "1000000"],
            path: ", \"format\": \"\(format)\"",
            sender: "\"payload\": \"300B\", \"flows\": 3, \"threads\": 2")
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("sent") == 300)
        #expect(run.count("forward_lost") == 3)
        #expect(run.count("backward_lost") == 0)
        let farErrorNs = run.stream?.integer("stamp.far_error_ns") ?? 0
        #expect((1_000_000...1_010_000).contains(farErrorNs))
    }

    @Test("--key: authenticated mode with anybody's reflector")
    func authenticated() async throws {
        let directory = try TemporaryDirectory()
        try Self.keyFile(in: directory)
        let run = try await run(
            reflector: ["--key", Self.secret, "--stateful", "--drop-forward", "5"],
            path: ", \"key_file\": \"secret.key\"", sender: "\"payload\": \"200B\"",
            in: directory)
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("received") == 99)
        #expect(run.count("forward_lost") == 1)
        let report = String(decoding: try directory.read("report.json"), as: UTF8.self)
        #expect(!report.contains(Self.secret) && !run.ended.all.contains(Self.secret))
    }

    @Test("another key is named as what may be wrong")
    func otherKey() async throws {
        let directory = try TemporaryDirectory()
        try Self.keyFile(in: directory)
        let run = try await run(
            reflector: ["--key", "another"], path: ", \"key_file\": \"secret.key\"",
            sender: "\"payload\": \"112B\"", count: 5, in: directory)
        #expect(run.ended.code == 99, "\(run.ended.all)")
        #expect(run.count("received") == 0)
        let warnings = run.report?.runs.first?["warnings"]?.array.compactMap(\.string) ?? []
        #expect(
            warnings.contains { $0.contains("a reflector with another key") }, "\(warnings)")
    }

    @Test("a key that others can read starts no run")
    func readableKey() async throws {
        let directory = try TemporaryDirectory()
        try Self.keyFile(in: directory)
        chmod(directory.file("secret.key"), 0o644)
        let run = try await run(
            reflector: ["--key", Self.secret], path: ", \"key_file\": \"secret.key\"",
            sender: "\"payload\": \"112B\"", in: directory)
        #expect(run.ended.code == 75, "\(run.ended.all)")
        #expect(run.ended.errors.contains("others have rights to it"), "\(run.ended.all)")
        #expect(!run.ended.all.contains(Self.secret))
    }

    @Test(
        "T13 a copy with any one bit flipped is rejected before each good answer",
        arguments: [false, true])
    func t13everyBit(isAuthenticated: Bool) async throws {
        let directory = try TemporaryDirectory()
        try Self.keyFile(in: directory)
        let count = isAuthenticated ? 8 * 112 : 8 * 14
        let run = try await run(
            reflector: ["--flip"] + (isAuthenticated ? ["--key", Self.secret] : []),
            path: isAuthenticated ? ", \"key_file\": \"secret.key\"" : "",
            sender: "\"payload\": \"\(isAuthenticated ? 112 : 44)B\"", count: count, in: directory)
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("received") == count)
        #expect(run.stream?.integer("duplication.count") == 0)
        #expect(run.stream?.integer("reordering.count") == 0)
        let reasons = ["run_id", "corrupt", "from_future", "beyond_window"]
        let rejected = reasons.map { run.stream?.integer("rejected.\($0)") ?? 0 }
        #expect(rejected.reduce(0, +) == count, "\(rejected)")
        if isAuthenticated { #expect(rejected[1] == count, "\(rejected)") }
        #expect(run.stream?.integer("stamp.absurd") == 0)
    }

    @Test("a clock that is an hour off is in no delay")
    func otherClock() async throws {
        let run = try await run(reflector: ["--shift-ns", "-3600000000000"])
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("received") == 100)
        #expect(
            run.stamp("absence") == .string("imprecise")
                || run.stream?.at("one_way_clock.error_ns") != nil)
        // Never the hour.
        for way in ["forward", "backward"] {
            #expect(abs(run.stream?.integer("\(way).one_way_ns.p50") ?? 0) < 1_000_000_000)
        }
    }

    @Test("udplab's own reflector, with and without a key", arguments: [false, true])
    func own(isAuthenticated: Bool) async throws {
        let directory = try TemporaryDirectory()
        try Self.keyFile(in: directory)
        let key =
            ", \"extensions\": [\"class-of-service\", \"direct-measurement\"]"
            + (isAuthenticated ? ", \"key_file\": \"secret.key\"" : "")
        try directory.write(
            "plan.json",
            """
            { "plan": 1, "name": "stamp", "networks": { "here": { "kind": "loopback" } },
              "responders": { "far": { "behaviour": "stamp", "threads": 2\(key) } },
              "scenarios": [ { "name": "s", "networks": ["here"], "responder": "far",
                "warm_up": "100ms", "timeout": "2s", "tolerance": "20%",
                "senders": [ { "name": "a", "flows": 4, "rate": "200pps", "payload": "200B",
                               "threads": 2, "count": 100 } ] } ] }
            """)
        let ended = try await Execution.run(
            ["run", "plan.json", "--report", "report.json"], in: directory)
        #expect([0, 75].contains(ended.code), "\(ended.all)")
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.received") == stream.integer("ledger.sent"))
        #expect(stream.integer("ledger.echoed") == stream.integer("ledger.sent"))
        #expect(stream.at("one_way_clock.error_source") == .string("one host"))
        #expect((stream.integer("forward.one_way_ns.min") ?? -1) >= 0)
        #expect((stream.integer("backward.one_way_ns.min") ?? -1) >= 0)
        #expect(report.runs.first?.at("responder.behaviour") == .string("stamp"))
        #expect(
            stream.integer("stamp.extensions.told") == stream.integer("ledger.received"))
        #expect(
            stream.integer("forward.marks.count") == stream.integer("ledger.responder_received"))
    }
}
