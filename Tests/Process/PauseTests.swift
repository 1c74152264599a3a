import Glibc
import Harness
import JSON
import Testing

/// A machine, or one of its processes, that stands still for a while.
@Suite struct PauseTests {
    @Test("N20 a sender that is stopped and goes on skips what it missed", arguments: [1, 4])
    func n20(maxBurst: Int) async throws {
        let trial = try Trial(
            PlanText(senders: [
                PlanText.sender(
                    rate: "1kpps", length: #""duration": "120s""#,
                    keys: "\"max_burst\": \(maxBurst)")
            ]))
        let ended = try await trial.during { execution in
            let sender = try #require(
                execution.descendants.first { $0.hasThread(named: "sender") })
            kill(sender.pid, SIGSTOP)
            try await nap(.milliseconds(600))
            kill(sender.pid, SIGCONT)
            try await nap(.milliseconds(300))
            // And not after a time: the test may get its turn long after the program.
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let stream = try #require(report.streams.first)
        // 600 slots passed while it stood still, but for one at each edge, less those that a burst
        // may bring back.
        #expect(stream.integer("ledger.skipped") ?? 0 >= 598 - maxBurst)
        #expect(stream.integer("pacing.stalls.count") ?? 0 >= 1)
        #expect(stream.integer("pacing.stalls.longest_ns") ?? 0 > 500_000_000)
        let burst = stream.integer("pacing.largest_burst") ?? .max
        #expect(burst <= maxBurst)
        #expect(stream.integer("loss.count") == stream.integer("ledger.late"))
    }
}

/// The rates of a sender that this host keeps from sending.
@Suite struct StoppedFloodTests {
    @Test("T15 a flood that is stopped for most of its time has sent less, not faster")
    func t15StoppedFlood() async throws {
        var plan = PlanText(senders: [
            PlanText.sender(rate: "max", length: #""duration": "4s""#)
        ])
        plan.responder = #"{ "behaviour": "sink" }"#
        plan.tolerance = "5%"
        plan.thresholds = ["throughput.sent_pps > 1pps", "pacing.stalls.share < 5%"]
        let trial = try Trial(plan)
        let ended = try await trial.during { execution in
            let sender = try #require(
                execution.descendants.first { $0.hasThread(named: "sender") })
            kill(sender.pid, SIGSTOP)
            try await nap(.milliseconds(2_500))
            kill(sender.pid, SIGCONT)
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(report.verdict == "inconclusive")
        #expect(report.reasons.contains { $0.contains("this host stopped or descheduled") })
        let stream = try #require(report.streams.first)
        #expect(stream.integer("throughput.measured_ns") == 4_000_000_000)
        #expect(stream.number("pacing.stalls.share") ?? 0 > 0.05)
        let sent = Double(stream.integer("ledger.sent") ?? 0)
        #expect(stream.number("throughput.sent_pps") == sent / 4)
        let received = Double(stream.integer("ledger.received") ?? -1)
        #expect(stream.number("throughput.received_pps") == received / 4)
    }

    @Test("T15 a responder that is stopped for a while is the fault of this host")
    func t15StoppedResponder() async throws {
        var plan = PlanText(senders: [
            PlanText.sender(rate: "100pps", length: #""duration": "4s""#)
        ])
        plan.tolerance = "5%"
        let trial = try Trial(plan)
        let ended = try await trial.during { execution in
            let responder = try #require(
                execution.descendants.first { $0.hasThread(named: "responder") })
            kill(responder.pid, SIGSTOP)
            try await nap(.milliseconds(900))
            kill(responder.pid, SIGCONT)
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(
            report.reasons.contains {
                $0.contains("this host stopped or descheduled the responder")
            },
            "\(report.reasons)")
        #expect(report.runs.first?.number("responder.stalls.share") ?? 0 > 0.05)
    }
}
