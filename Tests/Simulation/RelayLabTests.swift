import Datagrams
import Impairment
import Testing

@testable import Loops

/// A relay that knows the probes: flows by session, and unique accounts.
@Suite struct RelayLabTests {
    private static let stream = ExpectedStreamOrder(
        firstSession: 7, flows: 3, payloadBytes: 64, firstSequence: 0, timeoutNs: 50_000_000,
        windowCapacity: 4_096, intervalNs: 1_000_000_000, maxIntervals: 1)

    private static func assignment(
        forward: Impairment = Impairment(), backward: Impairment = Impairment()
    ) -> RelayAssignment {
        var assignment = RelayRun.assignment(forward: forward, backward: backward)
        assignment.streams = [stream]
        assignment.runId = Int(truncatingIfNeeded: SenderRun.runID)
        return assignment
    }

    /// Probes of all flows, in the order that `flows` says, each from an address of its own.
    private static func probes(
        _ count: Int, flows: [Int] = [0, 1, 2], into network: SimulatedRelayNetwork
    ) {
        for index in 0..<count {
            for (place, flow) in flows.enumerated() {
                let atNs =
                    SimulatedClock.startNs + 1_000_000 + Int64(index) * 30_000
                    + Int64(place) * 10_000
                network.arrive(
                    ResponderRun.probe(
                        index, flow: flow, of: ResponderRun.stream(flows: 3), sentNs: atNs),
                    from: SimulatedRelayNetwork.address("127.0.0.1", UInt16(40_000 + flow)),
                    atNs: atNs)
            }
        }
    }

    @Test("fates follow the session, whoever comes first")
    func sessions() {
        let impairment = Impairment(loss: .bernoulli(probability: Probability(0.2)))
        let runs = [[0, 1, 2], [2, 0, 1]].map { order in
            let network = SimulatedRelayNetwork()
            Self.probes(300, flows: order, into: network)
            return RelayRun(Self.assignment(forward: impairment), over: network)
        }
        #expect(runs[0].result.forward.decisions == runs[1].result.forward.decisions)
        for run in runs { run.expectBalance() }
        var lost = 0
        for flow in 0..<3 {
            var fates = FlowFates(impairment, seed: 7, direction: .forward, flow: 6 + flow)
            for _ in 0..<300 where fates.next().isLost { lost += 1 }
        }
        #expect(runs[0].forward.lost == lost)
        #expect(runs[1].forward.lost == lost)
    }

    @Test("unique accounts: received less delivered is what was lost, copies or not")
    func uniqueAccounts() {
        let impairment = Impairment(
            loss: .bernoulli(probability: Probability(0.1)),
            delay: .uniform(lowNs: 0, highNs: 2_000_000),
            duplicate: DuplicateModel(probability: Probability(0.3), copies: 2))
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        Self.probes(500, into: network)
        let run = RelayRun(
            Self.assignment(forward: impairment, backward: impairment), over: network)
        run.expectBalance()
        let forward = run.result.forward.streams[0]
        let backward = run.result.backward.streams[0]
        #expect(forward.received == 1_500)
        #expect(forward.received - forward.delivered == run.forward.lost)
        #expect(backward.received == forward.delivered)
        #expect(backward.duplicates == run.forward.duplicated)
        let reached = Set(network.returned.map { $0.octets.prefix(16) })
        #expect(backward.delivered == reached.count)
        #expect(run.forward.foreign == 0)
        #expect(run.backward.foreign == 0)
    }

