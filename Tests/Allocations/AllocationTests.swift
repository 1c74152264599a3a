import Glibc
import Harness
import JSON
import Testing

/// The shipped program, with a counter between it and the allocator: its data threads ask for
/// nothing and give nothing back while datagrams flow.
@Suite(.serialized) struct AllocationTests {
    /// A data thread's line: its name, the bytes that it sent and received while it was watched,
    /// and its calls of the allocator.
    struct Line: CustomStringConvertible {
        let thread: String
        let octets: Int
        let calls: Int

        init?(_ text: some StringProtocol) {
            let words = text.split(separator: " ")
            guard words.count == 3, let octets = Int(words[1]), let calls = Int(words[2]) else {
                return nil
            }
            thread = String(words[0])
            self.octets = octets
            self.calls = calls
        }

        var description: String { "\(thread): \(octets) octets, \(calls) calls" }
    }

    struct Load: CustomTestStringConvertible, Sendable {
        var behaviour: String
        var rate: String
        var offload: String
        var extensions: [String] = []
        var testDescription: String {
            "\(behaviour) at \(rate), offload \(offload), asking \(extensions)"
        }
        /// The responder of a plan.
        var responder: String {
            let names = extensions.map { "\"\($0)\"" }.joined(separator: ", ")
            let asking = extensions.isEmpty ? "" : ", \"extensions\": [\(names)]"
            return "{ \"behaviour\": \"\(behaviour)\"\(asking) }"
        }
    }

    static let payloadBytes = 64
    static let warmUpDatagrams = 10_000
    static let datagrams = 1_000_000

    static let loads =
        ["echo", "sink"].flatMap { behaviour in
            ["max", "200kpps"].flatMap { rate in
                ["off", "on"].map { Load(behaviour: behaviour, rate: rate, offload: $0) }
            }
        }
        + [[], ["direct-measurement"], ["timestamp-information", "class-of-service"]].map {
            Load(behaviour: "stamp", rate: "max", offload: "off", extensions: $0)
        }

    /// The calls in which the runtime makes the metadata of a few generic types at their first use, 4
    /// to 8 for each (seen on the path of a responder whose buffer overflows for the first time). A
    /// loop that asks for memory asks for each of its datagrams, or batches, of which there are
    /// 15,000 at least.
    private static let metadataCalls = 32

    /// Without optimisation Swift boxes what it would else keep in registers, and a debug program
    /// proves nothing. `./lab test` names the release program.
    static let isReleased = getenv("UDPLAB_PROGRAM") != nil

