import JSON
import Testing

@testable import Metrics
@testable import Reports

/// Loads that differ in what neither the rate nor the size shows.
extension ReportComparisonTests {
    /// Returns two reports whose plans have these senders and responders beside what is equal.
    private static func asking(
        _ senders: (String, String), _ responders: (String, String) = ("", "")
    ) throws -> [ComparedReport] {
        try zip(["a.json", "b.json"], [(senders.0, responders.0), (senders.1, responders.1)]).map {
            path, keys in
            let plan = """
                { "responders": { "it": { "behaviour": "echo"\(keys.1) } },
                  "scenarios": [ { "name": "voice", "responder": "it",
                    "senders": [ { "name": "calls"\(keys.0) } ] } ] }
                """
            return try report(path, lost: [0, 0, 0]) {
                $0.plan.effective = try? JSONValue.parse(Array(plan.utf8), limits: .report)
            }
        }
    }

    @Test(
        "another load that no figure shows is refused by its key",
        arguments: [
            (#", "request": "dns""#, #", "request": "ntp""#, "request"),
            ("", #", "kind": "hit-and-run""#, "kind"),
            (#", "schedule": "poisson""#, "", "schedule"),
            (#", "payload": { "uniform": ["1B", "9B"] }"#, #", "payload": "imix""#, "payload"),
            (#", "stages": [ { "rate": "1pps" } ]"#, #", "stages": []"#, "stages"),
        ])
    func anotherWordOfTheLoadIsRefused(a: String, b: String, key: String) throws {
        let reports = try Self.asking((a, b))
        let error = #expect(throws: ComparisonError.self) { try document(reports) }
        #expect(
            error.map { "\($0)".contains("voice on clean, calls: another \"\(key)\" in") } == true)
        let notices = try document(reports, allows: true).notices
        #expect(notices.contains { $0.contains("another \"\(key)\"") })
    }

    @Test("answers that are held for another time are another load")
    func anotherAnswerIsRefused() throws {
        let reports = try Self.asking(("", ""), ("", #", "reply_delay": "9ms""#))
        let error = #expect(throws: ComparisonError.self) { try document(reports) }
        #expect(error.map { "\($0)".contains("another \"reply_delay\"") } == true)
    }

    @Test("another load that a figure shows is refused, however the plan writes it")
    func anotherShownLoadIsRefused() throws {
        func stream(_ change: @escaping (inout StreamReport) -> Void) -> (inout Report) -> Void {
            { for run in $0.runs.indices { change(&$0.runs[run].streams[0]) } }
        }
        func loop(_ loop: ClosedLoopReport) -> (inout Report) -> Void {
            stream { $0.closedLoop = loop }
        }
        let changes: [(key: String, (inout Report) -> Void)] = [
            ("answer", stream { $0.request = RequestReport(name: "dns", answer: .any) }),
            ("window", loop(ClosedLoopReport(window: 8))),
            ("think", loop(ClosedLoopReport(think: .constant, thinkMeanNs: 5_000_000))),
        ]
        for (key, change) in changes {
            let error = #expect(throws: ComparisonError.self) {
                try document(try Self.unlike(change))
            }
            #expect(error.map { "\($0)".contains("another \"\(key)\"") } == true, "\(key)")
        }
    }

    @Test("answers of another size are another load")
    func anotherSizeOfAnswersIsRefused() throws {
        let reports = try [("a.json", nil), ("b.json", ServiceReport(replyPayloadBytes: 900))].map {
            path, service in
            try Self.report(path, lost: [0, 0, 0]) {
                var responder = ResponderReport(
                    name: "it", behaviour: "echo", address: "127.0.0.1:7")
                responder.service = service
                for run in $0.runs.indices { $0.runs[run].responder = responder }
            }
        }
        let error = #expect(throws: ComparisonError.self) { try document(reports) }
        #expect(error.map { "\($0)".contains("another \"reply_payload\"") } == true)
    }

    @Test(
        "the same load, written in another way or sent in another way, is compared",
        arguments: [
            (#", "payload": "1KiB""#, #", "payload": "1024B""#, nil),
            (#", "payload": "160B", "rate": "1kpps""#, #", "rate": "1000pps""#, nil),
            (
                #", "schedule": { "model": "bursts", "n": 5, "every": "1s" }"#,
                #", "schedule": { "every": "1s", "n": 5, "model": "bursts" }"#, nil
            ),
            (
                #", "kind": "probes", "schedule": "constant", "burst": 1"#,
                #", "threads": 1, "socket": "connected", "offload": {}"#, nil
            ),
            (#", "dscp": "EF""#, "", "dscp"),
            (#", "threads": 2"#, #", "threads": 1"#, "threads"),
        ] as [(String, String, String?)])
    func theSameLoadIsCompared(a: String, b: String, noticed: String?) throws {
        let document = try document(try Self.asking((a, b)))
        #expect(document.pairs.count == 1)
        #expect(
            document.notices
                == (noticed.map {
                    ["voice on clean, calls: sent in another way in b.json: \"\($0)\""]
                } ?? []))
    }
}
