import Harness
import JSON
import Testing

/// Resets across a network of namespaces, in numbers: the kernel of the responder's side limits
/// its ICMP errors there, unless the plan says otherwise.
@Suite(.enabled(if: Namespaces.arePossible, Namespaces.reason))
struct ResetLimitTests {
    private static let probeIntervalNs = 10_000_000
    /// What the kernel sends at once: XRLIM_BURST_FACTOR, net/ipv4/inetpeer.c.
    private static let burst = 6

    /// A responder that is away from half a second on, for as long as `awayMs`.
    private static func plan(
        limitMs: Int?, down: String, awayMs: Int, socket: String = "connected", tailMs: Int = 500
    ) -> PlanText {
        let keys = limitMs.map { "\"icmp_ratelimit\": \"\($0)ms\"" } ?? ""
        var plan = Namespaces.plan(keys)
        plan.senders = [
            PlanText.sender(
                rate: "100pps", length: "\"duration\": \"\(500 + awayMs + tailMs)ms\"",
                keys: "\"max_burst\": 8", "\"socket\": \"\(socket)\"")
        ]
        plan.keys = [
            "\"timeline\": [ { \"at\": \"500ms\", \"\(down)\": \"far\" }, "
                + "{ \"at\": \"\(500 + awayMs)ms\", \"start\": \"far\" } ]"
        ]
        return plan
    }

    private func notes(_ report: ReportReading) -> [String] {
        (report.runs[0]["warnings"]?.array ?? []).compactMap(\.string)
            .filter { $0.contains("rate-limited") }
    }

    @Test(
        "without a limit every probe that met the closed port brings one reset, and no other does",
        arguments: ["kill", "stop"], ["connected", "unconnected_recverr"])
    func unlimited(down: String, socket: String) async throws {
        let trial = try Trial(
            Self.plan(limitMs: 0, down: down, awayMs: 1_500, socket: socket, tailMs: 2_000))
        let (report, ended) = try await trial.report(0, places: Turnstile.places / 2)
        let stream = try #require(report.streams.first)
        let metNobody = try #require(stream.integer("ledger.outage"))
        let seen = try #require(stream.integer("resets.seen"))
        #expect(seen > 2 * Self.burst, "\(ended.all)")
        // What was sent before the first reset came may have died unread in the buffer of the
        // responder that went away: one probe, on a machine that is idle. Each one after it
        // bounced.
        let outage = try #require(stream.at("resets.outages")?.array.first)
        let startNs = try #require(outage.integer("start_ns"))
        let silentNs = try #require(outage.integer("detected_ns")) - startNs
        let burst = stream.integer("pacing.largest_burst") ?? 1
        let unread = silentNs / Self.probeIntervalNs + burst
        #expect((0...unread).contains(metNobody - seen), "\(stream)")
        // The kernel's alternation: each reset fails one call at most, and the call after it goes
        // well, so that no datagram is refused twice.
        let eaten = try #require(stream.integer("resets.eaten_by_stale_error"))
        #expect(eaten <= seen)
        #expect(stream.integer("resets.retried") == eaten)
        #expect(stream.integer("ledger.refused") == 0)
        #expect(stream.integer("resets.unattributed") == 0)
        #expect(stream.integer("resets.queue_overflow") == 0)
        #expect(report.runs[0].integer("network_detail.icmp_ratelimit") == 0)
        #expect(notes(report) == [])
    }

    @Test(
        "with a limit six come at once and then one in its time, and the report names the limit",
        arguments: [nil, 500] as [Int?])
    func limited(limitMs: Int?) async throws {
        let trial = try Trial(
            Self.plan(limitMs: limitMs, down: "kill", awayMs: 3_000, tailMs: 2_000))
        let (report, ended) = try await trial.report(0, places: Turnstile.places / 2)
        let stream = try #require(report.streams.first)
        let outage = try #require(stream.at("resets.outages")?.array.first)
        let startNs = try #require(outage.integer("start_ns"))
        let closedNs = try #require(outage.integer("end_ns")) - startNs
        let detail = try #require(report.runs[0]["network_detail"])
        // The kernel's own is a second.
        let intervalMs = limitMs ?? 1_000
        #expect(detail.integer("icmp_ratelimit") == intervalMs)
        #expect(detail.integer("icmp_msgs_per_sec") ?? 0 > 0)
        // By the run's own times: the bucket is full, and gains one each time that passes.
        let seen = try #require(stream.integer("resets.seen"))
        let gained = closedNs / (intervalMs * 1_000_000)
        #expect(abs(seen - (Self.burst + gained)) <= 1, "\(stream)")
        let metNobody = try #require(stream.integer("ledger.outage"))
        #expect(metNobody > seen)
        // The first of them is there at once: the time is not hidden, only the number is.
        let detectedNs = try #require(outage.integer("detected_ns"))
        #expect(detectedNs - startNs < closedNs)
        let notes = notes(report)
        #expect(notes.count == 1, "\(report.runs[0])")
        let note = try #require(notes.first)
        for words in [
            "\(seen) came back for \(metNobody) probes", "icmp_ratelimit \(intervalMs)",
            "icmp_msgs_per_sec", "looks like silence", "\"icmp_ratelimit\": \"0ms\"",
        ] {
            #expect(note.contains(words), "\(note)")
        }
        let shown = ended.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(shown.contains("resets are rate-limited on network"), "\(ended.all)")
    }

    @Test("a responder that is only paused is no case of the limit, and nothing is said of it")
    func paused() async throws {
        var plan = Self.plan(limitMs: nil, down: "pause", awayMs: 800)
        plan.keys = plan.keys.map { $0.split(separator: "start").joined(separator: "resume") }
        let (report, _) = try await Trial(plan).report(0)
        #expect(report.streams.first?.integer("resets.seen") == 0)
        #expect(notes(report) == [])
    }
}
