import Glibc
import Harness
import JSON
import Testing

/// What a responder that was killed had seen of resets and of strangers is in the report, beside
/// what its successors saw.
@Suite struct KilledResponderTests {
    private static let shorts = 10

    private static func plan(port: UInt16) -> PlanText {
        var plan = PlanText(senders: [
            PlanText.sender(
                rate: "10pps", payload: "16B", length: #""duration": "120s""#,
                keys: #""max_burst": 8"#),
            // Its answers bounce. No more of them than times are kept.
            PlanText.sender(
                "storm", rate: "4pps", payload: "16B", length: #""duration": "120s""#,
                keys: #""kind": "hit-and-run""#),
        ])
        plan.responder =
            "{ \"behaviour\": \"echo\", \"address\": \"127.0.0.1:\(port)\", "
            + "\"socket\": \"unconnected_recverr\", \"on_reset\": \"always\" }"
        plan.keys = [
            #""warm_up": "200ms""#,
            // The second lives long enough for a test on a busy machine to meet it.
            #""timeline": [ { "at": "0s", "kill": "far" }, { "at": "100ms", "start": "far" }, "#
                + #"{ "at": "10s", "kill": "far" }, { "at": "10100ms", "start": "far" } ]"#,
        ]
        return plan
    }

    /// Sends datagrams that are no probes to a responder that is stopped meanwhile.
    private func disturb(_ responder: Int32, at address: String) async throws {
        try await ProcessTable.stop(responder)
        let stranger = try PlainSocket()
        for _ in 0..<Self.shorts { try stranger.send([1, 2, 3], to: address) }
        kill(responder, SIGCONT)
    }

    /// The process that answers, when it was started later than the sender and is none of those
    /// before it.
    private func successor(
        of former: Set<Int32>, in execution: Execution
    ) async throws -> Int32 {
        var found: Int32?
        let isThere = try await eventually(within: .seconds(60)) {
            let workers = execution.descendants
            let sender = workers.first { $0.hasThread(named: "sender") }
            found =
                workers.first {
                    $0.hasThread(named: "responder") && !former.contains($0.pid)
                        && $0.pid > sender?.pid ?? .max
                }?.pid
            return found != nil
        }
        try #require(isThere, "\(execution.errorsSoFar)")
        return try #require(found)
    }

    @Test("resets and rejected datagrams are the sums over all processes, with their times")
    func sums() async throws {
        let port = try BoundSocket().port
        let address = "127.0.0.1:\(port)"
        let trial = try Trial(Self.plan(port: port))
        let ended = try await trial.during { execution in
            let second = try await successor(of: [], in: execution)
            try await disturb(second, at: address)
            let third = try await successor(of: [second], in: execution)
            try await disturb(third, at: address)
            // What was sent before the stop is read before it; and some answers bounce.
            try await nap(.seconds(1))
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let run = try #require(report.runs.first)
        let responder = try #require(run["responder"])
        #expect(responder.integer("rejected.short") == 2 * Self.shorts, "\(responder)")
        #expect(responder.integer("resets.seen") ?? 0 > 1, "\(responder)")
        #expect(responder.integer("resets.ended") == 0)
        #expect(responder["resets"]?["responder_alive"] == .bool(true))
        let kills = (run["timeline"]?.array ?? []).filter { $0["event"]?.string == "kill" }
        let killedNs = try #require(kills.last?.integer("at_ns"))
        let times = (responder.at("resets.times_ns")?.array ?? []).compactMap {
            if case .integer(let value) = $0 { return value }
            return nil
        }
        #expect(times == times.sorted())
        #expect(times.contains { $0 < killedNs }, "\(times) \(killedNs)")
        #expect(times.contains { $0 > killedNs }, "\(times) \(killedNs)")
        // On a busy machine the test lasts longer, and more resets come than times are kept.
        let left = try #require(responder.integer("resets.times_left_out"))
        #expect(responder.integer("resets.retries.attempted") == times.count + left)
        // Nothing of it is in the figures of what was measured.
        #expect(report.streams.first?.integer("ledger.rejected") == 0)
        #expect(report.streams.first?.integer("ledger.echo_failed") == 0)
    }
}
