import Datagrams
import Glibc

/// The leg of sockperf in one of its modes.
struct SockperfLeg: Leg {
    enum Mode: String {
        /// The maximum rate, one way.
        case throughput
        /// The maximum rate, with an answer to every message.
        case underLoad = "under-load"
        /// The next message is sent when the last one is answered.
        case pingPong = "ping-pong"
    }

    let mode: Mode
    /// The socket buffer size; `nil` leaves sockperf's default.
    let socketBufferBytes: Int?
    /// Whether the name includes the buffer size, because both sizes are measured.
    var namesBuffers = false

    var name: String {
        "sockperf \(mode.rawValue)" + (namesBuffers ? ", large buffers" : "")
    }

    func measure(_ traffic: Traffic, seconds: Int) throws -> LegFigures {
        let port = try LoopbackPort.free()
        let place =
            ["-i", LoopbackPort.host, "-p", "\(port)"]
            + (socketBufferBytes.map { ["--buffer-size", "\($0)"] } ?? [])
        let cpuBefore = ProcessControl.usage(ofChildren: true).cpuSeconds
        let server = try Child(["sockperf", "server"] + place)
        try server.wait(seconds: Self.readySeconds) { LoopbackPort.isBound(port, .udp) }
        let client = try Child(
            ["sockperf", mode.rawValue] + place + ["-t", "\(seconds)"]
                + ["-m", "\(traffic.payloadBytes)"]
                + (mode == .underLoad ? ["--mps=max", "--reply-every=1"] : []))
        let ending = try client.waitForEnd(seconds: Self.limit(seconds))
        // The server reports the number of messages only at its end.
        server.stop(SIGINT)
        let cpuSeconds = ProcessControl.usage(ofChildren: true).cpuSeconds - cpuBefore
        guard ending.exitCode == 0 else {
            throw BenchError("sockperf failed\(client.lastWords)")
        }
        return mode == .throughput
            ? try SockperfOutput.oneWay(
                client: client.text, server: server.text, cpuSeconds: cpuSeconds)
            : try SockperfOutput.echo(client.text, cpuSeconds: cpuSeconds)
    }
}
