import Harness
import JSON
import Testing

@testable import Plans
@testable import Reports

@Suite struct ReportBudgetTests {
    // MARK: - What the constants stand for

    /// Lists that the budget counts apart have none here; the others are as long as they get.
    private static let listLengths = ["times_ns": 64, "ended_ns": 64, "length_counts": 16]

    /// The longest value of a shape: every object is there, every figure has all its digits.
    private func largest(_ shape: ReportShape, key: String = "") -> JSONValue {
        switch shape {
        case .integer: .integer(1_234_567_890_123_456)
        case .number: .number(0.12345678901234568)
        case .boolean: .bool(false)
        case .text: .string(String(repeating: "x", count: PlanLimits.nameBytesMax))
        case .time: .string("2026-11-29T08:12:00.123Z")
        case .word(let words): .string(words.max { $0.count < $1.count } ?? "")
        case .constant(let value): .integer(value)
        case .object(let object): largest(object)
        case .list(let element):
            .array(
                Array(repeating: largest(element), count: Self.listLengths[key] ?? 0))
        case .counts: .object([])
        case .free: .object([])
        }
    }

    private func largest(_ object: ReportObject, without left: Set<String> = []) -> JSONValue {
        .object(
            object.fields.map { field in
                JSONMember(
                    key: field.key,
                    value: left.contains(field.key) ? .null : largest(field.shape, key: field.key))
            })
    }

    /// As it is written at this depth of the report.
    private func bytes(_ value: JSONValue, depth: Int) throws -> Int {
        let text = try value.text(.report)
        return text.utf8.count + 2 * depth * text.utf8.count { $0 == UInt8(ascii: "\n") }
    }

    @Test func theBytesOfAReportsPartsAreOfTheOrderOfTheLargest() throws {
        let lists: Set = ["streams", "battery", "workers", "thresholds", "timeline"]
        let parts: [(String, JSONValue, Int, Int)] = [
            ("interval", largest(ReportFormat.interval), 5, ReportBudget.intervalBytes),
            ("loss run", largest(ReportFormat.lossRun), 6, ReportBudget.lossRunBytes),
            ("bucket", largest(ReportFormat.bucket), 7, ReportBudget.bucketBytes),
            ("outage", largest(ReportFormat.outage), 6, ReportBudget.outageBytes),
            ("stream", largest(ReportFormat.stream), 4, ReportBudget.streamBytes),
            ("run", largest(ReportFormat.run, without: lists), 2, ReportBudget.runBytes),
            ("worker", largest(ReportFormat.worker), 4, ReportBudget.workerBytes),
            ("event", largest(ReportFormat.timelineEntry), 4, ReportBudget.eventBytes),
            ("threshold", largest(ReportFormat.threshold), 4, ReportBudget.thresholdBytes),
            (
                "report", largest(ReportFormat.report, without: ["runs"]), 0,
                ReportBudget.reportBytes
            ),
        ]
        for (name, value, depth, most) in parts {
            let found = try bytes(value, depth: depth)
            #expect(found <= 3 * most, "\(name): \(found)")
            #expect(found >= most / 4, "\(name): \(found) of \(most): far too much is allowed for")
        }
        let address = "[fd00:aaaa:bbbb:cccc:dddd:eeee:ffff:1234]:65535"
        #expect(try bytes(.string(address), depth: 6) <= ReportBudget.flowBytes + 8)
    }

    // MARK: - What plans may have

    private func plan(
        senders: Int = 1, duration: String = "10s", repeats: Int = 1, networks: Int = 1,
        flows: Int = 1, timeout: String = "1s"
    ) -> String {
        let names = (1...networks).map { "\"n\($0)\"" }
        let sender = (1...senders).map {
            """
            { "name": "s\($0)", "rate": "1pps", "payload": "64B", "flows": \(flows),
              "duration": "\(duration)" }
            """
        }
        return """
            { "plan": 1, "name": "wide",
              "networks": { \(names.map { "\($0): { \"kind\": \"loopback\" }" }.joined(separator: ", ")) },
              "responders": { "sink": { "behaviour": "sink" } },
              "scenarios": [
                { "name": "one", "networks": [\(names.joined(separator: ", "))],
                  "responder": "sink", "repeat": \(repeats), "timeout": "\(timeout)",
                  "senders": [ \(sender.joined(separator: ", ")) ] } ] }
            """
    }

