import Datagrams
import Metrics

@testable import Loops

/// What a responder hears: an echo, a sink or a room.
enum ResponderTarget {
    private static let bound = SimulatedRelayNetwork.address("127.0.0.1", 7_788)
    private static let peers = [
        SimulatedRelayNetwork.address("127.0.0.1", 40_000),
        SimulatedRelayNetwork.address("127.0.0.1", 40_001),
        SimulatedRelayNetwork.address("127.0.0.1", 7_788),
        SimulatedRelayNetwork.address("127.0.0.1", 7),
    ]

    static func test(_ octets: [UInt8], _ findings: Findings) {
        var input = InputReader(octets)
        let wire = Wire(&input)
        let (settings, manner, sent) = (input.byte(), input.byte(), Int(input.byte()))
        let flows = 1 + Int(settings & 3)
        let stream = ExpectedStream(
            firstSession: Wire.firstSession, flows: flows, payloadBytes: wire.payloadBytes,
            firstSequence: wire.firstSequence,
            statistics: StreamConfiguration(
                timeoutNs: 5_000_000, payloadBytes: wire.payloadBytes,
                startNs: SimulatedClock.startNs, direction: .oneWay),
            windowCapacity: 16, peersChange: settings & 4 != 0, verifies: settings & 8 != 0,
            sources: settings & 16 != 0 ? Array(peers.prefix(flows)) : [])
        let script = ResponderScript()
        script.coalesces = manner & 1 != 0
        var atNs = SimulatedClock.startNs
        for step in WireStep.script(&input, wire) {
            atNs += step.pauseNs
            script.arrivals.append(
                .init(atNs: atNs, octets: step.octets, source: peers[step.source]))
        }
        run(stream, over: script, isEcho: settings & 32 != 0, manner, sent: sent, findings)
    }

    private static func run(
        _ stream: ExpectedStream, over script: ResponderScript, isEcho: Bool, _ manner: UInt8,
        sent: Int, _ findings: Findings
    ) {
        let control = LoopControl()
        let lastNs = script.arrivals.last?.atNs ?? SimulatedClock.startNs
        let sentByFlow = [Int](repeating: sent, count: stream.flows)
        script.clock.alarm(atNs: lastNs + 1_000_000) {
            control.stop(drainNs: 0, sent: [sentByFlow])
        }
        script.clock.alarm(atNs: lastNs + 20_000_000_000) { fatalError("the loop does not end") }
        let members = manner & 2 != 0 ? 3 : 0
        var loop = ResponderLoop<SimulatedResponderKernel, SimulatedClock>(
            streams: [stream], echoes: isEcho, runID: Wire.runID, anchorNs: Wire.anchorNs,
            clock: script.clock, control: control, coalesces: script.coalesces, members: members,
            bound: bound, expectsAltered: manner & 4 != 0)
        var kernel = SimulatedResponderKernel(script: script)
        loop.run(&kernel)
        loop.close(stream: 0, sent: sentByFlow)
        let counts = loop.counts(stream: 0)
        findings.require(loop.fault == nil, "a datagram is a fault of the host")
        let came = loop.datagrams
        findings.require(
            came == script.arrivals.count, "\(came) of \(script.arrivals.count) were read")
        let counted = counts.received + counts.duplicates + loop.rejected.total
        findings.require(came == counted, "\(came) came, \(counted) were counted: \(counts)")
        findings.require((0...counts.received).contains(counts.echoed), "\(counts)")
        if members == 0 {
            let octets = script.arrivals.reduce(0) { $0 + $1.octets.count }
            let answered = script.answers.reduce(0) { $0 + $1.octets.count }
            findings.require(answered <= octets, "\(answered) B for \(octets) B")
        }
        _ = loop.figures(stream: 0)
    }
}
