import Datagrams
import Impairment
import Testing

@testable import Loops

/// Datagrams that a relay cuts short.
@Suite struct TruncateTests {
    private static func run(
        _ alterations: [AlterationShare], bytes: Int, count: Int = 1_000
    ) -> RelayRun {
        let network = SimulatedRelayNetwork()
        network.steady(count, bytes: bytes)
        return RelayRun(
            RelayRun.assignment(forward: Impairment(alterations: alterations)), over: network)
    }

    @Test(
        "H12 the first bytes alone are handed on, of the share that was asked for",
        arguments: [(0.0, 0...0), (0.1, 60...140), (1.0, 1_000...1_000)])
    func share(_ probability: Double, _ expected: ClosedRange<Int>) {
        let run = Self.run([.truncate(Probability(probability), bytes: 20)], bytes: 64)
        run.expectBalance()
        var cut = 0
        for (number, sent) in run.network.forwarded.enumerated() {
            let whole = SimulatedRelayNetwork.numbered(number, bytes: 64)
            #expect(sent.octets == whole || sent.octets == Array(whole.prefix(20)))
            if sent.octets.count == 20 { cut += 1 }
        }
        #expect(expected.contains(cut))
        #expect(run.forward.altered == cut)
        #expect(run.result.forward.alterations["truncated"] == cut)
    }

    @Test("a payload that is no longer than that is whole, and in no account of altered ones")
    func short() {
        for bytes in [4, 19, 20] {
            let run = Self.run([.truncate(.always, bytes: 20)], bytes: bytes, count: 50)
            #expect(run.network.forwarded.allSatisfy { $0.octets.count == bytes })
            #expect(run.forward.altered == 0)
        }
    }

    @Test("a datagram that is corrupted and cut is in the count of each, and altered once")
    func both() {
        let run = Self.run(
            [.truncate(.always, bytes: 1), .corrupt(.always, bits: 1_000)], bytes: 32, count: 50)
        // All bits are inverted, and the first byte is left.
        for (number, sent) in run.network.forwarded.enumerated() {
            let first = SimulatedRelayNetwork.numbered(number, bytes: 32)[0]
            #expect(sent.octets == [~first])
        }
        #expect(run.forward.altered == 50)
        #expect(run.result.forward.alterations == ["corrupted": 50, "truncated": 50])
    }
}
