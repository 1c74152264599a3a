import Datagrams
import Glibc

/// The leg of the loops without accounting, as two processes, like the lab's two workers.
struct RawLeg: Leg {
    let name = "raw loop"
    /// This program.
    private let program = "/proc/self/exe"

    func measure(_ traffic: Traffic, seconds: Int) throws -> LegFigures {
        let cpus = DataThread.allowedCPUs()
        let responder = try Child(
            arguments(.responder, traffic, cpu: cpus.count > 1 ? cpus[1] : nil))
        try responder.waitForOutput(seconds: Self.readySeconds) { $0.contains("\n") }
        guard let port = try RawFigures.lines(in: responder.text).first?.port else {
            throw BenchError("the raw responder named no port\(responder.lastWords)")
        }
        let sender = try Child(
            arguments(.sender, traffic, cpu: cpus.count > 1 ? cpus[0] : nil)
                + ["--target", "\(LoopbackPort.host):\(port)", "--seconds", "\(seconds)"])
        let near = try Self.figures(of: sender, try sender.waitForEnd(seconds: Self.limit(seconds)))
        responder.stop(SIGTERM)
        let far = try Self.figures(
            of: responder, try responder.waitForEnd(seconds: Self.readySeconds))
        return Self.combine(near: near, far: far, traffic.direction)
    }

    static func combine(
        near: RawFigures, far: RawFigures, _ direction: Traffic.Direction
    ) -> LegFigures {
        let received = direction == .oneWay ? far.received : near.received
        let seconds = Double(near.elapsedNs) / 1e9
        return LegFigures(
            sentPps: Double(near.sent) / seconds, receivedPps: Double(received) / seconds,
            lossRatio: LegFigures.lossRatio(sent: near.sent, received: received),
            cpuSecondsPerMillion: LegFigures.perMillion(near.cpuSeconds + far.cpuSeconds, received))
    }

    static func figures(
        of child: Child, _ ending: ProcessControl.Ending
    ) throws -> RawFigures {
        guard ending.exitCode == 0, let figures = try RawFigures.lines(in: child.text).last,
            figures.port == nil
        else { throw BenchError("a raw loop failed\(child.lastWords)") }
        return figures
    }

    private func arguments(
        _ role: RawRole, _ traffic: Traffic, cpu: Int?
    ) -> [String] {
        [program, "raw", role.rawValue, "--payload", "\(traffic.payloadBytes)"]
            + ["--segments", "\(traffic.segments)"]
            + (traffic.direction == .echo ? ["--echo"] : [])
            + (cpu.map { ["--cpu", "\($0)"] } ?? [])
    }
}
