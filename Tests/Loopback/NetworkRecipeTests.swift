import Testing

@testable import Loops
@testable import Workers

/// What the system's programs are told of a network. That they understand it is shown by the
/// tests with real namespaces; here is what this machine's kernel may lack.
@Suite struct NetworkRecipeTests {
    private static func recipe(
        hasIPv6: Bool = true, _ edit: (inout NetworkAssignment) -> Void
    ) -> NetworkRecipe {
        var assignment = NetworkAssignment()
        assignment.streams = [.init(first: 1, last: 20), .init(first: 21, last: 21)]
        edit(&assignment)
        return NetworkRecipe(assignment: assignment, hasIPv6: hasIPv6)
    }

    @Test("delay, jitter and duplication are netem's, with the bottleneck inside it")
    func netem() {
        let recipe = Self.recipe { order in
            order.forward.delayNs = 20_000_500
            order.forward.jitterNs = 2_000_000
            order.forward.duplicatePerBillion = 25_000_000
            order.forward.rateBitsPerSecond = 20_000_000
            order.forward.queueBytes = 65_536
        }
        #expect(
            recipe.queues == [
                "qdisc add dev udplab2 root handle 1: netem limit 1000000 delay 20000.500us "
                    + "2000.000us duplicate 2.5000000%",
                "qdisc add dev udplab2 parent 1:1 handle 10: tbf rate 20000000bit burst 3028b "
                    + "limit 65536b",
            ])
    }

    @Test("a fast bottleneck may send a millisecond's worth at once, a slow one two packets")
    func burst() {
        for (rate, burst) in [(1_000_000_000, 125_000), (1_000_000, 3_028)] {
            let recipe = Self.recipe { order in
                order.backward.rateBitsPerSecond = rate
                order.backward.queueBytes = 1 << 20
            }
            #expect(
                recipe.queues == [
                    "qdisc add dev udplab1 root handle 1: tbf rate \(rate)bit burst \(burst)b "
                        + "limit 1048576b"
                ])
        }
    }

    @Test("T9 the smallest queue holds the packet that is being sent")
    func t9SmallestQueue() {
        let recipe = Self.recipe { order in
            order.backward.rateBitsPerSecond = 1_000_000
            order.backward.queueBytes = 1
        }
        #expect(recipe.queues.first?.hasSuffix(" limit 1514b") == true, "\(recipe.queues)")
    }

    @Test("a network that drops nothing has no rules")
    func noRules() {
        let recipe = Self.recipe { $0.mtuBytes = 600 }
        #expect(NetworkRecipe.Side.allCases.allSatisfy { recipe.rules(of: $0) == nil })
        #expect(recipe.queues == [])
    }

    @Test("each stream has its own counter, by the sessions that its probes carry")
    func counters() throws {
        let rules = try #require(
            Self.recipe { $0.forward.lossPerBillion = 10_000_000 }.rules(of: .far))
        #expect(rules.contains("@th,176,16 1-20 counter name forward_lost_0 drop"))
        #expect(rules.contains("@th,176,16 21-21 counter name forward_lost_1 drop"))
        #expect(rules.contains("counter name forward_lost_other drop"))
        #expect(rules.contains("numgen random mod 1000000000 < 10000000 jump forward_lost"))
    }

    @Test("certain loss is no matter of chance")
    func certainLoss() throws {
        let rules = try #require(
            Self.recipe { $0.forward.lossPerBillion = 1_000_000_000 }.rules(of: .far))
        #expect(!rules.contains("numgen"))
        #expect(rules.contains("\njump forward_lost\n"))
    }

    @Test("what the kernel counted is read from the JSON of nft and tc")
    func reading() throws {
        let packets = try NetworkCounters.packets(
            ofRules: """
                {"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
                {"counter": {"family": "inet", "name": "forward_lost_0", "table": "udplab",
                "handle": 2, "packets": 7, "bytes": 644}},
                {"counter": {"family": "inet", "name": "forward_lost_other", "table": "udplab",
                "handle": 3, "packets": 2, "bytes": 100}}]}
                """)
        let queue = try NetworkCounters.queue(
            of: """
                [{"kind":"netem","handle":"1:","root":true,"drops":3,"qlen":4,"backlog":99},
                {"kind":"tbf","handle":"10:","parent":"1:1","drops":2,"qlen":4}]
                """)
        let result = NetworkWayResult("forward", streams: 1, packets: packets, queue: queue)
        #expect(result.lost == [7])
        #expect(result.lostOther == 2)
        #expect(result.queueDrops == 3)
        #expect(result.queued == 4)
    }
}
