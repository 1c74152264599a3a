import JSON
import Metrics
import Testing

@testable import Lab
@testable import Loops
@testable import Plans
@testable import Workers

/// A week of 64 streams into one sink, in virtual time: what its worker keeps, and what it sends.
@Suite struct LongRunTests {
    private static let second: Int64 = 1_000_000_000
    private static let weekNs = 7 * 24 * 3_600 * second

    private func plan(length: String) throws -> Plan {
        let senders = (1...64).map { number in
            "{ \"name\": \"s\(number)\", \"rate\": \"max\", \"payload\": \"64B\", \(length) }"
        }
        let text = """
            { "plan": 1, "name": "week", "networks": { "here": { "kind": "loopback" } },
              "responders": { "sink": { "behaviour": "sink" } },
              "scenarios": [ { "name": "wide", "networks": ["here"], "responder": "sink",
                "senders": [ \(senders.joined(separator: ", ")) ] } ] }
            """
        return try PlanReader.read(Array(text.utf8), path: "week.json")
    }

    /// One datagram in ten minutes, every hundredth of which is lost, and then a late one.
    private func stream(_ spacing: ReportBudget.Spacing) -> StreamFigures {
        let configuration = StreamConfiguration(
            timeoutNs: Self.second, payloadBytes: 64, startNs: 0, intervalNs: spacing.lengthNs,
            maxIntervals: spacing.capacity, recordsIntervals: true, direction: .oneWay)
        var statistics = StreamStatistics(configuration: configuration)
        var window = ArrivalWindow(
            capacity: 256, firstSequence: 0, timeoutNs: Self.second, hasStamps: true)
        var sequence: UInt32 = 0
        for timeNs in stride(from: 0, to: Self.weekNs, by: Int(600 * Self.second)) {
            defer { sequence += 1 }
            if sequence % 100 == 50 { continue }
            let isLate = sequence % 100 == 99
            _ = window.recordArrival(
                wireSequence: sequence, stampNs: timeNs,
                receivedNs: timeNs + (isLate ? 2 * Self.second : 1_000), into: &statistics)
        }
        window.close(sent: UInt64(sequence), into: &statistics)
        return statistics.summary()
    }

    @Test(
        "T16 64 streams of a week keep and send what is bounded, and their sums are the totals",
        arguments: [#""duration": "168h""#, #""count": 1000000000"#])
    func t16Week(length: String) throws {
        let plan = try plan(length: length)
        let scenario = try #require(plan.scenarios.first)
        let budget = ReportBudget.of(plan)
        var result = ResponderResult.empty(streams: 64)
        for (index, sender) in scenario.senders.enumerated() {
            let figures = stream(budget.spacing(of: sender, in: scenario))
            result.streams[index].figures = figures
            #expect(figures.intervals.reduce(0) { $0 + $1.sent } == figures.sent)
            #expect(figures.intervals.reduce(0) { $0 + $1.lost } == figures.loss.count)
            #expect(figures.intervals.reduce(0) { $0 + $1.received } == figures.received)
        }
        let intervals = result.streams.reduce(0) { $0 + $1.figures.intervals.count }
        #expect(intervals <= ReportBudget.intervalsPerRunMax)
        #expect(intervals >= ReportBudget.intervalsPerRunMax / 4)
        // The sink: its own memory, statistics and intervals; and with the 64 senders all workers.
        #expect(PlanBudget.of(plan).workerBytes < 2 << 30)
        #expect(budget.bytes < 3 << 20)

        var worker = WorkerResult()
        worker.responder = result
        let bytes = try MessagePieces.lines(of: WorkerReply.result(worker).json())
        #expect(bytes.count < 4 << 20)
        var assembler = MessageAssembler()
        var whole: JSONValue?
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            #expect(line.count <= WorkerProtocol.lineBytesLimit)
            whole = try assembler.take(JSONValue.parse(Array(line), limits: .controlMessage))
        }
        guard case .result(let received) = try WorkerReply(#require(whole)) else {
            Issue.record("no result")
            return
        }
        #expect(received.responder?.streams.map(\.figures) == result.streams.map(\.figures))
    }
}
