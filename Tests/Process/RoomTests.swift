import Harness
import JSON
import Testing

/// A plan whose responder is a room.
@Suite struct RoomTests {
    private func report(
        flows: Int, threads: Int = 1, payload: String = "64B"
    ) async throws -> JSONValue {
        var plan = PlanText(senders: [
            """
            { "name": "members", "flows": \(flows), "threads": \(threads), "rate": "20pps", \
            "payload": "\(payload)", "duration": "1s", "max_burst": 64 }
            """
        ])
        plan.responder = #"{ "behaviour": "chat" }"#
        plan.keys = [#""warm_up": "200ms""#]
        plan.timeout = "5s"
        plan.tolerance = "50%"
        let (report, _) = try await Trial(plan).report(0, places: Turnstile.places)
        let stream = report.streams[0]
        #expect(stream.integer("ledger.received") == stream.integer("ledger.sent"))
        #expect(report.runs[0]["responder"]?["behaviour"]?.string == "chat")
        return stream
    }

    @Test(
        "each member gets every message, and the room's accounts balance",
        arguments: [(1, 1, "64B"), (7, 1, "16B"), (20, 2, "1200B")])
    func everyMessage(flows: Int, threads: Int, payload: String) async throws {
        let stream = try await report(flows: flows, threads: threads, payload: payload)
        let sent = try #require(stream.integer("ledger.sent"))
        #expect(sent > 0)
        #expect(stream.integer("chat.members") == flows)
        #expect(stream.integer("chat.members_least") == flows)
        #expect(stream.integer("chat.members_most") == flows)
        #expect(stream.integer("chat.messages") == sent)
        #expect(stream.integer("chat.expected") == sent * flows)
        #expect(stream.integer("chat.fanned_out") == sent * flows)
        #expect(stream.integer("chat.delivered") == sent * flows)
        for account in ["failed", "member_overflow", "lost", "missing", "duplicates"] {
            #expect(stream.integer("chat.\(account)") == 0, "\(account)")
        }
        #expect(stream.integer("chat.complete") == flows)
        #expect(stream.integer("chat.delivered_least") == sent)
        #expect(stream.integer("chat.delivery_ns.count") == sent * flows)
        #expect(stream.integer("rejected.run_id") == 0)
    }
}
