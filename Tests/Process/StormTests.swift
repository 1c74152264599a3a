import Harness
import JSON
import Testing

/// Storms from ports that change all the time, at whoever may answer.
@Suite struct StormTests {
    private static func storm(
        length: String = #""duration": "300ms""#, flows: Int = 1
    ) -> String {
        PlanText.sender(
            "strikes", rate: "200pps", length: length, keys: #""kind": "hit-and-run""#,
            #""burst": 2"#, "\"flows\": \(flows)")
    }

    @Test("T17 a storm that several threads of a sink share is counted once")
    func t17Threads() async throws {
        var plan = PlanText(senders: [Self.storm(flows: 2)])
        plan.responder = #"{ "behaviour": "sink", "threads": 4 }"#
        let (report, ended) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        let sent = try #require(stream.integer("ledger.sent"))
        #expect(stream.integer("ledger.received") == sent)
        #expect(stream.integer("loss.count") == 0)
        #expect(stream.integer("one_way_ns.count") == sent)
        #expect(stream["intervals"]?.array.isEmpty == true)
        #expect(ended.errors.contains("came to several threads of the"), "\(ended.errors)")
    }

    @Test("T17 a storm along a path has a report, of what was sent")
    func t17Path() async throws {
        let target = try BoundSocket()
        var plan = PlanText(senders: [Self.storm(length: #""count": 20"#)])
        plan.network = "{ \"kind\": \"path\", \"address\": \"127.0.0.1:\(target.port)\" }"
        plan.responder = nil
        let (report, _) = try await Trial(plan).report(0)
        let stream = try #require(report.streams.first)
        #expect(stream.integer("ledger.sent") == 20)
        #expect(stream.at("ledger.responder_received") == .null)
        #expect(target.hasReceived)
    }
}
