import Glibc
import Harness
import JSON
import Testing

/// Searches for the highest rate, by the real program. This machine may be busy: where it was the
/// limit, the search has to say so, and an answer has to be right.
@Suite struct SearchTests {
    /// A plan with a search over a link of 2 Mbit/s.
    private func plan(
        _ search: String = #""kind": "zero-loss", "precision": "5%""#,
        network: String = #"{ "kind": "emulated", "rate": "2Mbit", "queue": "32KiB" }"#,
        rate: String = "8Mbit", payload: String = "1200B", duration: String = "800ms"
    ) -> PlanText {
        var plan = PlanText(senders: [
            PlanText.sender(
                rate: rate, payload: payload, length: "\"duration\": \"\(duration)\"",
                keys: #""max_burst": 8"#)
        ])
        plan.network = network
        plan.tolerance = "20%"
        plan.keys = [#""search": { \#(search) }"#]
        return plan
    }

    private func search(_ report: ReportReading) throws -> JSONValue {
        try #require(report.streams.first?["search"])
    }

    /// Runs a search whose answer may be that this host was the limit.
    /// - Returns: The search; nil if this host was the limit.
    private func answer(_ trial: Trial) async throws -> JSONValue? {
        let ended = try await trial.run()
        let report = try trial.report()
        #expect(report.ledgerFaults == [])
        let search = try search(report)
        guard ended.code == 0 else {
            #expect(ended.code == 75, "\(ended.all)")
            #expect(
                report.reasons.contains {
                    $0.contains("this host") || $0.contains("unfinished")
                }, "\(ended.all)")
            Issue.record("this machine is too busy: \(report.reasons)", severity: .warning)
            return nil
        }
        #expect(search["limit"]?.string == "path", "\(ended.all)")
        return search
    }

    @Test("the rate of an emulated link is found, at each layer")
    func emulated() async throws {
        guard let search = try await answer(Trial(plan())) else { return }
        let packets = try #require(search.number("ip_bits_per_second"))
        #expect(packets > 1.8e6 && packets < 2.1e6, "\(search)")
        let pps = try #require(search.number("rate_pps"))
        let payload = try #require(search.number("payload_bits_per_second"))
        #expect(abs(payload / (pps * 9_600) - 1) < 1e-6)
        #expect(abs(packets / (pps * 9_824) - 1) < 1e-6)
        #expect(search["frame_bits_per_second"]?.isNull == true)
        let last = try #require(search["trials"]?.array.last { $0["confirms"] == .bool(true) })
        #expect(last["outcome"]?.string == "held")
    }

    @Test(
        "the rate of the kernel's own queue is found, in frames",
        .enabled(if: Namespaces.arePossible, Namespaces.reason))
    func namespace() async throws {
        let network = #"{ "kind": "namespace", "forward": { "rate": "2Mbit", "queue": "32KiB" } }"#
        guard let search = try await answer(Trial(plan(network: network))) else { return }
        let frames = try #require(search.number("frame_bits_per_second"))
        #expect(frames > 1.8e6 && frames < 2.1e6, "\(search)")
        #expect(Namespaces.traces() == [])
    }

    /// A plan with an adjusted load.
    private func adjusted(
        network: String = #"{ "kind": "emulated", "rate": "4Mbit", "queue": "32KiB" }"#,
        responder: String = "echo", rate: String = "50Mbit", duration: String = "3s"
    ) -> PlanText {
        var plan = plan(#""kind": "rfc9097""#, network: network, rate: rate, duration: duration)
        plan.responder = #"{ "behaviour": "\#(responder)" }"#
        return plan
    }

    @Test("the capacity of an emulated link by RFC 9097", arguments: ["echo", "sink"])
    func capacity(responder: String) async throws {
        let trial = try Trial(adjusted(responder: responder))
        guard let search = try await answer(trial) else { return }
        let packets = try #require(search.number("ip_bits_per_second"))
        // A relay that is descheduled at the edge of a second passes its datagrams on in the next.
        #expect(packets > 3.4e6 && packets < 4.8e6, "\(search)")
        let pps = try #require(search.number("rate_pps"))
        #expect(abs(packets / (pps * 9_824) - 1) < 1e-6)
        #expect(search["kind"]?.string == "rfc9097")
        #expect(search["trials"]?.array.isEmpty == true)
        let adjustment = try #require(search["adjustment"])
        let seconds = adjustment["sub_intervals"]?.array ?? []
        #expect((1...3).contains(seconds.count), "\(seconds)")
        // The maximum, and the loss and the delays of the same second.
        let best = try #require(adjustment.integer("best").flatMap { seconds[Int($0)] })
        let most = seconds.compactMap { $0.number("ip_bits_per_second") }.max()
        #expect(best.number("ip_bits_per_second") == most)
        #expect(abs((most ?? 0) / packets - 1) < 1e-9)
        let (received, lost) = (best.number("received") ?? 0, best.number("lost") ?? 0)
        #expect(abs((search.number("loss_ratio") ?? -1) - lost / (received + lost)) < 1e-9)
        let range = (best.number("delay_most_ns") ?? 0) - (best.number("delay_least_ns") ?? 0)
        #expect(adjustment.number("delay_range_ns") == range)
        let steps = adjustment["steps"]?.array ?? []
        #expect(steps.first?.integer("row") == 10)
        #expect((3...401).contains(steps.count), "\(steps.count)")
        #expect(adjustment.integer("last_row") == 51)
    }

    @Test(
        "the capacity of the kernel's own queue by RFC 9097, towards a sink",
        .enabled(if: Namespaces.arePossible, Namespaces.reason))
    func capacityOfNamespace() async throws {
        let network = #"{ "kind": "namespace", "forward": { "rate": "4Mbit", "queue": "32KiB" } }"#
        let plan = adjusted(network: network, responder: "sink")
        guard let search = try await answer(Trial(plan)) else { return }
        let frames = try #require(search.number("frame_bits_per_second"))
        #expect(frames > 3.6e6 && frames < 4.2e6, "\(search)")
        #expect(Namespaces.traces() == [])
    }

    @Test("a table that ends below the capacity is the plan's limit, and a short load unfinished")
    func capacityWithoutLimit() async throws {
        let loopback = #"{ "kind": "loopback" }"#
        for (rate, limit, code) in [("2Mbit", "plan", 0), ("800Mbit", "budget", 75)] {
            let trial = try Trial(adjusted(network: loopback, rate: rate, duration: "2s"))
            let ended = try await trial.run()
            let report = try trial.report()
            #expect(report.ledgerFaults == [])
            let found = try search(report)["limit"]?.string
            guard ended.code == Int32(code), found == limit else {
                // A busy machine loses or delays datagrams, and has to say that it did.
                #expect(["host", "path"].contains(found), "\(ended.all)")
                Issue.record("this machine is too busy: \(report.reasons)", severity: .warning)
                continue
            }
        }
    }

    @Test("a receiver that is killed ends an adjusted load, and nothing is green")
    func killedSink() async throws {
        let trial = try Trial(adjusted(responder: "sink", duration: "120s"))
        let ended = try await trial.during { execution in
            let sink = execution.descendants.first { $0.hasThread(named: "responder") }
            let pid = try #require(sink?.pid)
            #expect(kill(pid, SIGKILL) == 0)
        }
        #expect([70, 75].contains(ended.code), "\(ended.all)")
        #expect(try trial.report().verdict != "pass")
    }

    @Test("a bound on the delay is found below the capacity")
    func threshold() async throws {
        var plan = plan(#""kind": "threshold", "precision": "5%""#)
        plan.thresholds = ["rtt.p99 < 80ms", "search.rate_pps > 20pps"]
        guard let search = try await answer(Trial(plan)) else { return }
        let packets = try #require(search.number("ip_bits_per_second"))
        #expect(packets < 2.1e6, "\(search)")
    }

    @Test("a highest rate that holds is no limit of the path, and says so")
    func ceiling() async throws {
        let trial = try Trial(plan(network: #"{ "kind": "loopback" }"#, rate: "50pps"))
        let (report, _) = try await trial.report(0)
        let search = try search(report)
        #expect(search["limit"]?.string == "plan")
        #expect(search["trials"]?.array.count ?? 0 >= 2)
        #expect(
            report.runs.first?["notices"]?.array.contains {
                $0.string?.contains("no limit was found") == true
            } == true)
    }

    @Test("what this host cannot send is no limit of the path: 75, and the reason")
    func hostLimit() async throws {
        let search = #""kind": "zero-loss", "precision": "20%", "trials": 8, "confirm": "400ms""#
        var plan = plan(
            search, network: #"{ "kind": "loopback" }"#, rate: "20Mpps", payload: "64B",
            duration: "200ms")
        plan.tolerance = "1%"
        // Never judged as missed: what this host ended is a lower bound.
        plan.thresholds = ["search.rate_pps > 19Mpps"]
        let trial = try Trial(plan)
        let (report, ended) = try await trial.report(75)
        let limit = try #require(self.search(report)["limit"]?.string)
        #expect(["host", "budget"].contains(limit), "\(ended.all)")
        #expect(report.verdict == "inconclusive")
        let trials = try self.search(report)["trials"]?.array ?? []
        #expect(trials.first?["outcome"]?.string == "host-limited")
        #expect(trials.first?["reason"]?.string?.contains("processors") == true)
        let gate = report.runs.first?["thresholds"]?.array.first
        #expect(gate?["passed"]?.isNull == true, "\(ended.all)")
    }

    @Test("a path that loses at every rate has none: a finding, and no pass")
    func none() async throws {
        let trial = try Trial(
            plan(
                #""kind": "zero-loss", "precision": "20%", "from": "20pps""#,
                network: #"{ "kind": "emulated", "loss": "50%" }"#, rate: "100pps"))
        let (report, ended) = try await trial.report(99)
        #expect(try search(report)["limit"]?.string == "none", "\(ended.all)")
        #expect(try search(report)["rate_pps"]?.isNull == true)
        #expect(report.reasons.contains { $0.contains("even the lowest one does not hold") })
    }

    @Test("a search out of trials is unfinished, and inconclusive")
    func unfinished() async throws {
        let trial = try Trial(plan(#""kind": "zero-loss", "trials": 2"#))
        let (report, ended) = try await trial.report(75)
        #expect(try search(report)["limit"]?.string == "budget")
        #expect(ended.all.contains("unfinished"), "\(ended.all)")
    }

    @Test("a threshold on the rate found is a gate")
    func gate() async throws {
        var plan = plan(network: #"{ "kind": "loopback" }"#, rate: "50pps")
        plan.thresholds = ["search.rate_pps > 60pps"]
        let (report, ended) = try await Trial(plan).report(99)
        #expect(ended.all.contains("search.rate_pps > 60pps does not hold"), "\(ended.all)")
        let gate = report.runs.first?["thresholds"]?.array.first
        #expect(gate?["passed"] == .bool(false))
    }

    @Test("a signal ends a search in order, with its trials in the report")
    func signal() async throws {
        let trial = try Trial(plan(duration: "30s"))
        let ended = try await trial.during { execution in
            #expect(kill(execution.pid, SIGINT) == 0)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let report = try trial.report()
        #expect(report.status == "partial")
        #expect(report.ledgerFaults == [])
        #expect(report.verdict == "aborted")
    }

    @Test("a sender that is killed in a trial ends the search, and nothing is green")
    func killedSender() async throws {
        let trial = try Trial(plan(duration: "30s"))
        let ended = try await trial.during { execution in
            let sender = execution.descendants.first { $0.hasThread(named: "sender") }
            let pid = try #require(sender?.pid)
            #expect(kill(pid, SIGKILL) == 0)
        }
        #expect([70, 75].contains(ended.code), "\(ended.all)")
        #expect(try trial.report().verdict != "pass")
    }

    @Test("udplab search runs the scenarios that search, and refuses a plan without")
    func verb() async throws {
        let directory = try TemporaryDirectory()
        let text = { (keys: String) in
            """
            { "plan": 1, "name": "two", "networks": { "l": { "kind": "loopback" } },
              "responders": { "e": { "behaviour": "echo" } }, "scenarios": [
              { "name": "plain", "networks": ["l"], "responder": "e", "tolerance": "100%",
                "senders": [ { "name": "a", "rate": "20pps", "payload": "64B", "count": 2 } ] },
              { "name": "searched", "networks": ["l"], "responder": "e", "tolerance": "100%",\(keys)
                "senders": [ { "name": "a", "rate": "20pps", "payload": "64B", "duration": "500ms" } ] }
              ] }
            """
        }
        try directory.write("plan.json", text(#""search": { "kind": "zero-loss" },"#))
        let ended = try await Execution.run(
            ["search", "plan.json", "--report", "report.json"], in: directory)
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.errors.contains("20 pps  held"), "\(ended.all)")
        #expect(ended.errors.contains("160 bit/s of payload") || ended.errors.contains("bit/s"))
        let report = try ReportReading(directory)
        #expect(report.runs.map { $0["scenario"]?.string } == ["searched"])
        try directory.write("plan.json", text(""))
        let refused = try await Execution.run(["search", "plan.json"], in: directory)
        #expect(refused.code == 104)
        #expect(refused.errors.contains("no scenario has a \"search\""), "\(refused.all)")
    }

    @Test("a load that this host alone cannot carry is refused before its runs: 75")
    func calibration() async throws {
        var plan = PlanText(senders: [
            PlanText.sender(rate: "20Mpps", length: #""duration": "300ms""#)
        ])
        plan.tolerance = "1%"
        plan.keys = [#""calibrate": true"#]
        let (report, ended) = try await Trial(plan).report(75)
        #expect(report.streams.isEmpty, "\(ended.all)")
        #expect(report.reasons.contains { $0.contains("this host alone cannot carry the load") })
        plan.senders = [PlanText.sender()]
        plan.tolerance = "100%"
        let (passed, _) = try await Trial(plan).report(0)
        #expect(passed.streams.count == 1)
        let notices = passed.runs.first?["notices"]?.array ?? []
        #expect(notices.contains { $0.string?.contains("calibrated") == true })
    }

    @Test("doctor --calibrate prints six rows, and has them as JSON")
    func doctor() async throws {
        let ended = try await Execution.run(
            ["doctor", "--calibrate", "--json"], in: TemporaryDirectory(),
            places: Turnstile.places)
        #expect([0, 75].contains(ended.code), "\(ended.all)")
        let document = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        let rows = document["rows"]?.array ?? []
        #expect(rows.map { $0.integer("payload_bytes") } == [64, 512, 1_400, 64, 512, 1_400])
        #expect(rows.allSatisfy { ($0.number("received_pps") ?? 0) > 0 }, "\(ended.output)")
    }
}
