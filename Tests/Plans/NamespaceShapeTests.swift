import Impairment
import JSON
import Plans
import Testing

/// Networks of kind `namespace`, as a plan writes them.
@Suite struct NamespaceShapeTests {
    private static func text(_ keys: String) -> String {
        planText(
            networks: "\"here\": { \"kind\": \"namespace\"\(keys.isEmpty ? "" : ", ")\(keys) }")
    }

    private func network(_ keys: String) throws -> NamespaceNetwork {
        let plan = try read(Self.text(keys))
        guard case .namespace(let network)? = plan.networks.first?.kind else {
            throw JSONComplaint("no namespace network")
        }
        return network
    }

    private func messages(_ keys: String) -> [String] {
        problems(of: Self.text(keys)).map(\.message)
    }

    @Test("without keys it is a cable: Ethernet's MTU, and nothing dropped or delayed")
    func bare() throws {
        #expect(try network("") == NamespaceNetwork())
        #expect(try network("").mtuBytes == 1_500)
    }

    @Test("what stands at the top holds for both directions, and one may have its own")
    func directions() throws {
        let found = try network(
            """
            "rate": "20Mbit", "queue": "64KiB", "loss": "0.5%", "mtu": 1400,
            "icmp_ratelimit": "0ms", "when_unavailable": "skip",
            "backward": { "loss": "2%", "rate": "5Mbit" }
            """)
        #expect(found.forward.bottleneck?.bitsPerSecond == 20_000_000)
        #expect(found.forward.bottleneck?.queueBytes == 65_536)
        #expect(found.forward.loss == .bernoulli(probability: Probability(0.005)))
        #expect(found.backward.bottleneck?.bitsPerSecond == 5_000_000)
        #expect(found.backward.loss == .bernoulli(probability: Probability(0.02)))
        #expect(found.mtuBytes == 1_400)
        #expect(found.icmpRatelimitMs == 0)
        #expect(found.isSkippedWhereUnavailable)
    }

    @Test("the kernel has its part, and netem or a relay the rest")
    func parts() throws {
        let found = try network(
            #""rate": "1Mbit", "loss": "1%", "delay": "5ms", "backward": { "delay": "1ms" }"#)
        #expect(found.forward.ofKernel.loss != nil)
        #expect(found.forward.ofKernel.bottleneck != nil)
        #expect(found.forward.ofKernel.delay == nil)
        #expect(found.forward.beyondRules == Impairment(delay: .constant(ns: 5_000_000)))
        #expect(found.forward.fitsNetem)
        let bursts = try network(#""loss": { "model": "gilbert-elliott", "p": "1%", "r": "30%" }"#)
        #expect(bursts.forward.ofKernel.isTransparent)
        #expect(!bursts.forward.fitsNetem)
        #expect(try !network(#""reorder": { "probability": "1%", "depth": 3 }"#).forward.fitsNetem)
    }

    @Test(
        "what contradicts itself is refused with the reason",
        arguments: [
            (#""queue": "64KiB""#, "\"queue\" goes with \"rate\""),
            (#""rate": "1Mbit", "queue": "1KiB""#, "does not hold one packet"),
            (#""icmp_ratelimit": "1500us""#, "whole milliseconds"),
            (#""forward": { "mtu": 600 }"#, "mtu"),
            (#""loss": "101%""#, "out of range"),
            (#""mtu": 67"#, "68"),
            (#""address": "127.0.0.1:7""#, "\"address\" goes with"),
            (#""rate": "20Mbps""#, "did you mean \"20Mbit\""),
        ])
    func refused(keys: String, part: String) {
        let found = messages(keys)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(part) == true, "\(found)")
    }

    @Test("a scenario on it needs a responder")
    func responder() {
        let text = planText(
            networks: #""here": { "kind": "namespace" }"#, scenario: #""networks": ["here"]"#)
        #expect(
            problems(of: text).map(\.message).contains {
                $0.contains("\"responder\" is missing: on a namespace network")
            })
    }
}
