import Glibc
import Harness
import JSON
import Testing

/// Resets in whole runs: what the policies of responders and of senders make of them, by the real
/// program. Times are those of one report.
@Suite struct ResetRunTests {
    private static let exactness = 5_000_000

    /// How far apart two looks at one event may be: an interval between probes and five
    /// milliseconds, and on a busy machine as much more as the sender says that it was late.
    private func near(_ stream: JSONValue, intervalNs: Int) -> Int {
        let late = max(
            stream.integer("pacing.error_ns.max") ?? 0,
            stream.integer("pacing.stalls.longest_ns") ?? 0)
        return intervalNs + Self.exactness + late + (stream.integer("rtt_ns.max") ?? 0)
    }

    private func events(_ run: JSONValue, _ name: String) -> [JSONValue] {
        (run["timeline"]?.array ?? []).filter { $0["event"]?.string == name }
    }

    private func times(_ object: JSONValue, _ path: String) -> [Int] {
        (object.at(path)?.array ?? []).compactMap {
            if case .integer(let value) = $0 { return value }
            return nil
        }
    }

    // MARK: - Responders

    private static let healthyIntervalNs = 10_000_000

    /// The shipped plan, which `ScenarioTests` judges by its thresholds, on a host of any speed.
    private func retryPolicies() async throws -> [String: JSONValue] {
        let directory = try TemporaryDirectory()
        let shipped = try TemporaryDirectory.read("\(Program.root)/Scenarios/retry-policies.json")
        let parts = String(decoding: shipped, as: UTF8.self)
            .split(separator: #""tolerance": "10%""#, omittingEmptySubsequences: false)
        #expect(parts.count == 5)
        try directory.write("plan.json", parts.joined(separator: #""tolerance": "100%""#))
        let ended = try await Execution.run(Trial.arguments, in: directory)
        try #require(directory.exists("report.json"), "\(ended.all)")
        let report = try ReportReading(directory)
        #expect(report.ledgerFaults == [])
        return Dictionary(
            report.runs.compactMap { run in run["scenario"]?.string.map { ($0, run) } },
            uniquingKeysWith: { first, _ in first })
    }

    @Test("none dies at the first reset, once at the second in a row, always and backoff live")
    func policies() async throws {
        let runs = try await retryPolicies()
        for name in ["none", "once"] {
            let run = try #require(runs[name])
            let resets = try #require(run.at("responder.resets"))
            let failures = times(resets, "times_ns")
            let endNs = try #require(times(resets, "ended_ns").first)
            #expect(resets["responder_alive"] == .bool(false), "\(name)")
            #expect(resets.integer("ended") == 1, "\(name)")
            #expect(resets.integer("retries.given_up") == 1, "\(name)")
            let attempted = try #require(resets.integer("retries.attempted"))
            // The last failure is the end, and every one before it was followed by a retry. A
            // host that lets the responder take one datagram at a time gives it a success after
            // each reset of a burst: then it is a later burst that ends `once`.
            let leftOut = try #require(resets.integer("times_left_out"))
            let count = failures.count + leftOut
            #expect(count == attempted + 1, "\(name) \(resets)")
            if leftOut == 0 { #expect(failures.last == endNs, "\(name) \(resets)") }
            if name == "none" {
                #expect(attempted == 0)
            } else {
                // All retries but the last went well: the one that did not met the second reset
                // in a row.
                #expect(resets.integer("retries.succeeded") == attempted - 1, "\(resets)")
            }
            let ended = events(run, "responder_ended")
            #expect(ended.compactMap { $0.integer("at_ns") } == [endNs])
            let steps =
                switch (count, leftOut) {
                case (1, _): "1 failed step"
                case (_, 0): "\(count) failed steps"
                default: "\(failures.count) or more failed steps"
                }
            #expect(ended.first?["detail"]?.string?.hasSuffix("after \(steps)") == true)
            try expectOutage(run, fromNs: endNs)
        }
        for name in ["always", "backoff"] {
            let run = try #require(runs[name])
            let resets = try #require(run.at("responder.resets"))
            #expect(resets["responder_alive"] == .bool(true), "\(name)")
            #expect(resets.integer("ended") == 0)
            #expect(times(resets, "ended_ns") == [])
            #expect(events(run, "responder_ended") == [])
            #expect(resets.integer("retries.attempted") ?? 0 > 1, "\(name)")
            #expect(resets.integer("retries.given_up") == 0)
            try expectBounces(resets, of: run)
            let healthy = try stream(run, "healthy")
            #expect(healthy.integer("ledger.echo_failed") == 0)
            #expect(healthy.integer("ledger.outage") == 0)
        }
        // The stop, which comes when the senders have ended, ends a pause as well.
        let sendersEndNs = 4_000_000_000
        let paused = times(try #require(runs["backoff"]?.at("responder.resets")), "times_ns")
            .filter { $0 < sendersEndNs }
        #expect(paused.count > 1)
        let gaps = zip(paused, paused.dropFirst()).map { $1 - $0 }
        #expect(gaps.allSatisfy { $0 >= 10_000_000 }, "the shortest pause is 10 ms: \(gaps)")
    }

    private func stream(_ run: JSONValue, _ sender: String) throws -> JSONValue {
        try #require(run["streams"]?.array.first { $0["sender"]?.string == sender })
    }

    /// Each answer to a port that is gone bounces once; a fast one comes before the port is closed.
    private func expectBounces(_ resets: JSONValue, of run: JSONValue) throws {
        let streams = run["streams"]?.array ?? []
        let received = streams.filter { $0["sender"]?.string != "healthy" }
            .compactMap { $0.integer("ledger.responder_received") }.reduce(0, +)
        let seen = try #require(resets.integer("seen"))
        #expect(seen > 1)
        #expect(seen <= received)
        #expect(resets.integer("unattributed") == 0)
        #expect(resets.integer("queue_overflow") == 0)
    }

    /// What the healthy flows saw began when the responder ended, and did not end.
    private func expectOutage(_ run: JSONValue, fromNs endNs: Int) throws {
        let stream = try stream(run, "healthy")
        let outage = try #require(stream.at("resets.outages")?.array.last)
        let startNs = try #require(outage.integer("start_ns"))
        let near = near(stream, intervalNs: Self.healthyIntervalNs)
        #expect(abs(startNs - endNs) <= near, "\(outage) \(endNs)")
        #expect(outage.at("end_ns")?.isNull == true)
        let detectedNs = try #require(outage.integer("detected_ns"))
        #expect(detectedNs >= endNs)
        #expect(detectedNs - endNs <= near, "\(outage) \(endNs)")
    }

    @Test(
        "of a group of threads each has a policy of its own, and the port is open until the last",
        arguments: ["none", "always"])
    func group(policy: String) async throws {
        var plan = PlanText(senders: [
            PlanText.sender(
                "healthy", rate: "50pps", length: #""duration": "2s""#, keys: #""flows": 4"#,
                #""max_burst": 8"#),
            PlanText.sender(
                "hit-and-run", rate: "100pps", length: #""duration": "2s""#,
                keys: #""kind": "hit-and-run""#),
        ])
        plan.responder =
            "{ \"behaviour\": \"echo\", \"threads\": 2, \"socket\": \"unconnected_recverr\", "
            + "\"on_reset\": \"\(policy)\" }"
        let (report, ended) = try await Trial(plan).report(0)
        let run = report.runs[0]
        let resets = try #require(run.at("responder.resets"))
        let healthy = try stream(run, "healthy")
        if policy == "always" {
            #expect(resets["responder_alive"] == .bool(true), "\(ended.all)")
            try expectBounces(resets, of: run)
            #expect(healthy.integer("ledger.echo_failed") == 0)
            #expect(healthy.integer("loss.never") == 0)
            return
        }
        // A port of its own for each datagram: by their hash they come to both threads, and when
        // one has ended all come to the other.
        let ends = times(resets, "ended_ns")
        #expect(resets.integer("ended") == 2, "\(resets)")
        #expect(resets["responder_alive"] == .bool(false))
        #expect(ends.count == 2)
        #expect(ends == ends.sorted())
        #expect(events(run, "responder_ended").count == 2)
        let outage = try #require(healthy.at("resets.outages")?.array.last)
        #expect(outage.at("end_ns")?.isNull == true)
        let detectedNs = try #require(outage.integer("detected_ns"))
        let lastNs = try #require(ends.last)
        #expect(detectedNs >= lastNs, "the port was open as long as one thread had it")
        #expect(detectedNs - lastNs <= near(healthy, intervalNs: 20_000_000), "\(outage) \(ends)")
    }

    // MARK: - Senders

    private static func towardsNobody(
        policy: String, rate: String = "100pps", socket: String = "connected"
    ) throws -> PlanText {
        // Bound and closed again: nobody is there now, and nobody comes as fast.
        let port = try BoundSocket().port
        var plan = PlanText(senders: [
            PlanText.sender(
                rate: rate, length: #""duration": "500ms""#, keys: "\"on_reset\": \(policy)",
                "\"socket\": \"\(socket)\"", #""max_burst": 8"#)
        ])
        if rate == "max" {
            plan.senders = [
                PlanText.sender(
                    rate: rate, length: #""count": 500"#, keys: "\"on_reset\": \(policy)")
            ]
        }
        plan.network = #"{ "kind": "path", "address": "127.0.0.1:\#(port)" }"#
        plan.responder = nil
        return plan
    }

    private func towardsNobody(_ plan: PlanText) async throws -> (JSONValue, JSONValue) {
        let (report, ended) = try await Trial(plan).report(99)
        #expect(
            report.reasons.contains {
                $0.contains("nobody listens at") && $0.contains("resets (ICMP port unreachable)")
            }, "\(ended.all)")
        return (try #require(report.runs.first), try #require(report.streams.first))
    }

    @Test(
        "N5 a closed port: each policy's attempts, times and outcome are in the report",
        arguments: [
            (#""none""#, 0), (#""once""#, 1),
            (
                #"{ "policy": "backoff", "first": "10ms", "factor": 1, "limit": "10ms", "budget": 3 }"#,
                3
            ),
        ])
    func n5Ended(policy: String, attempts: Int) async throws {
        let (run, stream) = try await towardsNobody(Self.towardsNobody(policy: policy))
        #expect(stream.integer("resets.flows_ended") == 1)
        #expect(stream.integer("resets.retries.attempted") == attempts, "\(stream)")
        #expect(stream.integer("resets.retries.succeeded") == 0)
        #expect(stream.integer("resets.retries.given_up") == 1)
        let sent = try #require(stream.integer("ledger.sent"))
        // Each attempt has its reset, and the last one its end.
        #expect(stream.integer("resets.seen") ?? 0 >= attempts + 1)
        #expect(stream.integer("resets.seen") == sent, "\(stream)")
        #expect(stream.integer("ledger.refused") ?? 0 > 0)
        let ended = try #require(events(run, "flows_ended").first?.integer("at_ns"))
        let outage = try #require(stream.at("resets.outages")?.array.first)
        let startNs = try #require(outage.integer("start_ns"))
        let detectedNs = try #require(outage.integer("detected_ns"))
        #expect(startNs <= detectedNs && detectedNs <= ended, "\(outage) \(ended)")
        #expect(outage.at("end_ns")?.isNull == true)
        #expect(events(run, "responder_lost").count == 1)
    }

    @Test(
        "N5 always: a paced sender tries every datagram, and each brings one reset",
        arguments: ["connected", "unconnected_recverr"])
    func n5Always(socket: String) async throws {
        let plan = try Self.towardsNobody(policy: #""always""#, socket: socket)
        let (_, stream) = try await towardsNobody(plan)
        #expect(stream.integer("resets.flows_ended") == 0)
        #expect(stream.integer("resets.retries.given_up") == 0)
        #expect(stream.integer("ledger.refused") == 0)
        #expect(stream.integer("resets.seen") == stream.integer("ledger.sent"))
        #expect(
            stream.integer("resets.eaten_by_stale_error") == stream.integer("resets.retried"))
    }

    @Test("T3 a service that ends in mid-run fails its run, whatever the senders' policies are")
    func t3EndsInMidRun() async throws {
        let policies = ["none", "once", "backoff", "always"]
        let port = try BoundSocket().port
        var plan = PlanText(
            senders: policies.map { policy in
                PlanText.sender(
                    policy, rate: "100pps", length: #""duration": "4s""#,
                    keys: "\"on_reset\": \"\(policy)\"", #""max_burst": 32"#)
            })
        plan.network = #"{ "kind": "path", "address": "127.0.0.1:\#(port)" }"#
        plan.responder = nil
        plan.tolerance = "10%"
        let trial = try Trial(plan)
        let server = try Execution(["echo", "--port", "\(port)"], in: trial.directory)
        try #require(try await eventually { server.errorsSoFar.contains("answering") })
        let ended = try await trial.during { _ in server.signal(SIGKILL) }
        _ = try await server.end()
        #expect(ended.code == 99, "\(ended.all)")
        let report = try trial.report()
        #expect(report.verdict == "fail")
        for policy in policies {
            let words =
                policy == "always"
                ? "always: nobody listens at 127.0.0.1:\(port) any more"
                : "\(policy): "
            let reason = try #require(
                report.reasons.first { $0.contains(": \(words)") }, "\(report.reasons)")
            if policy != "always" {
                #expect(reason.contains("were refused (ECONNREFUSED) and did not leave"))
            }
            let stream = try #require(report.streams.first { $0["sender"]?.string == policy })
            #expect(stream.integer("ledger.received") ?? 0 > 0)
        }
    }

    @Test("N5 at full speed a refused datagram is sent once more, and is refused after that")
    func n5AtMax() async throws {
        let plan = try Self.towardsNobody(policy: #""always""#, rate: "max")
        let (_, stream) = try await towardsNobody(plan)
        let refused = try #require(stream.integer("ledger.refused"))
        let retried = try #require(stream.integer("resets.retried"))
        #expect(retried > 0, "\(stream)")
        // The model of the alternation: a call that fails has sent nothing, and the next goes well.
        #expect(refused == 0)
        #expect(stream.integer("resets.eaten_by_stale_error") == retried + refused)
        #expect(stream.integer("ledger.sent") == 500)
    }
}
