import Datagrams
import Glibc
import Impairment
import Metrics
import Testing

@testable import Loops

/// What a relay does to datagrams is what its impairment says, and nothing else.
@Suite struct RelayTests {
    private static let always = Probability.always

    @Test("a transparent relay hands on every octet both ways, in order")
    func transparent() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 50_000
        network.steady(500)
        let run = RelayRun(RelayRun.assignment(), over: network)
        run.expectBalance()
        #expect(network.forwarded.map { SimulatedRelayNetwork.number($0.octets) } == Array(0..<500))
        #expect(network.returned.map { SimulatedRelayNetwork.number($0.octets) } == Array(0..<500))
        #expect(network.returned.allSatisfy { $0.destination == SimulatedRelayNetwork.client })
        #expect(run.forward.forwarded == 500)
        #expect(run.backward.forwarded == 500)
        #expect(run.result.forward.delayNs == nil)
        #expect(run.result.ownDelayNs?.count == 1_000)
        #expect(run.result.flows == 1)
    }

    @Test("empty datagrams and the largest are handed on")
    func sizes() {
        let network = SimulatedRelayNetwork()
        let sizes = [0, 1, 160, 168, 169, 1_472, 1_960, 1_961, 65_507]
        for (index, bytes) in sizes.enumerated() {
            network.arrive(
                [UInt8](repeating: 1, count: bytes),
                atNs: SimulatedClock.startNs + Int64(index + 1) * 1_000_000)
        }
        let run = RelayRun(
            RelayRun.assignment(forward: Impairment(delay: .constant(ns: 5_000_000))),
            over: network)
        run.expectBalance()
        #expect(network.forwarded.map(\.octets.count) == sizes)
    }

    @Test("N1 the lost are those that the model names, whatever the load", arguments: [1, 2, 3])
    func lossEqualsModel(seed: Int) {
        let impairment = Impairment(loss: .bernoulli(probability: Probability(0.1)))
        var runs: [[Int]] = []
        for everyNs in [500 as Int64, 20_000] {
            let network = SimulatedRelayNetwork()
            network.steady(2_000, everyNs: everyNs)
            let run = RelayRun(
                RelayRun.assignment(forward: impairment, seed: seed), over: network)
            run.expectBalance()
            runs.append(network.forwarded.map { SimulatedRelayNetwork.number($0.octets) })
            #expect(run.forward.lost == 2_000 - runs[0].count)
        }
        var fates = FlowFates(impairment, seed: seed, direction: .forward, flow: 0)
        let model = (0..<2_000).filter { _ in !fates.next().isLost }
        #expect(runs[0] == model)
        #expect(runs[1] == model)
    }

    @Test("delayed datagrams leave when they are due, in the order of that")
    func delays() {
        let impairment = Impairment(delay: .uniform(lowNs: 1_000_000, highNs: 30_000_000))
        let network = SimulatedRelayNetwork()
        network.steady(1_000, everyNs: 100_000)
        let run = RelayRun(RelayRun.assignment(forward: impairment), over: network)
        run.expectBalance()
        #expect(run.forward.forwarded == 1_000)
        var fates = FlowFates(impairment, seed: 7, direction: .forward, flow: 0)
        let drawn = (0..<1_000).map { _ in fates.next().delayNs }
        for sent in network.forwarded {
            let number = SimulatedRelayNetwork.number(sent.octets)
            let cameNs = SimulatedClock.startNs + 1_000_000 + Int64(number) * 100_000
            let lateNs = sent.atNs - cameNs - drawn[number]
            // What the simulated calls cost, never less than drawn.
            #expect((0...200_000).contains(lateNs), "datagram \(number): \(lateNs) ns")
        }
        let delay = run.result.forward.delayNs
        #expect(delay?.count == 1_000)
        #expect(delay?.max == drawn.max().map(Int.init))
        #expect(delay?.mean == Double(drawn.reduce(0, +)) / 1_000)
    }

    @Test("jitter that keeps order keeps it, and without reorders as RFC 4737 counts it")
    func jitter() {
        for keepsOrder in [true, false] {
            let impairment = Impairment(
                delay: .constant(ns: 5_000_000),
                jitter: JitterModel(amountNs: 4_000_000, keepsOrder: keepsOrder))
            let network = SimulatedRelayNetwork()
            network.steady(1_000, everyNs: 100_000)
            let run = RelayRun(RelayRun.assignment(forward: impairment), over: network)
            run.expectBalance()
            let order = network.forwarded.map { SimulatedRelayNetwork.number($0.octets) }
            #expect(run.forward.reordered == Self.reordering(order).count)
            #expect((run.forward.reordered == 0) == keepsOrder)
        }
    }

    /// What Metrics says of an order of arrival.
    static func reordering(_ order: [Int]) -> ReorderingFigures {
        var statistics = StreamStatistics(
            configuration: StreamConfiguration(
                timeoutNs: 1_000_000_000, payloadBytes: 32, startNs: 0, direction: .oneWay))
        var window = ArrivalWindow(
            capacity: 1 << 14, firstSequence: 0, timeoutNs: 1_000_000_000, hasStamps: false)
        for (position, number) in order.enumerated() {
            _ = window.recordArrival(
                wireSequence: UInt32(number), stampNs: nil, receivedNs: Int64(position),
                into: &statistics)
        }
        return statistics.summary().reordering
    }

    @Test(
        "N3 a datagram that is to be overtaken has the depth for its extent", arguments: [1, 3, 7])
    func reorderDepth(depth: Int) {
        let impairment = Impairment(
            reorder: ReorderModel(probability: Probability(0.01), depth: depth))
        let network = SimulatedRelayNetwork()
        network.steady(3_000)
        let run = RelayRun(RelayRun.assignment(forward: impairment), over: network)
        run.expectBalance()
        let order = network.forwarded.map { SimulatedRelayNetwork.number($0.octets) }
        #expect(order.sorted() == Array(0..<3_000))
        #expect(run.forward.reordered > 10)
        let measured = Self.reordering(order)
        #expect(run.forward.reordered == measured.count)
        let model = Self.overtaken(impairment, count: 3_000)
        #expect(order == model.order + model.expired)
        #expect(run.forward.reorderExpired == model.expired.count)
        #expect(measured.extent.max ?? 0 >= depth)
    }

    /// In which order a flow leaves whose datagrams come one after the other, in the slow, obvious
    /// way: those that wait leave behind the datagram that makes the depth full, which itself does
    /// not wait; and which wait for more than there are.
    static func overtaken(_ impairment: Impairment, count: Int) -> (order: [Int], expired: [Int]) {
        var fates = FlowFates(impairment, seed: 7, direction: .forward, flow: 0)
        var order: [Int] = []
        var waiting: [(number: Int, left: Int)] = []
        for number in 0..<count {
            let fate = fates.next()
            let frees = waiting.filter { $0.left == 1 }.map(\.number)
            waiting = waiting.filter { $0.left > 1 }.map { ($0.number, $0.left - 1) }
            if fate.holdDepth > 0, frees.isEmpty {
                waiting.append((number, fate.holdDepth))
            } else {
                order += [number] + frees
            }
        }
        return (order, waiting.map(\.number))
    }

    @Test("a held datagram of a flow that pauses is delivered after a while, and counted")
    func overtakePatience() throws {
        let impairment = Impairment(reorder: ReorderModel(probability: Self.always, depth: 3))
        let network = SimulatedRelayNetwork()
        network.steady(1)
        let run = RelayRun(RelayRun.assignment(forward: impairment), over: network)
        run.expectBalance()
        let sent = try #require(network.forwarded.first)
        let waitedNs = sent.atNs - SimulatedClock.startNs - 1_000_000
        #expect((200_000_000...230_000_000).contains(waitedNs), "\(waitedNs)")
        #expect(run.forward.reordered == 0)
        #expect(run.forward.reorderExpired == 1)
    }

    @Test("N2 every copy that leaves is counted, beside the datagram and not as one")
    func duplicates() {
        let impairment = Impairment(
            duplicate: DuplicateModel(probability: Probability(0.2), copies: 2))
        let network = SimulatedRelayNetwork()
        network.steady(1_000)
        let run = RelayRun(RelayRun.assignment(forward: impairment), over: network)
        run.expectBalance()
        #expect(run.forward.forwarded == 1_000)
        #expect(network.forwarded.count == 1_000 + run.forward.duplicated)
        var fates = FlowFates(impairment, seed: 7, direction: .forward, flow: 0)
        let drawn = (0..<1_000).reduce(0) { sum, _ in sum + fates.next().copies }
        #expect(run.forward.duplicated == drawn)
        #expect(run.forward.reordered == 0)
    }

    @Test("H12 the corrupted differ from what came in as many bits as asked for")
    func corruption() {
        let impairment = Impairment(alterations: [.corrupt(Probability(0.1), bits: 3)])
        let network = SimulatedRelayNetwork()
        network.steady(1_000)
        let run = RelayRun(RelayRun.assignment(forward: impairment), over: network)
        run.expectBalance()
        var altered = 0
        for (number, sent) in network.forwarded.enumerated() {
            let bits = zip(sent.octets, SimulatedRelayNetwork.numbered(number))
                .reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            #expect(bits == 0 || bits == 3)
            if bits == 3 { altered += 1 }
        }
        #expect(altered == run.forward.altered)
        #expect(altered > 50)
    }

    @Test("a rate spaces datagrams, and its queue drops those that do not fit")
    func bottleneck() {
        // 60 B with headers at 4.8 Mbit/s: 100 µs each; the queue holds ten.
        let bottleneck = Bottleneck(bitsPerSecond: 4_800_000, queueBytes: 600)
        let network = SimulatedRelayNetwork()
        network.steady(1_000, everyNs: 50_000)
        let run = RelayRun(
            RelayRun.assignment(forward: Impairment(bottleneck: bottleneck)), over: network)
        run.expectBalance()
        #expect(run.forward.tailDropped > 400)
        #expect(run.forward.forwarded == network.forwarded.count)
        let gaps = zip(network.forwarded.dropFirst(), network.forwarded)
            .map { $0.atNs - $1.atNs }
        #expect(gaps.reduce(0, +) / Int64(gaps.count) / 1_000 == 100)
    }

    @Test("the traffic class goes on as it came, both ways, held or not, and a hop is counted")
    func header() {
        for impairment in [
            Impairment(), Impairment(delay: .constant(ns: 1_000_000)),
            Impairment(reorder: ReorderModel(probability: Self.always, depth: 2)),
        ] {
            let network = SimulatedRelayNetwork()
            network.echoAfterNs = 10_000
            for number in 0..<256 {
                network.arrive(
                    SimulatedRelayNetwork.numbered(number), trafficClass: UInt8(number),
                    hopLimit: UInt8(number),
                    atNs: SimulatedClock.startNs + 1_000_000 + Int64(number) * 10_000)
            }
            let run = RelayRun(
                RelayRun.assignment(forward: impairment, backward: impairment), over: network)
            run.expectBalance()
            #expect(run.forward.hopLimit == 1, "the one that came with a hop limit of 1")
            #expect(run.backward.hopLimit == 0)
            #expect(network.forwarded.count == 255)
            #expect(network.returned.count == 255)
            for sent in network.forwarded {
                let number = SimulatedRelayNetwork.number(sent.octets)
                #expect(sent.trafficClass == UInt8(number))
                // 63 is what the sockets have.
                #expect(sent.hopLimit == (number < 2 || number == 64 ? 0 : UInt8(number - 1)))
            }
            for sent in network.returned {
                let number = SimulatedRelayNetwork.number(sent.octets)
                #expect(sent.trafficClass == UInt8(number))
                #expect(sent.hopLimit == 0)
            }
        }
    }

    @Test("a blackhole swallows what comes within its window, both ways apart")
    func blackhole() {
        let window = TimeWindow(fromNs: 5_000_000, untilNs: 8_000_000)
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 10_000
        network.steady(1_000)
        let run = RelayRun(
            RelayRun.assignment(backward: Impairment(blackholes: [window])), over: network)
        run.expectBalance()
        #expect(run.forward.blackholed == 0)
        #expect(run.forward.forwarded == 1_000)
        // 300 datagrams come in 3 ms; a batch is looked at as one.
        #expect((280...320).contains(run.backward.blackholed), "\(run.backward)")
    }

    @Test("a refuse window closes the port and opens the same endpoint again")
    func refuse() {
        let window = TimeWindow(fromNs: 5_000_000, untilNs: 8_000_000)
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 500_000
        network.steady(1_000)
        let run = RelayRun(
            RelayRun.assignment(forward: Impairment(refusals: [window])), over: network)
        run.expectBalance()
        #expect((280...320).contains(network.refused), "\(network.refused)")
        #expect(run.forward.received + network.refused == 1_000)
        // Answers that are due while the port is closed have no port to leave from.
        #expect(run.backward.refused > 20)
        #expect(run.backward.forwarded + run.backward.refused == run.forward.forwarded)
        #expect(run.result.reopenFailures == 0)
    }

    @Test("a port that another has taken meanwhile is asked for until it is free")
    func reopen() {
        let network = SimulatedRelayNetwork()
        var isTaken = true
        network.openScript = { endpoint in
            endpoint == RelayEndpoint.clients && isTaken ? EADDRINUSE : nil
        }
        network.steady(2_000)
        let window = TimeWindow(fromNs: 2_000_000, untilNs: 3_000_000)
        let run = RelayRun(
            RelayRun.assignment(forward: Impairment(refusals: [window])), over: network
        ) { _, clock in
            clock.alarm(atNs: SimulatedClock.startNs + 15_000_000) { isTaken = false }
        }
        run.expectBalance()
        #expect(run.result.reopenFailures > 0)
        #expect(run.result.sendErrors["EADDRINUSE"] == run.result.reopenFailures)
        #expect(run.forward.forwarded > 100, "it is open again")
    }

    @Test("another impairment takes over in mid-run; what is held keeps its time")
    func replace() {
        let network = SimulatedRelayNetwork()
        network.steady(1_000, everyNs: 100_000)
        let run = RelayRun(
            RelayRun.assignment(forward: Impairment(delay: .constant(ns: 20_000_000))),
            over: network
        ) { control, clock in
            clock.alarm(atNs: SimulatedClock.startNs + 51_000_000) {
                control.replace(
                    forward: Impairment(loss: .bernoulli(probability: Self.always)),
                    backward: Impairment())
            }
        }
        run.expectBalance()
        #expect((480...520).contains(run.forward.lost), "\(run.forward)")
        #expect(run.forward.forwarded == 1_000 - run.forward.lost)
    }

    @Test("what is held at the stop is counted, and not handed on")
    func heldAtStop() {
        let network = SimulatedRelayNetwork()
        network.steady(1_000)
        let run = RelayRun(
            RelayRun.assignment(
                forward: Impairment(
                    delay: .constant(ns: 500_000_000),
                    reorder: ReorderModel(probability: Probability(0.5), depth: 900))),
            over: network, lengthNs: 100_000_000)
        run.expectBalance()
        #expect(run.forward.heldAtStop == 1_000)
        #expect(network.sent.isEmpty)
    }

    @Test("the same seed makes the same decisions at any speed, another makes others")
    func digest() {
        let impairment = Impairment(
            loss: .bernoulli(probability: Probability(0.1)), delay: .constant(ns: 1_000_000),
            jitter: JitterModel(amountNs: 500_000, keepsOrder: true))
        let decisions = [(7, 500 as Int64), (7, 30_000), (8, 500)].map { seed, everyNs in
            let network = SimulatedRelayNetwork()
            network.steady(500, everyNs: everyNs)
            let assignment = RelayRun.assignment(forward: impairment, seed: seed)
            return RelayRun(assignment, over: network).result.forward.decisions
        }
        #expect(decisions[0] == decisions[1])
        #expect(decisions[0] != decisions[2])
        #expect(decisions[0].count == 16)
    }
}
