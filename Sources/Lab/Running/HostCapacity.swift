import JSON
import Plans
import Reports

/// The load that this machine carries over loopback, measured: `udplab doctor --calibrate`.
package struct HostCapacity: Codable, Sendable {
    package struct Row: Codable, Sendable {
        package var payloadBytes: Int
        /// Whether the offloads for several datagrams per buffer were on (UDP_SEGMENT, UDP_GRO).
        package var offloaded: Bool
        package var receivedPps: Double?
        package var receivedBitsPerSecond: Double?
        package var p99Ns: Int?
        /// The sentences on why the figure says little; empty for a sound one.
        package var reasons: [String]
    }

    package var format = 1
    package var rows: [Row]

    private static let payloads = [64, 512, 1_400]

    /// Measures the rows one after the other.
    /// - Throws: If nothing can be begun here.
    package static func measure(
        version: String, interruption: Interruption
    ) async throws -> (capacity: HostCapacity, status: ExitStatus) {
        let plan = try PlanReader.read(Array(text.utf8), path: "calibration")
        var options = RunOptions()
        options.version = version
        let (report, _) = try await Runner(
            plan: plan, start: StartChecks(of: plan), options: options,
            interruption: interruption
        ) { _ in }.run()
        let rows = report.document.runs.compactMap { run -> Row? in
            guard let stream = run.streams.first else { return nil }
            return Row(
                payloadBytes: stream.payloadBytes, offloaded: run.scenario.hasPrefix("offloaded"),
                receivedPps: stream.throughput.receivedPps,
                receivedBitsPerSecond: stream.throughput.receivedBitsPerSecond,
                p99Ns: stream.rttNs?.p99, reasons: run.reasons)
        }
        return (HostCapacity(rows: rows), report.judgement.exitStatus)
    }

    /// The plan: an echo in a closed loop, a second for each size and kind.
    private static var text: String {
        let scenarios = [("plain", "off"), ("offloaded", "on")].flatMap { name, knob in
            payloads.map { bytes in
                """
                {"name":"\(name)-\(bytes)","networks":["loopback"],"responder":"echo",
                "warm_up":"200ms","senders":[{"name":"load","rate":"max","payload":"\(bytes)B",
                "duration":"1s","offload":{"gso":"\(knob)","gro":"\(knob)"}}]}
                """
            }
        }
        return """
            {"plan":1,"name":"calibration","networks":{"loopback":{"kind":"loopback"}},
            "responders":{"echo":{"behaviour":"echo"}},
            "scenarios":[\(scenarios.joined(separator: ","))]}
            """
    }

    /// The rows as a table, each line with a line feed.
    package var table: String {
        let lines = rows.map { row in
            let sizes = UnitText.count(row.payloadBytes) + " B"
            let kind = row.offloaded ? "offloaded" : "plain"
            let figures = [
                UnitText.packetRate(row.receivedPps), UnitText.bitRate(row.receivedBitsPerSecond),
                UnitText.time(ns: row.p99Ns),
            ]
            return ([kind, sizes] + figures, row.reasons.first)
        }
        let heads = ["", "payload", "answered", "payload", "p99"]
        let all = [heads] + lines.map(\.0)
        let widths = heads.indices.map { column in
            all.map { TerminalText.width($0[column]) }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).enumerated().map { index, cell in
                let space = TerminalText.spaces(cell.1 - TerminalText.width(cell.0))
                return index == 0 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }
        let rows = lines.flatMap { cells, reason in
            [line(cells)] + (reason.map { ["    \(TerminalText.harmless($0))"] } ?? [])
        }
        return ([line(heads)] + rows).map { $0 + "\n" }.joined()
    }
}
