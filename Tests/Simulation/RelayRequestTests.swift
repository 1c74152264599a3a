import Datagrams
import Harness
import Impairment
import Testing

@testable import Loops

/// A relay that knows the clients of requests to a service: each datagram of theirs is one.
@Suite struct RelayRequestTests {
    private static let flows = 3
    private static let clients = (0..<flows).map {
        SimulatedRelayNetwork.address("127.0.0.1", UInt16(40_000 + $0))
    }

    private static func assignment(
        forward: Impairment = Impairment(), backward: Impairment = Impairment(), seed: Int = 7
    ) -> RelayAssignment {
        var stream = ExpectedStreamOrder(
            firstSession: 7, flows: flows, payloadBytes: 64, firstSequence: 0,
            timeoutNs: 50_000_000, windowCapacity: 1_024, intervalNs: 1_000_000_000,
            maxIntervals: 1)
        stream.areRequests = true
        var assignment = RelayRun.assignment(forward: forward, backward: backward, seed: seed)
        assignment.streams = [stream]
        assignment.clientOfFlow = Array(0..<flows)
        assignment.runId = Int(truncatingIfNeeded: SenderRun.runID)
        return assignment
    }

    /// Requests of any content and length; some look like a probe of the run, or of another flow.
    private static func requests(
        _ count: Int, _ random: inout SeededGenerator, into network: SimulatedRelayNetwork
    ) {
        for index in 0..<count {
            let atNs = SimulatedClock.startNs + 1_000_000 + Int64(index) * 30_000
            let looksLikeProbe = random.next() % 8 == 0
            let octets =
                looksLikeProbe
                ? ResponderRun.probe(
                    index, flow: Int(random.next() % 3), of: ResponderRun.stream(flows: flows),
                    sentNs: atNs)
                : (0..<Int(random.next() % 80)).map { _ in UInt8.random(in: 0...255, using: &random)
                }
            network.arrive(octets, from: clients[Int(random.next() % 3)], atNs: atNs)
        }
    }

    @Test(
        "every request and every answer is in one account, whatever is in it",
        arguments: 0..<Sweep.seeds(40, wide: 2_000))
    func accounts(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        func impairment() -> Impairment {
            Impairment(
                loss: .bernoulli(
                    probability: Probability(Double.random(in: 0...0.4, using: &random))),
                delay: .uniform(lowNs: 0, highNs: Int64.random(in: 1...3_000_000, using: &random)),
                duplicate: Bool.random(using: &random)
                    ? DuplicateModel(probability: Probability(0.2), copies: 2) : nil,
                alterations: Bool.random(using: &random)
                    ? [.corrupt(Probability(0.2), bits: 8)] : [])
        }
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        Self.requests(600, &random, into: network)
        // Some are still held, or on their way, at the end.
        let lengthNs = Int64.random(in: 10_000_000...40_000_000, using: &random)
        let run = RelayRun(
            Self.assignment(forward: impairment(), backward: impairment(), seed: seed),
            over: network, lengthNs: lengthNs, clients: Self.clients)
        run.expectBalance()
        for (side, counts) in [
            (run.result.forward, run.forward), (run.result.backward, run.backward),
        ] {
            let stream = side.streams[0]
            let gone = stream.received - stream.delivered - stream.altered - stream.held
            #expect(stream.received == counts.received, "seed \(seed)")
            #expect(gone == counts.lost + counts.noMemory, "seed \(seed)")
            #expect(stream.altered <= counts.altered, "seed \(seed)")
            #expect(stream.delivered + stream.altered >= counts.forwarded, "seed \(seed)")
            #expect(stream.duplicates == 0 && counts.foreign == 0, "seed \(seed)")
        }
        #expect(run.result.losses?.runs.isEmpty == true, "seed \(seed)")
    }

    @Test("what a stranger sends is no request of the run")
    func strangers() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        var random = SeededGenerator(seed: 3)
        Self.requests(100, &random, into: network)
        for index in 0..<50 {
            network.arrive(
                [1, 2, 3], from: SimulatedRelayNetwork.address("127.0.0.1", 50_000),
                atNs: SimulatedClock.startNs + Int64(index) * 40_000)
        }
        let run = RelayRun(Self.assignment(), over: network, clients: Self.clients)
        run.expectBalance()
        #expect(run.result.forward.streams[0].received == 100)
        #expect(run.result.backward.streams[0].delivered == 100)
        #expect(run.forward.received == 150 && run.forward.foreign == 50)
        #expect(run.backward.foreign == 50)
    }

    @Test("more requests than its window has places are counted to the last")
    func manyRequests() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        var random = SeededGenerator(seed: 5)
        Self.requests(6_000, &random, into: network)
        let run = RelayRun(
            Self.assignment(
                forward: Impairment(loss: .bernoulli(probability: Probability(0.1)))),
            over: network, clients: Self.clients)
        let forward = run.result.forward.streams[0]
        #expect(forward.received == 6_000)
        #expect(forward.received - forward.delivered == run.forward.lost)
        #expect(run.result.backward.streams[0].delivered == forward.delivered)
    }
}
