import Datagrams
import Impairment
import Testing

@testable import Loops

/// A relay between two loads, of which one goes the other way through the network.
@Suite struct BothWaysRelayTests {
    private static func stream(session: Int, isReversed: Bool) -> ExpectedStreamOrder {
        var stream = ExpectedStreamOrder(
            firstSession: session, flows: 1, payloadBytes: 64, firstSequence: 0,
            timeoutNs: 50_000_000, windowCapacity: 4_096, intervalNs: 1_000_000_000,
            maxIntervals: 1)
        stream.isReversed = isReversed
        return stream
    }

    private static func run(
        forward: Impairment = Impairment(), backward: Impairment = Impairment(),
        during: (RelayControl, SimulatedClock) -> Void = { _, _ in }
    ) -> RelayRun {
        var assignment = RelayRun.assignment(forward: forward, backward: backward)
        assignment.streams = [
            stream(session: 7, isReversed: false), stream(session: 8, isReversed: true),
        ]
        assignment.runId = Int(truncatingIfNeeded: SenderRun.runID)
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 20_000
        for index in 0..<200 {
            for flow in 0..<2 {
                let atNs =
                    SimulatedClock.startNs + 1_000_000 + Int64(index) * 100_000
                    + Int64(flow) * 10_000
                network.arrive(
                    ResponderRun.probe(
                        index, flow: flow, of: ResponderRun.stream(flows: 2), sentNs: atNs),
                    from: SimulatedRelayNetwork.address("127.0.0.1", UInt16(40_000 + flow)),
                    atNs: atNs)
            }
        }
        return RelayRun(assignment, over: network, during: during)
    }

    private static let everything = Impairment(loss: .bernoulli(probability: .always))

    @Test("loss on the way there is that of the one load's probes and of the other's answers")
    func loss() {
        let run = Self.run(forward: Self.everything)
        run.expectBalance()
        let (there, back) = (run.result.forward.streams, run.result.backward.streams)
        #expect(there.map(\.received) == [200, 200])
        #expect(there.map(\.delivered) == [0, 200])
        #expect(back.map(\.received) == [0, 200])
        #expect(back.map(\.delivered) == [0, 0])
    }

    @Test("a black hole of the way back takes the probes of the load that goes there")
    func blackhole() {
        let run = Self.run(
            backward: Impairment(blackholes: [TimeWindow(fromNs: 0, untilNs: 1_000_000_000)]))
        run.expectBalance()
        #expect(run.result.forward.streams.map(\.delivered) == [200, 0])
        #expect(run.result.backward.streams.map(\.delivered) == [0, 0])
        #expect(run.forward.blackholed == 200)
        #expect(run.backward.blackholed == 200)
    }

    @Test(
        "both loads share the bottleneck of a way: the answers of the one, the probes of the other")
    func bottleneck() {
        // A datagram of 64 B and its headers takes 0.92 ms: one of nine that come fits.
        let narrow = Impairment(bottleneck: Bottleneck(bitsPerSecond: 800_000, queueBytes: 1_000))
        let run = Self.run(backward: narrow)
        run.expectBalance()
        let there = run.result.forward.streams.map(\.delivered)
        let back = run.result.backward.streams.map(\.delivered)
        #expect(there[0] == 200)
        #expect(there[1] < 100)
        #expect(back[0] < 100)
        #expect(back[1] == there[1])
        #expect(run.forward.tailDropped == 200 - there[1])
        #expect(run.backward.tailDropped == 200 - back[0])
    }

    @Test("impairments that are replaced stay those of their way")
    func replaced() {
        let run = Self.run { control, clock in
            clock.alarm(atNs: SimulatedClock.startNs + 500_000) {
                control.replace(forward: Self.everything, backward: Impairment())
            }
        }
        run.expectBalance()
        let (there, back) = (run.result.forward.streams, run.result.backward.streams)
        // The relay may have waited for the first probe when the order came.
        #expect(there[0].delivered <= 1)
        #expect(there[1].delivered == 200)
        #expect(back.map(\.delivered) == [there[0].delivered, 0])
    }
}
