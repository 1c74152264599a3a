import Harness
import Impairment
import Testing

@testable import Plans

@Suite struct EmulatedNetworkTests {
    private func impairments(_ keys: String) throws -> Impairments {
        let plan = try read(planText(networks: "\"here\": { \"kind\": \"emulated\", \(keys) }"))
        let network = try #require(plan.networks.first)
        guard case .emulated(let forward, let backward) = network.kind else {
            Issue.record("the network is not emulated")
            return Impairments(forward: Impairment(), backward: Impairment())
        }
        return Impairments(forward: forward, backward: backward)
    }

    @Test func shortFormsAreRead() throws {
        let found = try impairments(
            """
            "forward": { "loss": "1%", "delay": "4ms", "jitter": "2ms", "reorder": "0.5%",
              "duplicate": "0.1%", "corrupt": "0.2%", "rate": "10Mbit" },
            "backward": { "loss": "0.0000001%", "rate": "1.5kbit", "queue": "64KiB",
              "blackhole": { "from": "1s", "until": "1500ms" } }
            """)
        #expect(
            found.forward
                == Impairment(
                    loss: .bernoulli(probability: Probability(0.01)),
                    delay: .constant(ns: 4_000_000),
                    jitter: JitterModel(amountNs: 2_000_000, keepsOrder: true),
                    reorder: ReorderModel(probability: Probability(0.005), depth: 1),
                    duplicate: DuplicateModel(probability: Probability(0.001), copies: 1),
                    alterations: [.corrupt(Probability(0.002), bits: 1)],
                    bottleneck: Bottleneck(bitsPerSecond: 10_000_000, queueBytes: 65_536)))
        #expect(
            found.backward
                == Impairment(
                    loss: .bernoulli(probability: Probability(billionths: 1)),
                    bottleneck: Bottleneck(bitsPerSecond: 1_500, queueBytes: 65_536),
                    blackholes: [TimeWindow(fromNs: 1_000_000_000, untilNs: 1_500_000_000)]))
    }

    @Test func longFormsAreRead() throws {
        let plan = try PlanFile.load("\(Corpus.root)/good/emulated.json")
        let kinds = plan.networks.map(\.kind)
        guard case .emulated(let forward, let backward) = kinds[0] else {
            Issue.record("the network is not emulated")
            return
        }
        #expect(
            forward
                == Impairment(
                    loss: .gilbertElliott(
                        p: Probability(0.01), r: Probability(0.3), lossGood: Probability(0.001),
                        lossBad: Probability(0.9)),
                    delay: .pareto(scaleNs: 4_000_000, shape: 2.5, capNs: 60_000_000_000),
                    jitter: JitterModel(amountNs: 2_000_000, keepsOrder: false),
                    reorder: ReorderModel(probability: .always, depth: 1_000),
                    duplicate: DuplicateModel(probability: .never, copies: 100),
                    alterations: [.corrupt(Probability(0.01), bits: 1_000)],
                    bottleneck: Bottleneck(bitsPerSecond: 1_000, queueBytes: 65_536),
                    blackholes: [
                        TimeWindow(fromNs: 1_000_000_000, untilNs: 2_000_000_000),
                        TimeWindow(fromNs: 3_000_000_000, untilNs: 604_800_000_000_000),
                    ], refusals: [TimeWindow(fromNs: 10_000_000_000, untilNs: 11_000_000_000)]))
        #expect(backward.loss == .burst(probability: Probability(0.001), length: 5))
        #expect(backward.delay == .trace(ns: [4_000_000, 4_250_000, 3_900_000, 120_000, 0]))
        #expect(
            backward.bottleneck
                == Bottleneck(bitsPerSecond: 100_000_000_000, queueBytes: 1 << 30))
        #expect(kinds[1] == .emulated(forward: Impairment(), backward: Impairment()))
        guard case .emulated(let last, _) = kinds[4] else { return }
        #expect(last.loss == .list([0, 7, 1_000_000_000_000]))
        #expect(last.delay == .constant(ns: 20_000_000))
        #expect(plan.scenarios.first?.order == .shuffled)
        #expect(plan.extras.map(\.key).count == 2)
    }

    @Test func whatStandsForBothDirectionsGivesWayToOne() throws {
        let found = try impairments(
            """
            "loss": "1%", "delay": "4ms", "rate": "1Mbit", "queue": "1KiB",
            "refuse": { "from": "1s", "until": "2s" },
            "forward": { "delay": "5ms", "rate": "2Mbit" }, "backward": { "loss": "2%" }
            """)
        let loss = LossModel.bernoulli(probability: Probability(0.01))
        #expect(
            found.forward
                == Impairment(
                    loss: loss, delay: .constant(ns: 5_000_000),
                    bottleneck: Bottleneck(bitsPerSecond: 2_000_000, queueBytes: 65_536),
                    refusals: [TimeWindow(fromNs: 1_000_000_000, untilNs: 2_000_000_000)]))
        #expect(
            found.backward
                == Impairment(
                    loss: .bernoulli(probability: Probability(0.02)),
                    delay: .constant(ns: 4_000_000),
                    bottleneck: Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 1_024)))
    }

    @Test func aPeriodTakesItsLastDatagramUnlessItSaysOtherwise() throws {
        let found = try impairments(
            """
            "forward": { "loss": { "model": "periodic", "every": 100 } },
            "backward": { "loss": { "model": "periodic", "every": 100, "offset": 7 } }
            """)
        #expect(found.forward.loss == .periodic(every: 100, offset: 99))
        #expect(found.backward.loss == .periodic(every: 100, offset: 7))
    }

    @Test("P16 a wrong kind makes one problem, not one for each key")
    func p16WrongKind() {
        let found = problems(
            of: planText(
                networks: "\"here\": { \"kind\": \"emulatd\", \"loss\": \"1%\", \"mtu\": 1 }"))
        #expect(found.map(\.path) == ["$.networks.here.kind"])
        #expect(found.first?.message.contains("did you mean \"emulated\"?") == true)
    }

    @Test func anEmulatedNetworkNeedsAResponder() {
        let text = planText(
            networks: "\"here\": { \"kind\": \"emulated\" }",
            scenario: "\"networks\": [\"here\"]")
        #expect(
            problems(of: text).map(\.message) == [
                "the key \"responder\" is missing: on an emulated network something has to answer"
            ])
    }

    @Test func theRelayCountsAmongTheDescriptors() throws {
        let sender =
            "\"flows\": 5000, \"rate\": \"1pps\", \"payload\": \"16B\", \"duration\": \"1s\""
        let plain = try read(planText(sender: sender))
        let relayed = try read(
            planText(networks: "\"here\": { \"kind\": \"emulated\" }", sender: sender))
        let need = { PlanBudget.of($0).descriptorsNeeded }
        #expect(need(relayed) == need(plain) + 1)
    }

    @Test func theRelayRemembersTheStormsPortsForTheTimeout() throws {
        func passing(
            _ keys: String, length: String = "\"duration\": \"9s\""
        ) throws -> Int {
            let plan = try read(
                planText(
                    sender: "\"kind\": \"hit-and-run\", \"payload\": \"16B\", "
                        + "\(length), \(keys)"))
            #expect(plan.scenarios[0].timeoutNs == 1_000_000_000)
            return plan.scenarios[0].passingPorts
        }
        #expect(try passing("\"rate\": \"100pps\"") == 100)
        #expect(try passing("\"rate\": \"100pps\", \"flows\": 3, \"burst\": 8") == 39)
        #expect(try passing("\"rate\": \"1Mpps\"", length: "\"count\": 70") == 70)
        #expect(try passing("\"rate\": \"1Mpps\"") == PlanBudget.passingPortsLimit)
    }

    // MARK: Files of delays

    private func faultOfTrace(_ text: String) throws -> String {
        let folder = try TemporaryDirectory()
        _ = try folder.write("delays.txt", text)
        do throws(PlanError) {
            _ = try DelayTrace.load("delays.txt", besides: "\(folder.path)/plan.json")
            return "none"
        } catch {
            return error.description.split(separator: "/").last.map(String.init) ?? ""
        }
    }

    @Test func aWrongLineIsNamedWithItsNumber() throws {
        #expect(
            try faultOfTrace("1ms\n\n12\n")
                == "delays.txt:3: a duration carries its unit: \"12\" needs ns, us, ms, s, min "
                + "or h, \"12ms\" or \"12s\" (legal: 0s to 60s)")
        #expect(
            try faultOfTrace("# none\n61s") == "delays.txt:2: \"61s\" is out of range: 0s to 60s")
        #expect(try faultOfTrace("# none\n") == "delays.txt: has no delay, one a line")
    }

    @Test("P2 a file of delays is bounded in lines and in bytes")
    func p2Trace() throws {
        let most = String(repeating: "1ms\n", count: 100_000)
        #expect(try faultOfTrace(most) == "none")
        #expect(
            try faultOfTrace(most + "1ms\n")
                == "delays.txt:100001: a file of delays has at most 100000 of them")
        #expect(
            try faultOfTrace(String(repeating: "# a long remark\n", count: 300_000)).hasSuffix(
                "a file of delays has at most 4194304 B (4 MiB)"))
    }
}
