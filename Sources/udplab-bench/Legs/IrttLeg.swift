import Datagrams
import Glibc

/// The leg of irtt at an interval far shorter than it can keep: it sends as often as it can.
struct IrttLeg: Leg {
    let name = "irtt"
    private static let interval = "1us"
    /// The wait for the last answers.
    private static let wait = "500ms"

    func measure(_ traffic: Traffic, seconds: Int) throws -> LegFigures {
        let place = "\(LoopbackPort.host):\(try LoopbackPort.free())"
        let port = place.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
        let cpuBefore = ProcessControl.usage(ofChildren: true).cpuSeconds
        let server = try Child(["irtt", "server", "-b", place, "-i", "0"])
        try server.wait(seconds: Self.readySeconds) { LoopbackPort.isBound(port, .udp) }
        let client = try Child(
            ["irtt", "client", "-i", Self.interval, "-d", "\(seconds)s"]
                + ["-l", "\(traffic.payloadBytes)", "-q", "--wait=\(Self.wait)", place])
        let ending = try client.waitForEnd(seconds: Self.limit(seconds))
        server.stop(SIGTERM)
        let cpuSeconds = ProcessControl.usage(ofChildren: true).cpuSeconds - cpuBefore
        guard ending.exitCode == 0 else { throw BenchError("irtt failed\(client.lastWords)") }
        return try Self.figures(in: client.text, seconds: seconds, cpuSeconds: cpuSeconds)
    }

    /// Reads `packets sent/received: 54056/52331 (3.19% loss)`. The `duration` in the output
    /// includes the wait after the last packet, so the rate is computed over the requested sending
    /// time.
    static func figures(
        in output: String, seconds: Int, cpuSeconds: Double
    ) throws -> LegFigures {
        let mark = "packets sent/received: "
        guard let line = output.split(separator: "\n").first(where: { $0.contains(mark) }),
            let found = line.firstRange(of: mark)
        else { throw BenchError("irtt's output has no \"\(mark)\"") }
        let counts = line[found.upperBound...].prefix { $0 != " " }
            .split(separator: "/").compactMap { Int($0) }
        guard counts.count == 2 else { throw BenchError("irtt's \"\(line)\" has no counts") }
        return LegFigures(
            sentPps: Double(counts[0]) / Double(seconds),
            receivedPps: Double(counts[1]) / Double(seconds),
            lossRatio: LegFigures.lossRatio(sent: counts[0], received: counts[1]),
            cpuSecondsPerMillion: LegFigures.perMillion(cpuSeconds, counts[1]))
    }
}
