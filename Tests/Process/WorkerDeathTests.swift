import Glibc
import Harness
import JSON
import Testing

/// Rows L5 and L8: a worker that dies in mid-run takes neither the runner nor the other workers'
/// figures with it.
@Suite struct WorkerDeathTests {
    private static func trial() throws -> Trial {
        var plan = PlanText(
            senders: ["first", "second"].map {
                PlanText.sender($0, length: #""duration": "120s""#)
            })
        // No gate is judged on what broke off.
        plan.thresholds = ["rtt.p50 < 1ns"]
        return try Trial(plan)
    }

    private func worker(
        _ thread: String, of execution: Execution
    ) throws -> ProcessTable.Identity {
        try #require(execution.descendants.first { $0.hasThread(named: thread) })
    }

    @Test("L5 a sender that is killed is reported with its signal, and the other's figures stay")
    func l5Killed() async throws {
        let trial = try Self.trial()
        let ended = try await trial.during { kill(try worker("sender", of: $0).pid, SIGKILL) }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.first?.contains("SIGKILL") == true)
        #expect(report.workers.compactMap { $0.integer("exit.signal") } == [Int(SIGKILL)])
        #expect(report.streams.count == 1)
        #expect(report.ledgerFaults == [])
        #expect(report.runs[0]["timeline"]?.array.first?["event"] == .string("worker_failed"))
        #expect(ended.errors.contains("SIGKILL"))
    }

    @Test("L5 a sender that crashes is a fault of udplab's own")
    func l5Crashed() async throws {
        let trial = try Self.trial()
        let ended = try await trial.during { kill(try worker("sender", of: $0).pid, SIGSEGV) }
        #expect(ended.code == 70, "\(ended.all)")
        let report = try trial.report()
        #expect(report.workers.compactMap { $0.integer("exit.signal") } == [Int(SIGSEGV)])
        #expect(report.reasons.first?.contains("SIGSEGV") == true)
    }

    @Test("L5 a responder that is killed ends the run at once, with what the senders have")
    func l5Responder() async throws {
        let trial = try Self.trial()
        let ended = try await trial.during { kill(try worker("responder", of: $0).pid, SIGKILL) }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.first?.contains("responder") == true)
        #expect(report.streams.count == 2)
        #expect(report.ledgerFaults == [])
        #expect(report.streams.allSatisfy { $0.at("ledger.responder_received")?.isNull == true })
    }

    @Test("L5 a sink that is killed leaves a ledger that says what cannot be known")
    func l5Sink() async throws {
        var plan = PlanText(senders: [PlanText.endless])
        plan.responder = #"{ "behaviour": "sink" }"#
        let trial = try Trial(plan)
        let ended = try await trial.during { kill(try worker("responder", of: $0).pid, SIGKILL) }
        #expect(ended.code == 75, "\(ended.all)")
        #expect(try trial.report().ledgerFaults == [])
    }

    @Test("L6 a worker that hangs does not hold a stopped run")
    func l6() async throws {
        let trial = try Self.trial()
        var hung: [ProcessTable.Identity] = []
        let ended = try await trial.during { execution in
            let sender = try worker("sender", of: execution)
            kill(sender.pid, SIGSTOP)
            hung = [sender]
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.streams.count == 1)
        #expect(report.reasons.contains { $0.contains("no result") })
        try await expectGone(hung)
    }

    @Test("L8 a runner whose workers are all gone writes its report and does not die of a pipe")
    func l8() async throws {
        let trial = try Self.trial()
        let ended = try await trial.during { execution in
            for worker in execution.descendants { kill(worker.pid, SIGKILL) }
        }
        #expect(ended.code == 75, "\(ended.all)")
        #expect(try trial.report().status == "partial")
    }
}
