import Datagrams
import Glibc
import JSON

/// The leg of iperf3, which sends one way; its server reports the arrivals.
struct Iperf3Leg: Leg {
    let name = "iperf3"
    let socketBufferBytes: Int?

    func measure(_ traffic: Traffic, seconds: Int) throws -> LegFigures {
        let port = try LoopbackPort.free()
        let cpuBefore = ProcessControl.usage(ofChildren: true).cpuSeconds
        let server = try Child(
            ["iperf3", "--server", "--one-off", "--bind", LoopbackPort.host, "--port", "\(port)"])
        try server.wait(seconds: Self.readySeconds) { LoopbackPort.isBound(port, .tcp) }
        let client = try Child(
            ["iperf3", "--client", LoopbackPort.host, "--port", "\(port)", "--udp"]
                + ["--bitrate", "0", "--length", "\(traffic.payloadBytes)"]
                + ["--time", "\(seconds)", "--json"] + (traffic.isOffloaded ? ["--gsro"] : [])
                + (socketBufferBytes.map { ["--window", "\($0)"] } ?? []))
        _ = try client.waitForEnd(seconds: Self.limit(seconds))
        server.stop(SIGTERM)
        let cpuSeconds = ProcessControl.usage(ofChildren: true).cpuSeconds - cpuBefore
        return try Self.figures(
            in: client.output, payloadBytes: traffic.payloadBytes, cpuSeconds: cpuSeconds)
    }

    /// Reads the output of `--json`: `end.sum_sent.packets`, and of `end.sum_received` the bytes,
    /// the seconds and `lost_percent`. `sum_received.packets` includes lost packets.
    static func figures(
        in output: [UInt8], payloadBytes: Int, cpuSeconds: Double
    ) throws -> LegFigures {
        let report = try JSONValue.parse(output, limits: .report)
        if case .string(let reason)? = report["error"] { throw BenchError("iperf3: \(reason)") }
        let end = report["end"]
        guard let bytes = end?["sum_received"]?["bytes"]?.double,
            let seconds = end?["sum_received"]?["seconds"]?.double, seconds > 0
        else { throw BenchError("iperf3 gave no end.sum_received") }
        let received = bytes / Double(payloadBytes)
        let sent = end?["sum_sent"]?["packets"]?.double
        let sentSeconds = end?["sum_sent"]?["seconds"]?.double
        let lostPercent = end?["sum_received"]?["lost_percent"]?.double
        return LegFigures(
            sentPps: sent.flatMap { sent in sentSeconds.map { sent / $0 } },
            receivedPps: received / seconds, lossRatio: lostPercent.map { $0 / 100 },
            cpuSecondsPerMillion: LegFigures.perMillion(cpuSeconds, Int(received)))
    }
}

extension JSONValue {
    /// The value as a number, integer or not.
    fileprivate var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
