import Glibc
import JSON
import Reports

/// Measures DNS queries to a local server beside dnsperf, at the same outstanding window, and what
/// both say of the latency at one rate.
struct DNSRun {
    static let name = "dns"
    /// The queries that each tool keeps in flight, dnsperf's default.
    static let window = 100
    /// A rate far below the capacity of a server. Its answers take microseconds, so that the
    /// latency is mostly that of the tool; `ServiceTests` compares it where it is the server's.
    static let ratePps = 2_000
    private static let question = "www.example.test"

    let program: UdplabProgram
    let workspace: Workspace

    func measure(rounds: Int, seconds: Int, _ progress: Progress) -> DNSFigures {
        var figures = DNSFigures()
        do {
            let port = try LoopbackPort.free()
            let server = try Child(Self.server(port))
            defer { server.stop(SIGTERM) }
            try server.wait(seconds: RawLeg.readySeconds) { LoopbackPort.isBound(port, .udp) }
            try workspace.write("\(Self.question) A\n", to: "queries")
            for round in 1...rounds where !progress.isStopped {
                measure(round, of: rounds, port, seconds: seconds, &figures, progress)
            }
        } catch {
            figures.problems.append("\(error)")
            progress.say("dns: \(error)")
        }
        return figures
    }

    private func measure(
        _ round: Int, of rounds: Int, _ port: UInt16, seconds: Int, _ figures: inout DNSFigures,
        _ progress: Progress
    ) {
        do {
            let ours = try udplab(port, rate: nil, seconds: seconds)
            let theirs = try dnsperf(
                port, ["-q", "\(Self.window)"], seconds: seconds)
            figures.ownPps.append(ours.throughput.receivedPps)
            figures.dnsperfPps.append(theirs.pps)
            let slow = try udplab(port, rate: Self.ratePps, seconds: seconds)
            let their = try dnsperf(port, ["-Q", "\(Self.ratePps)"], seconds: seconds)
            figures.ownMeanNs.append(slow.rttNs?.mean)
            figures.dnsperfMeanNs.append(their.meanNs)
            figures.ownLossRatio.append(slow.loss.ratio)
            figures.dnsperfLossRatio.append(their.lossRatio)
            progress.say(
                "dns, round \(round) of \(rounds): "
                    + "\(UnitText.packetRate(ours.throughput.receivedPps)), dnsperf "
                    + UnitText.packetRate(theirs.pps))
        } catch {
            figures.ownPps.append(nil)
            figures.dnsperfPps.append(nil)
            figures.problems.append("round \(round): \(error)")
            progress.say("dns, round \(round) of \(rounds): \(error)")
        }
    }

    private static func server(_ port: UInt16) -> [String] {
        [
            "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
            "--pid-file=", "--port=\(port)", "--listen-address=\(LoopbackPort.host)",
            "--bind-interfaces", "--address=/example.test/192.0.2.1",
        ]
    }

    private func udplab(_ port: UInt16, rate: Int?, seconds: Int) throws -> StreamReport {
        let rate = rate.map { "\"\($0)pps\"" } ?? "\"max\", \"window\": \(Self.window)"
        let plan = """
            { "plan": 1, "name": "bench",
              "networks": { "there": { "kind": "path", "address": "\(LoopbackPort.host):\(port)" } },
              "scenarios": [ { "name": "leg", "networks": ["there"], "senders": [
                { "name": "load", "rate": \(rate), "duration": "\(seconds)s",
                  "request": { "dns": { "name": "\(Self.question)" } } } ] } ] }
            """
        let run = try program.run(text: plan, seconds: UdplabLeg.limit(seconds))
        guard let stream = run.streams.first else { throw BenchError("udplab sent nothing") }
        guard stream.ledger.wrongAnswer == 0 else {
            throw BenchError("answers were wrong: \(stream.request?.firstWrongAnswer ?? "")")
        }
        return stream
    }

    private func dnsperf(
        _ port: UInt16, _ options: [String], seconds: Int
    ) throws -> DnsperfFigures {
        let client = try Child(
            ["dnsperf", "-s", LoopbackPort.host, "-p", "\(port)"]
                + ["-d", workspace.file("queries"), "-l", "\(seconds)"] + options)
        let ending = try client.waitForEnd(seconds: UdplabLeg.limit(seconds))
        guard ending.exitCode == 0 else { throw BenchError("dnsperf failed\(client.lastWords)") }
        return try DnsperfFigures(client.text)
    }
}

/// The summary of dnsperf.
struct DnsperfFigures: Equatable {
    var pps: Double
    var lossRatio: Double?
    var meanNs: Double

    /// Reads `  Queries per second:   64868.224107` and the lines like it.
    init(_ output: String) throws(BenchError) {
        func number(_ word: String) throws(BenchError) -> Double {
            for line in output.split(separator: "\n") {
                guard let found = line.firstRange(of: word),
                    let value = line[found.upperBound...].split(separator: " ").first,
                    let number = Double(value)
                else { continue }
                return number
            }
            throw BenchError("dnsperf's output has no \"\(word)\"")
        }
        pps = try number("Queries per second:")
        meanNs = try number("Average Latency (s):") * 1e9
        let sent = try number("Queries sent:")
        let lost = try number("Queries lost:")
        lossRatio = sent > 0 ? lost / sent : nil
    }
}

/// The figures of both tools, a value per round; nil for a failed round.
struct DNSFigures: Codable, Equatable, Sendable {
    var ownPps: [Double?] = []
    var dnsperfPps: [Double?] = []
    /// The mean latencies at one rate.
    var ownMeanNs: [Double?] = []
    var dnsperfMeanNs: [Double?] = []
    var ownLossRatio: [Double?] = []
    var dnsperfLossRatio: [Double?] = []
    var problems: [String] = []

    var ratio: PairedRatio? { PairedRatio(ownPps, over: dnsperfPps) }
}
