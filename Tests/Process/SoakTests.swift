import Glibc
import Harness
import JSON
import Testing

/// Long runs, shortened, and runs of many flows: what they keep, and what they leave behind.
@Suite struct SoakTests {
    private static let soak = [
        "run", "\(Program.root)/Scenarios/soak.json", "--report", "report.json",
    ]

    @Test("a part of the soak passes, with its course and the shares of its flows")
    func part() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await Execution.run(
            Self.soak + ["--set", "scenarios.day.senders.calls.duration=3s"], in: directory,
            places: Turnstile.places / 2)
        #expect([0, 75].contains(ended.code), "\(ended.all)")
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        #expect(stream.at("fairness.index") != nil)
        #expect(stream.integer("fairness.worst_received") ?? 0 > 0)
        #expect(stream.at("latency_course_ns.kind")?.string != nil)
        #expect(!directory.exists("report.partial.json"))
    }

    @Test("a run whose runner is killed leaves its last report so far, which is never green")
    func killed() async throws {
        let directory = try TemporaryDirectory()
        let execution = try Execution(
            Self.soak + ["--save-every", "1s"], in: directory)
        let isSaved = try await eventually(within: .seconds(60)) {
            directory.exists("report.partial.json")
        }
        #expect(isSaved, "\(execution.errorsSoFar)")
        let workers = execution.descendants
        execution.signal(SIGKILL)
        _ = try await execution.end()
        try await expectGone(workers)
        #expect(!directory.exists("report.json"))
        let report = try ReportReading(directory, "report.partial.json")
        #expect(report.status == "partial")
        #expect(report.verdict == "incomplete")
        #expect(report.runs.first?.at("verdict") == .string("incomplete"))
        let part = report.runs.first?.at("so_far")?.array.first
        #expect(part?["sender"] == .string("calls"))
        #expect(part?["sent"] != nil && part?["sent"] != .integer(0))
        let shown = try await Execution.run(["report", "report.partial.json"], in: directory)
        #expect(shown.all.contains("incomplete"), "\(shown.all)")
        // The next run does not replace it unasked.
        let next = try await Execution.run(Self.soak, in: directory)
        #expect(next.code == 64, "\(next.all)")
        #expect(next.errors.contains("report.partial.json"), "\(next.all)")
    }

    @Test("a stopped run writes its report and leaves no other")
    func stopped() async throws {
        let directory = try TemporaryDirectory()
        let execution = try Execution(Self.soak + ["--save-every", "1s"], in: directory)
        _ = try await eventually(within: .seconds(60)) {
            directory.exists("report.partial.json")
        }
        execution.signal(SIGINT)
        let ended = try await execution.end()
        #expect(ended.code == 105, "\(ended.all)")
        #expect(directory.exists("report.json"))
        #expect(!directory.exists("report.partial.json"))
    }

    /// Of the sizes that `Performance.md` tells, with room for another allocator and debug code.
    @Test("2,000 flows take no more memory than a worker and 6 KiB each")
    func memory() async throws {
        let trial = try Self.many()
        let ended = try await Execution.run(
            Trial.arguments, in: trial.directory, places: Turnstile.places / 2)
        #expect([0, 75].contains(ended.code), "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let sizes = report.workers.compactMap { $0.integer("max_rss_bytes") }
        #expect(sizes.count == 2)
        let idle = try await idleBytes()
        for bytes in sizes { #expect(bytes - idle < 2_000 * 6_144, "\(bytes) over \(idle)") }
    }

    @Test("L18 a worker that the kernel kills for its memory is named with the signal")
    func l18() async throws {
        let trial = try Self.many(duration: "120s")
        let ended = try await trial.during { execution in
            // The signal of the kernel that is short of memory, which gives no other sign.
            let sender = try #require(execution.descendants.first { $0.hasThread(named: "sender") })
            kill(sender.pid, SIGKILL)
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.first?.contains("SIGKILL") == true)
        #expect(report.ledgerFaults == [])
    }

    private static func many(duration: String = "3s") throws -> Trial {
        var plan = PlanText(senders: [
            #"{ "name": "many", "flows": 2000, "rate": "2pps", "payload": "64B", "#
                + #""duration": "\#(duration)" }"#
        ])
        plan.thresholds = []
        return try Trial(plan)
    }

    /// The memory of the larger worker of a run of one flow.
    private func idleBytes() async throws -> Int {
        let trial = try Trial(PlanText())
        _ = try await trial.run()
        return try #require(
            trial.report().workers.compactMap { $0.integer("max_rss_bytes") }.max())
    }
}