    @Test("H12 altered probes are told from delivered ones, and their echoes move no window")
    func altered() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        Self.probes(500, into: network)
        let run = RelayRun(
            Self.assignment(
                forward: Impairment(alterations: [.corrupt(Probability(0.3), bits: 40)])),
            over: network)
        run.expectBalance()
        let forward = run.result.forward.streams[0]
        #expect(forward.received == 1_500)
        #expect(forward.altered == run.forward.altered)
        #expect(forward.delivered + forward.altered == 1_500)
        #expect(forward.altered > 300)
        // Nothing is lost on the way back, so every unaltered probe is known there.
        let backward = run.result.backward.streams[0]
        #expect(backward.received == forward.delivered)
        #expect(backward.delivered == backward.received)
    }

    @Test(
        "T13 what the relay altered and handed on is what the responder has for corrupt",
        arguments: ForgedProbeTests.payloads, [1, 3, 40])
    func t13(payloadBytes: Int, bits: Int) {
        let network = SimulatedRelayNetwork()
        let stream = ResponderRun.stream(payloadBytes: payloadBytes, verifies: true)
        var sent: Set<[UInt8]> = []
        for index in 0..<1_000 {
            let atNs = SimulatedClock.startNs + 1_000_000 + Int64(index) * 10_000
            let octets = ResponderRun.probe(index, of: stream, sentNs: atNs)
            sent.insert(octets)
            network.arrive(octets, atNs: atNs)
        }
        var assignment = Self.assignment(
            forward: Impairment(
                loss: .bernoulli(probability: Probability(0.05)),
                duplicate: DuplicateModel(probability: Probability(0.2), copies: 2),
                alterations: [.corrupt(Probability(0.3), bits: bits)]))
        assignment.streams[0].flows = 1
        assignment.streams[0].payloadBytes = payloadBytes
        let relay = RelayRun(assignment, over: network)
        let script = ResponderScript()
        for datagram in network.forwarded {
            script.arrivals.append(
                .init(atNs: datagram.atNs, octets: datagram.octets, source: ResponderRun.peer))
        }
        let run = ResponderRun(
            stream, echoes: true, over: script, sent: [1_000], expectsAltered: true)
        let counts = relay.result.forward.streams[0]
        let copies = network.forwarded.count { !sent.contains($0.octets) }
        #expect(counts.altered > 200)
        #expect(run.rejected.corrupt == copies)
        #expect(run.rejected.total == copies)
        #expect(run.counts.received == counts.delivered)
        #expect(counts.received == 1_000)
        #expect(run.figures.never == 1_000 - counts.delivered)
    }

    @Test("T14 forged probes move no window of the relay", arguments: ForgedProbeTests.payloads)
    func t14(payloadBytes: Int) {
        func counts(forging: Bool) -> (RelayStreamResult, RelayAccounts) {
            let network = SimulatedRelayNetwork()
            network.echoAfterNs = 20_000
            let stream = ResponderRun.stream(payloadBytes: payloadBytes)
            for index in 0..<1_000 {
                let atNs = SimulatedClock.startNs + 1_000_000 + Int64(index) * 10_000
                let octets = ResponderRun.probe(index, of: stream, sentNs: atNs)
                network.arrive(octets, atNs: atNs)
                guard forging else { continue }
                var forged = octets
                forged[index % 4] &+= 1 + UInt8(index % 3)
                network.arrive(
                    forged, from: SimulatedRelayNetwork.address("127.0.0.2", 40_000),
                    atNs: atNs + 1_000)
            }
            var assignment = Self.assignment()
            assignment.streams[0].flows = 1
            assignment.streams[0].payloadBytes = payloadBytes
            let run = RelayRun(assignment, over: network)
            run.expectBalance()
            return (run.result.forward.streams[0], run.forward)
        }
        let plain = counts(forging: false)
        let forged = counts(forging: true)
        #expect(forged.0 == plain.0)
        #expect(forged.1.foreign == 1_000)
        #expect(plain.1.foreign == 0)
    }

    @Test("what is no probe is relayed, and named foreign")
    func foreign() {
        let network = SimulatedRelayNetwork()
        Self.probes(10, into: network)
        network.arrive([1, 2, 3], atNs: SimulatedClock.startNs + 5_000_000)
        network.arrive(
            [UInt8](repeating: 9, count: 64), atNs: SimulatedClock.startNs + 5_100_000)
        let run = RelayRun(Self.assignment(), over: network)
        run.expectBalance()
        #expect(run.forward.foreign == 2)
        #expect(run.forward.forwarded == 32)
        #expect(run.result.forward.streams[0].received == 30)
    }

    @Test("H8 strangers take no flow's place, however many and whenever they come")
    func strangers() {
        let network = SimulatedRelayNetwork()
        Self.probes(300, into: network)
        // From the time before the first probe to that of the last, a new one every 50 µs.
        for stranger in 0..<200 {
            network.arrive(
                [UInt8](repeating: 9, count: 64),
                from: SimulatedRelayNetwork.address("127.0.0.2", UInt16(40_000 + stranger)),
                atNs: SimulatedClock.startNs + 1_000 + Int64(stranger) * 50_000)
        }
        var assignment = Self.assignment(forward: Impairment(delay: .constant(ns: 1_000_000)))
        assignment.flowsLimit = 3
        let run = RelayRun(assignment, over: network)
        run.expectBalance()
        #expect(run.result.flowsEvicted == 0)
        #expect(run.forward.flowGone == 0)
        #expect(run.result.forward.streams[0].delivered == 900)
        #expect(run.forward.noFlow == 200 - RelayAssignment.strangersLimit)
        #expect(run.forward.foreign == RelayAssignment.strangersLimit)
        #expect(network.openMost == 3 + RelayAssignment.strangersLimit + 1)
    }

    @Test("a relay that is told to stop hands on all that it holds, and ends when it is empty")
    func endsWhenEmpty() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        Self.probes(100, into: network)
        let slow = Impairment(delay: .constant(ns: 700_000_000))
        let run = RelayRun(
            Self.assignment(forward: slow, backward: slow), over: network,
            lengthNs: 100_000_000, drainNs: 10_000_000_000, endsWhenEmpty: true)
        run.expectBalance()
        #expect(run.result.forward.streams[0].delivered == 300)
        #expect(run.result.backward.streams[0].delivered == 300)
        #expect(run.backward.heldAtStop == 0)
        #expect(run.result.endNs - SimulatedClock.startNs < 2_000_000_000, "not the whole drain")
    }

    @Test("what a relay still holds at the end of its drain is held, and not dropped")
    func heldAtTheEnd() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        Self.probes(100, into: network)
        let slow = Impairment(delay: .constant(ns: 700_000_000))
        let run = RelayRun(
            Self.assignment(backward: slow), over: network, lengthNs: 100_000_000,
            drainNs: 100_000_000, endsWhenEmpty: true)
        run.expectBalance()
        let backward = run.result.backward.streams[0]
        #expect(run.result.forward.streams[0].held == 0)
        #expect(backward.received == 300)
        #expect(backward.held == 300)
        #expect(backward.delivered == 0)
        #expect(run.backward.heldAtStop == 300)
    }

    @Test("a flow that rarely sends keeps its path beside a storm of ports of the run")
    func rareFlow() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        let storm = ExpectedStreamOrder(
            firstSession: 7 + 3, flows: 1, payloadBytes: 64, firstSequence: 0,
            timeoutNs: 50_000_000, windowCapacity: 4_096, intervalNs: 1_000_000_000,
            maxIntervals: 1, peersChange: true)
        // Three probes of each rare flow, ten timeouts apart; between them 40 ports a timeout.
        for index in 0..<3 {
            for flow in 0..<3 {
                let atNs = SimulatedClock.startNs + 1_000_000 + Int64(index) * 500_000_000
                network.arrive(
                    ResponderRun.probe(
                        index, flow: flow, of: ResponderRun.stream(flows: 3), sentNs: atNs),
                    from: SimulatedRelayNetwork.address("127.0.0.1", UInt16(40_000 + flow)),
                    atNs: atNs)
            }
        }
        for port in 0..<1_000 {
            let atNs = SimulatedClock.startNs + 2_000_000 + Int64(port) * 1_250_000
            network.arrive(
                ResponderRun.probe(
                    port, flow: 3, of: ResponderRun.stream(flows: 4), sentNs: atNs),
                from: SimulatedRelayNetwork.address("127.0.0.1", UInt16(1_024 + port)),
                atNs: atNs)
        }
        var assignment = Self.assignment()
        assignment.streams.append(storm)
        assignment.flowsLimit = 3 + 40
        let run = RelayRun(assignment, over: network, lengthNs: 2_000_000_000)
        run.expectBalance()
        #expect(run.result.flowsEvicted > 900, "the ports of the storm were given up")
        #expect(run.result.forward.streams[0].delivered == 9)
        #expect(run.result.backward.streams[0].delivered == 9)
        // One path for each flow of the run, from its first probe to its last.
        #expect(run.result.flows == 3 + 1_000)
    }

    @Test("G8 a probe that somebody else made up is no probe of a flow whose client is known")
    func impostor() {
        let network = SimulatedRelayNetwork()
        Self.probes(300, into: network)
        // Before the flow itself, in the middle, and at the end.
        for (count, atNs) in [(0, 500), (150, 5_000_000), (299, 999_999_990)].enumerated() {
            network.arrive(
                ResponderRun.probe(
                    atNs.0, flow: 1, of: ResponderRun.stream(flows: 3),
                    sentNs: SimulatedClock.startNs + Int64(atNs.1)),
                from: SimulatedRelayNetwork.address("127.0.0.9", UInt16(50_000 + count)),
                atNs: SimulatedClock.startNs + Int64(atNs.1))
        }
        var assignment = Self.assignment()
        assignment.clientOfFlow = [0, 1, 2]
        let run = RelayRun(
            assignment, over: network,
            clients: (0..<3).map {
                SimulatedRelayNetwork.address("127.0.0.1", UInt16(40_000 + $0))
            })
        run.expectBalance()
        let stream = run.result.forward.streams[0]
        #expect(stream.received == 900)
        #expect(stream.delivered == 900)
        #expect(stream.duplicates == 0)
        #expect(run.forward.foreign + run.forward.noFlow >= 2)
        #expect(run.result.flows >= 3)
    }

    @Test("a stranger that turns out to be of the run leaves its place to another")
    func noStrangerAnyMore() {
        let network = SimulatedRelayNetwork()
        let late = SimulatedRelayNetwork.address("127.0.0.1", 40_000)
        network.arrive([1, 2, 3], from: late, atNs: SimulatedClock.startNs + 1_000)
        Self.probes(10, flows: [0], into: network)
        for stranger in 0..<RelayAssignment.strangersLimit {
            network.arrive(
                [1, 2, 3],
                from: SimulatedRelayNetwork.address("127.0.0.2", UInt16(40_000 + stranger)),
                atNs: SimulatedClock.startNs + 2_000_000 + Int64(stranger))
        }
        let run = RelayRun(Self.assignment(), over: network)
        run.expectBalance()
        #expect(run.forward.noFlow == 0)
        #expect(run.forward.foreign == 1 + RelayAssignment.strangersLimit)
    }
}
