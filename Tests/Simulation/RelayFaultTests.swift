import Datagrams
import Glibc
import Impairment
import Metrics
import Testing

@testable import Loops

/// What goes wrong around a relay ends in an account.
@Suite struct RelayFaultTests {
    private static let impairment = Impairment(
        loss: .bernoulli(probability: Probability(0.05)),
        delay: .uniform(lowNs: 0, highNs: 300_000),
        reorder: ReorderModel(probability: Probability(0.05), depth: 2),
        duplicate: DuplicateModel(probability: Probability(0.05), copies: 1))

    @Test(
        "N15 a send call that fails or takes a part, at every call, both ways: nothing is silent",
        arguments: [ECONNREFUSED, ENOBUFS, EPERM, EMSGSIZE, EAGAIN, EHOSTUNREACH, ENETDOWN, EINVAL])
    func errnoSweep(errno: Int32) {
        for failing in 0..<24 {
            for most in [0, 1, 5] {
                let network = SimulatedRelayNetwork()
                network.echoAfterNs = 10_000
                network.steady(150, everyNs: 700)
                network.sendScript = { call, _ in
                    if call == failing { return .fail(errno) }
                    return most > 0 && call % 3 == 1 ? .take(most) : nil
                }
                let run = RelayRun(
                    RelayRun.assignment(forward: Self.impairment, backward: Self.impairment),
                    over: network, lengthNs: 400_000_000)
                run.expectBalance()
                #expect(run.forward.received == 150)
                let left = run.forward.forwarded + run.forward.duplicated
                #expect(network.forwarded.count == left)
                #expect(run.backward.received == left)
                let failed = run.forward.sendFailed + run.backward.sendFailed
                let isOwn = errno == ENOBUFS || errno == EPERM
                #expect(failed <= 1)
                // One that may be of an earlier datagram costs this one nothing.
                if !isOwn { #expect(failed == 0) }
            }
        }
    }

    @Test("N8 N12 N13 an error that stays fails each datagram once, under its name")
    func errnoStays() {
        for (errno, name) in [
            (ENOBUFS, "ENOBUFS"), (EPERM, "EPERM"), (EMSGSIZE, "EMSGSIZE"), (ENETDOWN, "ENETDOWN"),
        ] {
            let network = SimulatedRelayNetwork()
            network.steady(300)
            network.sendScript = { _, _ in .fail(errno) }
            let run = RelayRun(RelayRun.assignment(), over: network)
            run.expectBalance()
            #expect(run.forward.sendFailed == 300, "\(name)")
            #expect(run.forward.forwarded == 0)
            #expect(run.result.sendErrors[name] ?? 0 >= 300)
            #expect(network.sendCalls <= 600, "each is tried twice at most")
        }
    }

    @Test("a full send buffer holds up for its patience, then the datagram has failed")
    func sendBuffer() {
        let network = SimulatedRelayNetwork()
        network.steady(20)
        network.sendScript = { _, _ in .fail(EAGAIN) }
        let run = RelayRun(RelayRun.assignment(), over: network)
        run.expectBalance()
        #expect(run.forward.sendFailed == 20)
        #expect(run.result.sendErrors["EAGAIN"] == 20)
    }

    @Test("N5 resets of the target are counted, and cost nothing")
    func targetResets() {
        let network = SimulatedRelayNetwork()
        network.steady(200)
        network.sendScript = { call, _ in
            guard call % 5 == 2 else { return nil }
            network.reset(RelayEndpoint.target(0))
            return .fail(ECONNREFUSED)
        }
        let run = RelayRun(RelayRun.assignment(), over: network)
        run.expectBalance()
        #expect(run.forward.forwarded == 200)
        #expect(run.result.targetResets == run.result.sendErrors["ECONNREFUSED"])
        #expect(run.result.targetResets > 5)
    }

    @Test("H8 a flood from 100,000 sources: so many paths as allowed, the others counted")
    func h8Flood() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 2_000
        for source in 0..<100_000 {
            let host = "127.\(1 + source >> 16 & 0xff).\(source >> 8 & 0xff).\(source & 0xff)"
            network.arrive(
                SimulatedRelayNetwork.numbered(source),
                from: SimulatedRelayNetwork.address(host, UInt16(1_024 + source % 50_000)),
                atNs: SimulatedClock.startNs + 1_000_000 + Int64(source) * 2_000)
        }
        let delayed = Impairment(delay: .constant(ns: 50_000))
        let run = RelayRun(
            RelayRun.assignment(forward: delayed, backward: delayed, flowsLimit: 64),
            over: network)
        run.expectBalance()
        #expect(run.forward.received == 100_000)
        #expect(run.result.flows == 100_000)
        #expect(run.result.flowsEvicted == 100_000 - 64)
        #expect(network.openMost <= 65, "sockets of 64 paths and the listening one")
        // 25 clients come in 50 µs, so that most are still known when theirs is due.
        #expect(run.forward.forwarded > 90_000, "\(run.forward)")
    }

