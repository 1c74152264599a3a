import Datagrams
import Impairment

@testable import Loops

/// What a relay hears from its clients and its target, with whatever it is to do to it.
enum RelayTarget {
    /// How long the relay may hand on what it holds when all has come: what takes longer is
    /// `heldAtStop`.
    private static let drainNs: Int64 = 50_000_000

    private static let clients = [
        SimulatedRelayNetwork.client,
        SimulatedRelayNetwork.address("127.0.0.1", 40_001),
        SimulatedRelayNetwork.address("127.0.0.1", 7),
        SimulatedRelayNetwork.address("::1", 40_000),
    ]

    static func test(_ octets: [UInt8], _ findings: Findings) {
        var input = InputReader(octets)
        let wire = Wire(&input)
        let settings = input.byte()
        let forward = impairment(&input)
        let backward = impairment(&input)
        let stream = ExpectedStreamOrder(
            firstSession: Int(Wire.firstSession), flows: 1 + Int(settings & 3),
            payloadBytes: wire.payloadBytes, firstSequence: Int(wire.firstSequence),
            timeoutNs: 5_000_000, windowCapacity: 16, intervalNs: 1_000_000_000, maxIntervals: 1,
            peersChange: settings & 4 != 0)
        relay(
            forward, backward, seed: Int(input.byte()), steps: WireStep.script(&input, wire),
            streams: settings & 8 != 0 ? [stream] : [], findings)
    }

    private static func impairment(_ input: inout InputReader) -> Impairment {
        var impairment = Impairment()
        let parts = input.byte()
        func probability() -> Probability { Probability(billionths: Int(input.byte()) * 3_921_568) }
        if parts & 1 != 0 { impairment.loss = .bernoulli(probability: probability()) }
        if parts & 2 != 0 { impairment.delay = .constant(ns: Int64(input.byte()) * 100_000) }
        if parts & 4 != 0 {
            impairment.jitter = JitterModel(
                amountNs: Int64(input.byte()) * 100_000, keepsOrder: parts & 8 != 0)
        }
        if parts & 16 != 0 {
            impairment.reorder = ReorderModel(
                probability: probability(), depth: 1 + Int(input.byte()))
        }
        if parts & 32 != 0 {
            impairment.duplicate = DuplicateModel(
                probability: probability(), copies: 1 + Int(input.byte() % 4))
        }
        if parts & 64 != 0 {
            let hit = input.byte()
            impairment.alterations = Alteration.all.map {
                AlterationShare($0.key, probability: probability(), amount: 1 + Int(hit))
            }
        }
        if parts & 128 != 0 {
            impairment.bottleneck = Bottleneck(
                bitsPerSecond: 1_000 + Int64(input.byte()) * 100_000,
                queueBytes: 1 + Int64(input.byte()) * 64)
        }
        return impairment
    }

    /// Runs the relay, with a target that returns everything.
    static func relay(
        _ forward: Impairment, _ backward: Impairment, seed: Int, steps: [WireStep],
        streams: [ExpectedStreamOrder], _ findings: Findings
    ) {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 50_000
        var atNs = SimulatedClock.startNs + 1_000_000
        for step in steps {
            atNs += step.pauseNs
            network.arrive(
                step.octets, from: clients[step.source], trafficClass: step.trafficClass,
                hopLimit: step.hopLimit, atNs: atNs)
        }
        let control = RelayControl(endsWhenEmpty: true)
        network.clock.alarm(atNs: atNs + 1_000_000) { control.loop.stop(drainNs: drainNs) }
        network.clock.alarm(atNs: atNs + 600_000_000_000) { fatalError("the loop does not end") }
        let assignment = RelayAssignment(
            listen: "127.0.0.1:0", targets: ["127.0.0.1:7788"], forward: forward,
            backward: backward, seed: seed, runId: Int(Wire.runID), streams: streams,
            memoryBytes: 1 << 20, flowsLimit: 2)
        var loop = RelayLoop<SimulatedRelayKernel, SimulatedClock>(
            assignment, startNs: SimulatedClock.startNs, clock: network.clock, control: control)
        var kernel = SimulatedRelayKernel(network)
        loop.run(&kernel)
        let result = loop.result(&kernel)
        findings.require(loop.fault == nil, "a datagram is a fault of the host")
        findings.require(
            result.forward.accounts.received == steps.count, "\(result.forward.accounts)")
        for side in [result.forward, result.backward] {
            let accounts = side.accounts
            findings.require(accounts.accounted == accounts.received, "\(accounts)")
            for stream in side.streams {
                let gone = stream.delivered + stream.altered + stream.held
                findings.require((0...stream.received).contains(gone), "\(stream)")
            }
        }
    }
}
