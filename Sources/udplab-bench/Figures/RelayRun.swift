import Datagrams
import Glibc
import JSON
import Loops
import Reports

/// Measures the capacity of `udplab relay`, beside a loop that only forwards.
///
/// The target is a socket that is never read: the kernel fills it and drops the rest. So on a
/// machine with two CPUs one process sends and one relays, and nothing else is measured.
struct RelayRun {
    static let name = "relay"
    private static let payloadBytes = 64
    /// The rate for measuring the relay's own delay, far below its capacity.
    private static let delayPps = 10_000

    /// The configuration of a relay.
    enum Kind: String, CaseIterable {
        case raw = "raw forwarding loop"
        case loss = "udplab relay, 1 % loss"
        case lossAndDelay = "udplab relay, 1 % loss and 20 ms"

        var flags: [String] {
            switch self {
            case .raw: []
            case .loss: ["--forward-loss", "1%"]
            case .lossAndDelay: ["--forward-loss", "1%", "--forward-delay", "20ms"]
            }
        }
    }

    let program: UdplabProgram

    func measure(rounds: Int, seconds: Int, _ progress: Progress) -> RelayFigures {
        var figures = RelayFigures()
        for round in 1...rounds {
            for kind in Kind.allCases where !progress.isStopped {
                attempt("\(kind.rawValue), round \(round) of \(rounds)", &figures, progress) {
                    let (far, near) = try carry(kind, seconds: seconds, pps: nil)
                    let pps = Double(far.received) * 1e9 / Double(max(1, near.elapsedNs))
                    $0.add(kind, pps: pps)
                    return UnitText.packetRate(pps)
                } failed: {
                    $0.add(kind, pps: nil)
                }
            }
            for kind in [Kind.raw, .loss] where !progress.isStopped {
                attempt("own delay, \(kind.rawValue), round \(round)", &figures, progress) {
                    let (far, _) = try carry(kind, seconds: seconds, pps: Self.delayPps)
                    $0.add(kind, p50Ns: far.delayP50Ns, p99Ns: far.delayP99Ns)
                    return UnitText.time(ns: far.delayP50Ns)
                } failed: { _ in
                }
            }
        }
        return figures
    }

    private func attempt(
        _ title: String, _ figures: inout RelayFigures, _ progress: Progress,
        _ body: (inout RelayFigures) throws -> String, failed: (inout RelayFigures) -> Void
    ) {
        do {
            progress.say("\(title): \(try body(&figures))")
        } catch {
            failed(&figures)
            figures.problems.append("\(title): \(error)")
            progress.say("\(title): \(error)")
        }
    }

    /// Runs one relay under one sender.
    private func carry(
        _ kind: Kind, seconds: Int, pps: Int?
    ) throws -> (relay: RawFigures, sender: RawFigures) {
        let sink = try DatagramSocket(family: .ipv4)
        guard let any = SocketAddress(numericHost: LoopbackPort.host, port: 0) else {
            throw BenchError("\(LoopbackPort.host) is no address")
        }
        try sink.bind(to: any)
        let target = try sink.localAddress().description
        let (relay, port) =
            kind == .raw
            ? try startRaw(target, measuresDelay: pps != nil)
            : try startLab(kind, target, measuresDelay: pps != nil)
        let words =
            ["/proc/self/exe", "raw", "sender", "--payload", "\(Self.payloadBytes)"]
            + ["--target", "\(LoopbackPort.host):\(port)", "--seconds", "\(seconds)"]
        let sender = try Child(words + (pps.map { ["--pps", "\($0)"] } ?? []))
        let near = try RawLeg.figures(
            of: sender, try sender.waitForEnd(seconds: RawLeg.limit(seconds)))
        // Held datagrams are sent before the relay ends.
        usleep(200_000)
        relay.stop(SIGTERM)
        let ending = try relay.waitForEnd(seconds: RawLeg.readySeconds)
        let far =
            kind == .raw
            ? try RawLeg.figures(of: relay, ending) : try Self.figures(of: relay, ending)
        return (far, near)
    }

    private func startRaw(
        _ target: String, measuresDelay: Bool
    ) throws -> (Child, UInt16) {
        let relay = try Child(
            ["/proc/self/exe", "raw", "relay", "--payload", "\(Self.payloadBytes)"]
                + ["--target", target] + (measuresDelay ? ["--delay"] : []))
        try relay.waitForOutput(seconds: RawLeg.readySeconds) { $0.contains("\n") }
        guard let port = try RawFigures.lines(in: relay.text).first?.port else {
            throw BenchError("the raw relay named no port\(relay.lastWords)")
        }
        return (relay, UInt16(port))
    }

    private func startLab(
        _ kind: Kind, _ target: String, measuresDelay: Bool
    ) throws -> (Child, UInt16) {
        let port = try LoopbackPort.free()
        let relay = try Child(
            [program.path, "relay", "--listen", "\(LoopbackPort.host):\(port)", "--to", target]
                + ["--json", "--quiet"] + kind.flags + (measuresDelay ? ["--timestamps"] : []))
        try relay.wait(seconds: RawLeg.readySeconds) { LoopbackPort.isBound(port, .udp) }
        return (relay, port)
    }

    /// Returns the figures from the relay's summary: the datagrams forwarded, after a check that
    /// its accounts balance.
    private static func figures(
        of child: Child, _ ending: ProcessControl.Ending
    ) throws -> RawFigures {
        guard ending.exitCode == 0 else {
            throw BenchError("udplab relay failed\(child.lastWords)")
        }
        let json = try JSONValue.parse(child.output, limits: .report)
        guard let result = json["result"] else { throw BenchError("a summary without a result") }
        let relay = try JSONCoding.decode(RelayResult.self, from: result)
        let accounts = relay.forward.accounts
        guard accounts.accounted == accounts.received else {
            throw BenchError("the relay's accounts do not add up: \(accounts)")
        }
        var figures = RawFigures(received: accounts.forwarded)
        figures.delayP50Ns = relay.ownDelayNs?.p50
        figures.delayP99Ns = relay.ownDelayNs?.p99
        return figures
    }
}

/// The figures of the relays, a value per round; nil for a failed round.
struct RelayFigures: Codable, Equatable, Sendable {
    var rawPps: [Double?] = []
    var lossPps: [Double?] = []
    var lossAndDelayPps: [Double?] = []
    /// The delay from the kernel's receive to the send call, at a rate far below a relay's
    /// capacity.
    var rawDelayP50Ns: [Int] = []
    var rawDelayP99Ns: [Int] = []
    var ownDelayP50Ns: [Int] = []
    var ownDelayP99Ns: [Int] = []
    var problems: [String] = []

    mutating func add(_ kind: RelayRun.Kind, pps: Double?) {
        switch kind {
        case .raw: rawPps.append(pps)
        case .loss: lossPps.append(pps)
        case .lossAndDelay: lossAndDelayPps.append(pps)
        }
    }

    mutating func add(_ kind: RelayRun.Kind, p50Ns: Int?, p99Ns: Int?) {
        guard let p50Ns, let p99Ns else { return }
        if kind == .raw {
            rawDelayP50Ns.append(p50Ns)
            rawDelayP99Ns.append(p99Ns)
        } else {
            ownDelayP50Ns.append(p50Ns)
            ownDelayP99Ns.append(p99Ns)
        }
    }

    var lossRatio: PairedRatio? { PairedRatio(lossPps, over: rawPps) }
    var lossAndDelayRatio: PairedRatio? { PairedRatio(lossAndDelayPps, over: rawPps) }

    static func median(_ values: [Int]) -> Double? { Sample.median(values.map(Double.init)) }
}