    @Test(
        "no call of the allocator in 10^6 datagrams",
        .enabled(if: isReleased, "needs the release program in UDPLAB_PROGRAM: see ./lab test"),
        arguments: loads)
    func none(load: Load) async throws {
        let directory = try TemporaryDirectory()
        try await buildCounter(in: directory)
        let count = Self.datagrams + 2 * Self.warmUpDatagrams
        let sender = PlanText.sender(
            rate: load.rate, payload: "\(Self.payloadBytes)B", length: "\"count\": \(count)",
            keys: "\"offload\": { \"gso\": \"\(load.offload)\", \"gro\": \"\(load.offload)\" }")
        var plan = PlanText(senders: [sender])
        plan.responder = load.responder
        try directory.write("plan.json", plan.text)
        let ended = try await Execution.run(
            ["run", "plan.json", "--report", "report.json"], in: directory,
            environment: [
                "LD_PRELOAD": directory.file("counter.so"),
                "ALLOCATION_COUNTS": directory.file("counts"),
                "ALLOCATION_WARM_UP": "\(Self.warmUpDatagrams * Self.payloadBytes)",
            ])
        #expect(ended.code == 0, "\(ended.all)")
        let lines = try counts(directory)
        #expect(Set(lines.map(\.thread)) == ["sender", "responder"], "\(lines)")
        #expect(lines.count == 2, "\(lines)")
        for line in lines {
            #expect(line.calls <= Self.metadataCalls, "\(line)\n\(ended.errors)")
        }
        let sent = lines.first { $0.thread == "sender" }?.octets ?? 0
        // At a rate that a busy machine cannot hold fewer leave; the loop is the same.
        if load.rate == "max" { #expect(sent >= Self.datagrams * Self.payloadBytes, "\(lines)") }
        #expect(lines.allSatisfy { $0.octets > 100_000 * Self.payloadBytes }, "\(lines)")
    }

    @Test(
        "no call of the allocator while requests are made and their answers are told",
        .enabled(if: isReleased, "needs the release program in UDPLAB_PROGRAM: see ./lab test"),
        arguments: [
            #"{ "text": "{seq} {random:8} {run:hex8} {time:ms} {seq:be32}" }"#,
            #"[ { "hex": "{seq:be32} 00" }, { "text": "b{seq}." } ]"#,
        ])
    func requests(request: String) async throws {
        let directory = try TemporaryDirectory()
        try await buildCounter(in: directory)
        let count = Self.datagrams / 4
        var plan = PlanText(senders: [
            "{ \"name\": \"c\", \"rate\": \"max\", \"count\": \(count), \"request\": \(request) }"
        ])
        plan.responder = PlanText.command([
            Program.path, "echo", "--bind", "{host}", "--port", "{port}",
        ])
        try directory.write("plan.json", plan.text)
        let ended = try await Execution.run(
            ["run", "plan.json", "--report", "report.json"], in: directory,
            environment: [
                "LD_PRELOAD": directory.file("counter.so"),
                "ALLOCATION_COUNTS": directory.file("counts"),
                "ALLOCATION_WARM_UP": "\(Self.warmUpDatagrams)",
            ])
        #expect(ended.code == 0, "\(ended.all)")
        let lines = try counts(directory).filter { $0.thread == "sender" }
        #expect(lines.count == 1, "\(lines)")
        for line in lines {
            #expect(line.calls <= Self.metadataCalls, "\(line)\n\(ended.errors)")
            #expect(line.octets > 100_000, "\(line)")
        }
        let report = try ReportReading(directory)
        #expect(report.streams.first?.integer("ledger.wrong_answer") == 0)
    }

    @Test(
        "no call of the allocator while a relay hands on and holds",
        .enabled(if: isReleased, "needs the release program in UDPLAB_PROGRAM: see ./lab test"),
        arguments: [
            ["--loss", "1%"],
            [
                "--loss", "gilbert-elliott:p=1%,r=30%", "--delay", "normal:mean=2ms,deviation=1ms",
                "--reorder", "probability=1%,depth=3", "--duplicate", "1%", "--corrupt", "1%",
                "--rate", "1Gbit",
            ],
        ])
    func relay(flags: [String]) async throws {
        let directory = try TemporaryDirectory()
        try await buildCounter(in: directory)
        let ended = try await RelayTrial.during(
            flags + ["--json"], in: directory,
            environment: [
                "LD_PRELOAD": directory.file("counter.so"),
                "ALLOCATION_COUNTS": directory.file("counts"),
                "ALLOCATION_WARM_UP": "\(Self.warmUpDatagrams * Self.payloadBytes)",
            ]
        ) { trial in
            try UDPClient(port: trial.port).pour(Self.datagrams / 2, bytes: Self.payloadBytes)
        }
        #expect(ended.code == 0, "\(ended.all)")
        let lines = try counts(directory)
        #expect(lines.map(\.thread) == ["relay"], "\(lines)")
        for line in lines {
            #expect(line.calls == 0, "\(line)\n\(ended.errors)")
            #expect(line.octets > 50_000 * Self.payloadBytes, "\(line)")
        }
    }

    @Test("the counter counts: a thread that allocates is found out")
    func counterCounts() async throws {
        let directory = try TemporaryDirectory()
        try await buildCounter(in: directory)
        let source = "\(Program.root)/Tests/Allocations/wasteful.c"
        let built = try await Execution.run(
            ["-o", directory.file("wasteful"), source], program: "clang", in: directory)
        try #require(built.code == 0, "\(built.all)")
        let ended = try await Execution.run(
            [], program: directory.file("wasteful"), in: directory,
            environment: [
                "LD_PRELOAD": directory.file("counter.so"),
                "ALLOCATION_COUNTS": directory.file("counts"), "ALLOCATION_WARM_UP": "100",
            ])
        #expect(ended.code == 0, "\(ended.all)")
        let lines = try counts(directory)
        // Of 100 datagrams of 10 bytes eleven are the warm-up, and each costs two calls.
        #expect(lines.map(\.calls) == [2 * 89], "\(lines)")
        #expect(lines.map(\.octets) == [10 * 89], "\(lines)")
    }

    /// The compiler comes with Swift, so it is there where this test was built.
    private func buildCounter(in directory: TemporaryDirectory) async throws {
        let source = "\(Program.root)/Tests/Allocations/counter.c"
        let built = try await Execution.run(
            ["-shared", "-fPIC", "-O2", "-o", directory.file("counter.so"), source],
            program: "clang", in: directory)
        try #require(built.code == 0, "clang, which is a part of Swift, failed: \(built.all)")
    }

    private func counts(_ directory: TemporaryDirectory) throws -> [Line] {
        String(decoding: try directory.read("counts"), as: UTF8.self)
            .split(separator: "\n").compactMap { Line($0) }
    }
}