    @Test("what does not fit into memory is dropped and counted, and memory stays bounded")
    func memory() {
        let network = SimulatedRelayNetwork()
        network.steady(20_000, everyNs: 5_000, bytes: 1_000)
        var assignment = RelayRun.assignment(
            forward: Impairment(delay: .uniform(lowNs: 1_000_000_000, highNs: 2_000_000_000)))
        assignment.memoryBytes = 2 << 20
        let run = RelayRun(assignment, over: network, lengthNs: 4_000_000_000)
        run.expectBalance()
        #expect(run.forward.noMemory > 15_000)
        #expect(run.forward.forwarded == 20_000 - run.forward.noMemory)
        #expect(run.result.heldBytesMax <= 2 << 20)
        #expect(run.result.heldBytesMax > 600_000)
    }

    @Test("where no socket can be had the datagrams of new clients are counted")
    func noSocket() {
        let network = SimulatedRelayNetwork()
        network.openScript = { $0 > 1 ? EMFILE : nil }
        network.steady(100)
        network.steady(100, from: SimulatedRelayNetwork.address("127.0.0.2", 40_000))
        let run = RelayRun(RelayRun.assignment(), over: network)
        run.expectBalance()
        #expect(run.forward.forwarded == 100)
        #expect(run.forward.noFlow == 100)
        #expect(run.result.sendErrors["EMFILE"] == 100)
    }

    @Test("N23 a client with another source port is another flow, and the first gets its answers")
    func n23Rebinding() {
        let network = SimulatedRelayNetwork()
        network.echoAfterNs = 3_000_000
        let other = SimulatedRelayNetwork.address("127.0.0.1", 40_001)
        for number in 0..<100 {
            network.arrive(
                SimulatedRelayNetwork.numbered(number),
                from: number < 50 ? SimulatedRelayNetwork.client : other,
                atNs: SimulatedClock.startNs + 1_000_000 + Int64(number) * 100_000)
        }
        let run = RelayRun(RelayRun.assignment(), over: network)
        run.expectBalance()
        #expect(run.result.flows == 2)
        #expect(run.backward.forwarded == 100)
        for sent in network.returned {
            let isFirst = SimulatedRelayNetwork.number(sent.octets) < 50
            #expect(sent.destination == (isFirst ? SimulatedRelayNetwork.client : other))
        }
    }

    @Test("N7 a port that closes and opens a thousand times a second costs no busy loop")
    func n7Flaps() {
        let windows = (1...64).map {
            TimeWindow(fromNs: Int64($0) * 1_000_000, untilNs: Int64($0) * 1_000_000 + 500_000)
        }
        let network = SimulatedRelayNetwork()
        network.steady(8_000)
        let run = RelayRun(
            RelayRun.assignment(forward: Impairment(refusals: windows)), over: network,
            lengthNs: 100_000_000)
        run.expectBalance()
        #expect(run.forward.received + network.refused == 8_000)
        #expect((3_000...3_400).contains(network.refused), "\(network.refused)")
        // The port 64 times, and one path.
        #expect(network.opened == 65)
        #expect(run.result.reopenFailures == 0)
    }

    @Test("a client that says nothing for long is forgotten")
    func idle() {
        let network = SimulatedRelayNetwork()
        network.steady(10)
        network.arrive([1, 2, 3, 4], atNs: SimulatedClock.startNs + 400_000_000_000)
        let run = RelayRun(RelayRun.assignment(), over: network, lengthNs: 500_000_000_000)
        run.expectBalance()
        #expect(run.result.flows == 2)
        #expect(run.result.flowsIdled == 1)
        #expect(run.forward.forwarded == 11)
    }
}
