import Harness
import Metrics
import Reports
import Testing

@testable import Exports

@Suite("hgrm, Prometheus and Influx")
struct MetricFormTests {
    // MARK: - hgrm

    private func one() throws -> Report {
        var report = try Exported.sample()
        report.runs.removeLast()
        return report
    }

    private func rows(_ text: String) -> [[Double]] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst().map { line in
            line.split(separator: " ").compactMap { Double($0) }
        }
    }

    @Test("hgrm has the report's percentiles in ms, and ends with all values at the maximum")
    func hgrm() throws {
        let report = try one()
        let delays = try #require(report.runs[0].streams[0].rttNs)
        let text = try Exported.text(report, as: "hgrm")
        #expect(text.contains("Value     Percentile   TotalCount 1/(1-Percentile)\n\n"))
        let rows = rows(text)
        #expect(
            zip(rows, rows.dropFirst()).allSatisfy {
                $0[0] <= $1[0] && $0[1] < $1[1] && $0[2] < $1[2]
            })
        let last = try #require(rows.last)
        #expect(last == [Double(try #require(delays.max)) / 1e6, 1, Double(delays.count)])
        let middle = try #require(rows.first { $0[1] >= 0.5 })
        #expect(abs(middle[0] - Double(try #require(delays.p50)) / 1e6) <= middle[0] * 0.05)
        // The plotter draws lines of four columns.
        #expect(rows.dropLast().allSatisfy { $0.count == 4 && abs($0[3] * (1 - $0[1]) - 1) < 0.02 })
        #expect(text.contains("Total count    = \(delays.count)]"))
    }

    @Test("hgrm has one series: others are named and refused")
    func oneSeries() throws {
        let report = try Exported.sample()
        do {
            _ = try Exported.text(report, as: "hgrm")
            Issue.record("two series in one file")
        } catch {
            #expect("\(error)".contains("steady/loopback/calls, as-fast-as-it-goes/loopback/flood"))
        }
        let document = ExportedDocument(name: "r", .report(report))
        let text = try HGRMExporter(series: "steady/loopback/calls").text(of: [document])
        #expect(try rows(text) == rows(Exported.text(one(), as: "hgrm")))
        #expect(throws: ExportError.self) { try HGRMExporter(series: "no").text(of: [document]) }
        #expect(HGRMExporter().obstacle(series: 2) != nil)
        #expect(HGRMExporter().obstacle(series: 1) == nil)
    }

    @Test("hgrm of a run without delays is refused and not empty")
    func noDelays() throws {
        var report = try one()
        report.runs[0].streams[0].rttNs = DelaySummary()
        #expect(throws: ExportError.self) { try Exported.text(report, as: "hgrm") }
        report.runs = []
        #expect(throws: ExportError.self) { try Exported.text(report, as: "hgrm") }
    }

    // MARK: - Prometheus

    @Test("each metric has HELP and TYPE once, its samples together, and base units")
    func prometheus() throws {
        let report = try Exported.sample()
        let text = try Exported.text(report, as: "prometheus")
        var family = ""
        var families: Set<String> = []
        var samples: Set<Substring> = []
        for line in text.split(separator: "\n") {
            if let help = line.wholeMatch(of: /# HELP ([a-z0-9_]+) (.+)/) {
                family = String(help.1)
                #expect(families.insert(family).inserted, "\(family)")
            } else if let type = line.wholeMatch(of: /# TYPE ([a-z0-9_]+) (gauge|summary)/) {
                #expect(type.1 == family)
            } else {
                let sample = try #require(
                    line.wholeMatch(of: /(([a-z0-9_]+?)(_sum|_count)?\{[^{}]+\}) (\S+)/), "\(line)")
                #expect(String(sample.2).hasPrefix(family) || family == "\(sample.2)", "\(line)")
                #expect(samples.insert(sample.1).inserted, "\(line)")
                #expect(Double(sample.4) != nil)
            }
        }
        let stream = report.runs[0].streams[0]
        let labels =
            #"{plan="quickstart",scenario="steady",network="loopback",repeat="1",sender="calls""#
        let p99 = Double(try #require(stream.rttNs?.p99)) * 1e-9
        #expect(text.contains("udplab_rtt_seconds\(labels),quantile=\"0.99\"} \(p99)\n"))
        #expect(
            text.contains("udplab_rtt_seconds_count\(labels)} \(Double(stream.ledger.received))\n"))
        #expect(text.contains("udplab_ledger_sent\(labels)} \(Double(stream.ledger.sent))\n"))
        let bits = try #require(stream.throughput.receivedBitsPerSecond)
        #expect(
            text.contains("udplab_throughput_received_bytes_per_second\(labels)} \(bits / 8)\n"))
    }

    @Test(
        "promtool has nothing to say",
        .enabled(if: Program.tool("promtool") != nil, "promtool (prometheus) is not installed"))
    func promtool() async throws {
        let directory = try TemporaryDirectory()
        for report in [try Exported.sample(), try Exported.hostileReport()] {
            let two = [
                ExportedDocument(name: "a", .report(report)),
                ExportedDocument(name: "b", .report(report)),
            ]
            try directory.write("metrics", PrometheusExporter().text(of: two))
            let ended = try await Execution.run(
                ["-c", "promtool check metrics <metrics"], program: "sh", in: directory)
            #expect(ended.code == 0 && ended.errors.isEmpty && ended.output.isEmpty, "\(ended.all)")
        }
    }

    @Test("hostile text stays a label or a tag")
    func hostile() throws {
        for name in ["prometheus", "influx", "hgrm"] {
            var report = try Exported.hostileReport()
            if name == "hgrm" { report.runs.removeLast() }
            let text = try Exported.text(report, as: name)
            #expect(Exported.isHarmless(text), "\(name)")
        }
        for line in try Exported.text(Exported.hostileReport(), as: "prometheus")
            .split(separator: "\n") where !line.hasPrefix("#")
        {
            let label = /[a-z_]+="([^"\\]|\\\\|\\"|\\n)*"/
            let labels = line.replacing(label, with: "L")
            #expect(labels.wholeMatch(of: /[a-z0-9_]+\{L(,L)*\} \S+/) != nil, "\(line)")
        }
        for line in try Exported.text(Exported.hostileReport(), as: "influx").split(separator: "\n")
        {
            // Backslashes that escape a separator go away with it; spaces and commas left over
            // separate.
            let plain = line.replacing(/\\[ ,=]/, with: "x")
            #expect(plain.split(separator: " ").count == 3, "\(line)")
            #expect(
                plain.split(separator: " ")[0].split(separator: ",").dropFirst()
                    .allSatisfy { $0.count { $0 == "=" } == 1 }, "\(line)")
        }
    }

    // MARK: - Influx

    @Test("a line per run and per stream, with the types of the figures and the run's time")
    func influx() throws {
        let report = try Exported.sample()
        let lines = try Exported.text(report, as: "influx").split(separator: "\n")
        #expect(lines.count == 2 * report.runs.count)
        let time = report.runs[0].started.millisecondsSince1970 * 1_000_000
        #expect(lines[0].hasPrefix("udplab_run,plan=quickstart,scenario=steady,"))
        #expect(lines[1].hasSuffix(" \(time)"))
        let stream = report.runs[0].streams[0]
        #expect(lines[1].contains(",ledger_sent=\(stream.ledger.sent)i,"))
        #expect(lines[1].contains(",loss_ratio=\(try #require(stream.loss.ratio)),"))
        #expect(!lines[1].contains("null"))
    }
}