    @Test(
        "the intervals of a run are fine enough for a picture",
        arguments: [
            ("3s", 10_000_000, 300), ("5min", 1_000_000_000, 300), ("10s", 50_000_000, 200),
            ("1ms", 10_000_000, 1), ("24h", 300_000_000_000, 288),
        ] as [(String, Int64, Int)])
    func pictures(duration: String, lengthNs: Int64, count: Int) throws {
        let plan = try read(plan(duration: duration))
        let scenario = try #require(plan.scenarios.first)
        let spacing = ReportBudget.of(plan).spacing(of: scenario.senders[0], in: scenario)
        #expect(spacing.lengthNs == lengthNs)
        #expect(spacing.capacity == 300 && spacing.expected == count)
    }

    @Test("T16 an hour of one stream has 300 intervals, and 64 streams of a week share the same")
    func t16Shares() throws {
        let hour = try read(plan(duration: "1h"))
        let scenario = try #require(hour.scenarios.first)
        let spacing = ReportBudget.of(hour).spacing(of: scenario.senders[0], in: scenario)
        #expect(spacing.lengthNs == 20_000_000_000)
        let week = try read(plan(senders: 64, duration: "168h"))
        let wide = try #require(week.scenarios.first)
        let budget = ReportBudget.of(week)
        let spacings = wide.senders.map { budget.spacing(of: $0, in: wide) }
        #expect(spacings.reduce(0) { $0 + $1.capacity } <= ReportBudget.intervalsPerRunMax)
        #expect(64 * budget.outages(in: wide) <= ReportBudget.outagesPerRunMax)
        let covered = spacings[0].lengthNs * Int64(spacings[0].expected)
        #expect(covered >= 7 * 24 * 3_600 * 1_000_000_000)
        #expect(budget.bytes < 3 << 20)
    }

    @Test("T16 the report of every plan that is legal fits, by whatever it is large")
    func t16Fits() throws {
        for seed in UInt64(1)...60 {
            var generator = SeededGenerator(seed: seed)
            func pick(_ values: [Int]) -> Int { values.randomElement(using: &generator) ?? 1 }
            let (senders, repeats) = (pick([1, 2, 8, 64]), pick([1, 3, 20, 100, 300]))
            let seconds = Int.random(in: 1...100_000, using: &generator)
            let text = plan(
                senders: senders, duration: "\(seconds)s", repeats: repeats,
                networks: pick([1, 2, 5]), flows: pick([1, 10, 400]))
            guard let plan = try? read(text), let scenario = plan.scenarios.first else { continue }
            let budget = ReportBudget.of(plan)
            #expect(budget.bytes <= ReportBudget.bytesMax, "seed \(seed)")
            for sender in scenario.senders {
                let spacing = budget.spacing(of: sender, in: scenario)
                let neededNs = Int64(seconds) * 1_000_000_000
                #expect(spacing.lengthNs * Int64(spacing.capacity) >= neededNs, "seed \(seed)")
            }
        }
    }

    @Test func theLimitIsThatOfTheWriter() { #expect(ReportBudget.bytesMax == Report.bytesMax) }

    @Test("T16 a plan whose report would be too large is refused, with what to do")
    func t16Refused() throws {
        let problems = try refusal(plan(senders: 64, repeats: 1_000))
        #expect(problems.contains("the report of the 1000 runs of this plan has"))
        #expect(problems.contains("(legal: up to 16 MiB): fewer repeats"))
        #expect(throws: Never.self) { try read(plan(repeats: 500)) }
    }

    private func refusal(_ text: String) throws -> String {
        do throws(PlanError) {
            _ = try PlanReader.read(Array(text.utf8), path: "plan.json")
            return ""
        } catch {
            return "\(error)"
        }
    }
}
