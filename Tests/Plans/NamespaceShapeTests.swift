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
        #expect(found.forward.rateBitsPerSecond == 20_000_000)
        #expect(found.forward.queueBytes == 65_536)
        #expect(found.forward.lossPerBillion == 5_000_000)
        #expect(found.backward.rateBitsPerSecond == 5_000_000)
        #expect(found.backward.queueBytes == 65_536)
        #expect(found.backward.lossPerBillion == 20_000_000)
        #expect(found.mtuBytes == 1_400)
        #expect(found.icmpRatelimitMs == 0)
        #expect(found.isSkippedWhereUnavailable)
    }

    @Test("a rate without a queue has one of 64 KiB")
    func defaultQueue() throws {
        #expect(try network(#""rate": "1Mbit""#).forward.queueBytes == 65_536)
    }

    @Test(
        "what contradicts itself is refused with the reason",
        arguments: [
            (#""queue": "64KiB""#, "goes with \"rate\""),
            (#""rate": "1Mbit", "queue": "1KiB""#, "does not hold one packet"),
            (#""jitter": "2ms""#, "more than \"delay\""),
            (#""delay": "1ms", "jitter": "2ms""#, "more than \"delay\""),
            (#""reorder": "1%""#, "needs a \"delay\""),
            (#""icmp_ratelimit": "1500us""#, "whole milliseconds"),
            (#""forward": { "mtu": 600 }"#, "mtu"),
            (#""loss": "101%""#, "out of range"),
            (#""mtu": 67"#, "68"),
            (#""address": "127.0.0.1:7""#, "address"),
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
