import JSON

/// Holds a report against itself: the two sides of every number that has two, as a reader of the
/// file can, without the program's own code.
package struct ReportJudge {
    private let report: ReportReading
    private let plan: RandomPlan

    package init(_ report: ReportReading, of plan: RandomPlan) {
        self.report = report
        self.plan = plan
    }

    /// A sentence for everything that contradicts something else; empty for a sound report.
    package var findings: [String] {
        var findings = report.ledgerFaults
        if report.verdict == "invalid" { findings.append("invalid: \(report.reasons)") }
        findings += sentences.filter { $0.contains("a fault of udplab") }
        for run in report.runs { findings += runFindings(run) }
        return findings
    }

    private var sentences: [String] {
        report.reasons
            + report.runs.flatMap { run in
                ["reasons", "notices", "warnings"].flatMap {
                    run[$0]?.array.compactMap(\.string) ?? []
                }
            }
    }

    private func runFindings(_ run: JSONValue) -> [String] {
        let streams = run["streams"]?.array ?? []
        var findings: [String] = []
        let names = streams.compactMap { $0["sender"]?.string }
        if names != plan.senders { findings.append("streams \(names) of senders \(plan.senders)") }
        for stream in streams {
            let name = stream["sender"]?.string ?? "?"
            findings += streamFindings(stream).map { "\(name): \($0)" }
        }
        findings += held(streams, against: run)
        for worker in run["workers"]?.array ?? [] {
            let code = worker.integer("exit.code")
            let signal = worker.integer("exit.signal")
            // A timeline kills the responder, udplab's own or a command.
            let role = worker["role"]?.string ?? ""
            if code != 0, signal != 9 || !["responder", "command"].contains(role) {
                findings.append(
                    "\(worker["name"]?.string ?? "?") ended with \(code ?? -1), \(signal ?? 0)")
            }
        }
        return findings
    }

    private func streamFindings(_ stream: JSONValue) -> [String] {
        var findings: [String] = []
        func count(_ path: String) -> Int? { stream.integer(path) }
        func expect(_ holds: Bool, _ sentence: String) { if !holds { findings.append(sentence) } }
        let sent = count("ledger.sent") ?? -1
        // Of what came of a storm to somebody else's server nobody knows.
        let isKnown =
            stream["kind"]?.string != "hit-and-run" || count("ledger.responder_received") != nil
        if isKnown, let lost = count("loss.count") {
            let inTime = count("ledger.in_time") ?? 0
            let wrong = count("ledger.wrong_answer") ?? 0
            expect(
                lost == sent - inTime - wrong,
                "loss.count \(lost) of \(sent) sent, \(inTime) in time")
        }
        for (path, least) in [
            ("ledger.responder_received", sent), ("ledger.echoed", sent), ("ledger.received", sent),
            ("loss.count", sent), ("ledger.sent", count("ledger.scheduled") ?? 0),
        ] {
            expect(count(path) ?? 0 <= least, "\(path) \(count(path) ?? 0) is above \(least)")
        }
        findings += intervals(stream)
        findings += marks(stream)
        // Who thinks has no schedule, from which a delay could be counted.
        if let think = stream.at("closed_loop.think")?.string, think != "none" {
            expect(stream["rtt_intended_ns"]?.isNull == true, "a schedule of users who think")
        }
        findings += extensions(stream)
        // Nothing between the two ends loses anything but what it says: loopback has no network.
        var accounts = ["forward_lost", "backward_lost"]
        if plan.isQuiet, !plan.hasRefusals { accounts.append("lost_unsplit") }
        for account in accounts {
            let lost = count("ledger.\(account)") ?? 0
            expect(lost == 0, "\(account) \(lost) where nothing can be lost")
        }
        return findings
    }

    /// Every first copy is in the marks of its way, and nothing changes them.
    private func marks(_ stream: JSONValue) -> [String] {
        [("forward", "responder_received"), ("backward", "received")].flatMap { way, account in
            let marks = stream.at("\(way).marks") ?? .null
            guard let count = marks.integer("count") else { return [String]() }
            let sum = ["not_ect", "ect0", "ect1", "ce"].reduce(0) { $0 + (marks.integer($1) ?? 0) }
            let changed = ["dscp_changed", "ecn_changed"].filter { marks.integer($0) ?? 0 > 0 }
            let arrived = stream.integer("ledger.\(account)") ?? -1
            return
                (count == sum && count == arrived
                ? [] : ["\(way) has \(sum) marks in \(count), \(account) is \(arrived)"])
                + changed.map { "\(way).marks.\($0) where nothing changes them" }
        }
    }

    /// Each answer of a STAMP reflector is in one count of its TLVs, and udplab's own tells all.
    private func extensions(_ stream: JSONValue) -> [String] {
        guard let told = stream.integer("stamp.extensions.told") else { return [] }
        let others = ["unrecognized", "malformed", "unauthentic", "altered"].reduce(0) {
            $0 + (stream.integer("stamp.extensions.\($1)") ?? 0)
        }
        let received = stream.integer("ledger.received") ?? -1
        return told == received && others == 0
            ? [] : ["extensions: \(told) told, \(others) not, \(received) received"]
    }

    private func intervals(_ stream: JSONValue) -> [String] {
        let intervals = stream["intervals"]?.array ?? []
        guard !intervals.isEmpty else { return [] }
        let totals = [
            ("sent", "ledger.sent"), ("received", "ledger.received"), ("lost", "loss.count"),
            ("duplicates", "duplication.count"), ("reordered", "reordering.count"),
        ]
        return totals.compactMap { key, path in
            let values = intervals.map { $0.integer(key) }
            guard let total = stream.integer(path), !values.contains(nil) else { return nil }
            let sum = values.reduce(0) { $0 + ($1 ?? 0) }
            return sum == total ? nil : "intervals have \(key) \(sum), \(path) is \(total)"
        }
    }

    /// What the network dropped or altered is no more than what the relay and the kernel's rules
    /// and queues say. What met the relay's closed port neither has counted.
    private func held(_ streams: [JSONValue], against run: JSONValue) -> [String] {
        let network = run["network_detail"] ?? .null
        let relay = run["relay"] ?? .null
        guard !relay.isNull || !network.isNull else { return [] }
        let reasons = [
            "lost", "blackholed", "refused", "tail_dropped", "no_memory", "no_flow", "flow_gone",
            "send_failed", "held_at_stop", "drops",
        ]
        var findings: [String] = []
        for way in ["forward", "backward"] {
            func sum(_ account: String) -> Int {
                streams.reduce(0) { $0 + ($1.integer("ledger.\(way)_\(account)") ?? 0) }
            }
            var dropped = reasons.reduce(0) { $0 + (relay.integer("\(way).\($1)") ?? 0) }
            for account in ["lost", "queue_drops"] {
                dropped += network.integer("\(way).\(account)") ?? 0
            }
            if sum("injected") > dropped, !(way == "forward" && plan.hasRefusals) {
                findings.append("\(way)_injected \(sum("injected")), the network says \(dropped)")
            }
            let altered = relay.integer("\(way).altered") ?? 0
            // An altered probe that is answered all the same is altered on the way back too.
            let both = altered + (way == "backward" ? relay.integer("forward.altered") ?? 0 : 0)
            if sum("corrupt") > both {
                findings.append("\(way)_corrupt \(sum("corrupt")), the relay says \(altered)")
            }
        }
        return findings
    }
}
