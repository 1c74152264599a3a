import Impairment
import Testing

@testable import Plans

@Suite struct ImpairmentTextTests {
    private func faults(_ flags: [ImpairmentFlag]) -> [String] {
        do throws(ImpairmentFlagError) {
            _ = try ImpairmentText.read(flags)
            return []
        } catch {
            return error.sentences
        }
    }

    @Test func flagsAreReadAsAPlanIs() throws {
        let found = try ImpairmentText.read([
            ImpairmentFlag("loss", "1%"), ImpairmentFlag("delay", "20ms"),
            ImpairmentFlag("rate", "10Mbit"), ImpairmentFlag("queue", "64KiB"),
            ImpairmentFlag("loss", .forward, "gilbert-elliott:p=1%,r=30%"),
            ImpairmentFlag("delay", .backward, "pareto:scale=10ms,shape=2.5"),
            ImpairmentFlag("jitter", .backward, "amount=2ms,keep_order=false"),
            ImpairmentFlag("reorder", .backward, "probability=1%,depth=3"),
            ImpairmentFlag("blackhole", .backward, "from=1s,until=2s"),
            ImpairmentFlag("blackhole", .backward, "from=3s,until=4s"),
        ])
        let bottleneck = Bottleneck(bitsPerSecond: 10_000_000, queueBytes: 65_536)
        #expect(
            found.forward
                == Impairment(
                    loss: .gilbertElliott(
                        p: Probability(0.01), r: Probability(0.3), lossGood: .never,
                        lossBad: .always),
                    delay: .constant(ns: 20_000_000), bottleneck: bottleneck))
        #expect(
            found.backward
                == Impairment(
                    loss: .bernoulli(probability: Probability(0.01)),
                    delay: .pareto(scaleNs: 10_000_000, shape: 2.5, capNs: nil),
                    jitter: JitterModel(amountNs: 2_000_000, keepsOrder: false),
                    reorder: ReorderModel(probability: Probability(0.01), depth: 3),
                    bottleneck: bottleneck,
                    blackholes: [
                        TimeWindow(fromNs: 1_000_000_000, untilNs: 2_000_000_000),
                        TimeWindow(fromNs: 3_000_000_000, untilNs: 4_000_000_000),
                    ]))
        #expect(try ImpairmentText.read([]).forward.isTransparent)
    }

    @Test func valuesWithoutAKeyMakeAList() throws {
        let found = try ImpairmentText.read([
            ImpairmentFlag("loss", .forward, "list:datagrams=3,7,9"),
            ImpairmentFlag("loss", .backward, "periodic:every=4"),
        ])
        #expect(found.forward.loss == .list([3, 7, 9]))
        #expect(found.backward.loss == .periodic(every: 4, offset: 3))
    }

    @Test(
        "what is wrong with a flag is said as of a plan",
        arguments: [
            ("loss", nil, "0.01", "--loss: a percentage carries its unit"),
            ("loss", .forward, "101%", "--forward-loss: \"101%\" is out of range: 0% to 100%"),
            ("delay", .backward, "20", "--backward-delay: a duration carries its unit"),
            (
                "loss", .backward, "gilbert:p=1%",
                "--backward-loss: model: \"gilbert\" is none of \"bernoulli\""
            ),
            (
                "loss", nil, "gilbert-elliott:p=1%,q=3%",
                "--loss: q: unknown key \"q\"; legal keys are \"model\", \"p\", \"r\""
            ),
            ("loss", nil, "p=1%", "--loss: the key \"model\" is missing"),
            ("reorder", nil, "probability=1%,depth=x", "--reorder: depth: expected an integer"),
            ("queue", .forward, "64KiB", "--forward-queue: \"queue\" goes with \"rate\" only"),
            ("rate", nil, "10Mbps", "--rate: \"10Mbps\" is not a bit rate"),
            (
                "refuse", .backward, "from=1s,until=2s",
                "--backward-refuse: a port is closed on the way forward only"
            ),
            ("blackhole", nil, "3s", "--blackhole: expected a window of time (an object)"),
        ] as [(String, Direction?, String, String)])
    func faults(key: String, direction: Direction?, text: String, says: String) {
        let found = faults([ImpairmentFlag(key, direction, text)])
        #expect(found.contains { $0.hasPrefix(says) }, "\(found)")
    }

    @Test func aFlagStandsOnce() {
        let twice = [ImpairmentFlag("loss", "1%"), ImpairmentFlag("loss", "2%")]
        #expect(faults(twice) == ["--loss stands twice"])
    }

    // MARK: The file of the relay verb

    private func file(_ text: String) throws -> RelayFile {
        try RelayFile.read(Array(text.utf8), path: "relay.json")
    }

    @Test func aFileSaysTheSameWithASeed() throws {
        let found = try file(
            """
            { "seed": 3, "delay": "20ms", "forward": { "loss": "1%" }, "x-note": "kept" }
            """)
        #expect(found.seed == 3)
        #expect(
            found.impairments.forward
                == Impairment(
                    loss: .bernoulli(probability: Probability(0.01)),
                    delay: .constant(ns: 20_000_000)))
        #expect(found.impairments.backward == Impairment(delay: .constant(ns: 20_000_000)))
        #expect(try file("{}").seed == nil)
    }

    @Test func flagsStandAboveTheFile() throws {
        let below = try file(
            """
            { "delay": "20ms", "loss": "1%",
              "forward": { "loss": "2%", "delay": "30ms", "rate": "1Mbit" } }
            """)
        let found = try ImpairmentText.read(
            [ImpairmentFlag("loss", "5%"), ImpairmentFlag("delay", .backward, "1ms")],
            over: below)
        let loss = LossModel.bernoulli(probability: Probability(0.05))
        #expect(
            found.forward
                == Impairment(
                    loss: loss, delay: .constant(ns: 30_000_000),
                    bottleneck: Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 65_536)))
        #expect(found.backward == Impairment(loss: loss, delay: .constant(ns: 1_000_000)))
        #expect(try ImpairmentText.read([], over: below) == below.impairments)
    }

    @Test func aWrongFileIsRefusedWithAllThatIsWrong() {
        do throws(PlanError) {
            _ = try RelayFile.read(
                Array("{ \"loss\": 1, \"foward\": {}, \"kind\": \"emulated\" }".utf8),
                path: "relay.json")
            Issue.record("the file is accepted")
        } catch {
            let lines = error.description.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines.allSatisfy { $0.hasPrefix("relay.json:1:") })
        }
        #expect(throws: PlanError.self) { try RelayFile.load("/dev/zero") }
    }
}
