import Datagrams
import Glibc

/// sockperf in one of its modes.
struct SockperfLeg: Leg {
    enum Mode: String {
        /// As fast as it can, one way.
        case throughput
        /// As fast as it can, every message answered.
        case underLoad = "under-load"
        /// The next message when the answer to the last is there.
        case pingPong = "ping-pong"
    }

    let mode: Mode
    /// `nil` leaves the default: then it is sockperf as it comes.
    let socketBufferBytes: Int?
    /// Where both sizes are measured, the larger one says so.
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
        // Only then it says how many messages came.
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
