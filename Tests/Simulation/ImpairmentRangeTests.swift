import Datagrams
import Harness
import Impairment
import Testing

@testable import Loops

/// T9: every impairment at the ends of its range does what its words say.
@Suite struct ImpairmentRangeTests {
    private static let count = 2_000
    private static let everyNs: Int64 = 100_000
    private static let tiny = Probability(billionths: 1)
    private static let half = Probability(0.5)
    private static let shares = [.never, tiny, half, .always] as [Probability]

    private static func run(
        _ impairment: Impairment, count: Int = count, everyNs: Int64 = everyNs, bytes: Int = 32,
        lengthNs: Int64 = 2_000_000_000, memoryBytes: Int = 32 << 20
    ) -> RelayRun {
        let network = SimulatedRelayNetwork()
        network.steady(count, everyNs: everyNs, bytes: bytes)
        var assignment = RelayRun.assignment(forward: impairment)
        assignment.memoryBytes = memoryBytes
        let run = RelayRun(assignment, over: network, lengthNs: lengthNs)
        run.expectBalance()
        #expect(run.forward.received + network.refused == count)
        return run
    }

    private static func order(_ run: RelayRun) -> [Int] {
        run.network.forwarded.map { SimulatedRelayNetwork.number($0.octets) }
    }

    /// How long each datagram took, in the order in which they left.
    private static func times(_ run: RelayRun, everyNs: Int64 = everyNs) -> [Int64] {
        run.network.forwarded.map { sent in
            let number = SimulatedRelayNetwork.number(sent.octets)
            return sent.atNs - SimulatedClock.startNs - 1_000_000 - Int64(number) * everyNs
        }
    }

    // MARK: - Reordering

    @Test(
        "T9 reorder holds a datagram for its depth of later ones, however many are chosen",
        arguments: shares, [1, 2, 7, 1_000])
    func t9Reorder(share: Probability, depth: Int) {
        let impairment = Impairment(reorder: ReorderModel(probability: share, depth: depth))
        let run = Self.run(impairment)
        let model = RelayTests.overtaken(impairment, count: Self.count)
        let order = Self.order(run)
        #expect(order == model.order + model.expired)
        #expect(run.forward.forwarded == Self.count)
        #expect(run.forward.reorderExpired == model.expired.count)
        #expect(model.expired.count <= depth, "only the end of a flow has nothing behind it")
        #expect(run.forward.reordered == RelayTests.reordering(order).count)
        let expected = impairment.reorder?.effectiveShare ?? 0
        let reordered = Double(run.forward.reordered)
        let countable = Double(Self.count - model.expired.count)
        // The first of a flow meet none that wait, up to the depth.
        let tolerance = 0.03 + Double(depth) / countable
        #expect(abs(reordered / countable - expected) < tolerance, "\(reordered) of \(countable)")
        // As long as the later ones take to come, and the turns of the loop.
        let expired = Set(model.expired)
        for (number, tookNs) in zip(order, Self.times(run)) where !expired.contains(number) {
            #expect(tookNs <= Int64(depth) * Self.everyNs + 200_000, "\(number): \(tookNs) ns")
        }
    }

    @Test("T9 at 100 % every second datagram overtakes the one before it")
    func t9ReorderAll() {
        let run = Self.run(
            Impairment(reorder: ReorderModel(probability: .always, depth: 1)), count: 100)
        #expect(Self.order(run) == (0..<50).flatMap { [2 * $0 + 1, 2 * $0] })
        #expect(run.forward.reordered == 50)
        #expect(run.forward.reorderExpired == 0)
        #expect((Self.times(run).max() ?? .max) < 2 * Self.everyNs)
    }

    @Test("T9 reordering beside jitter that keeps order is all that reorders")
    func t9ReorderWithJitter() {
        for share in Self.shares {
            let reorder = ReorderModel(probability: share, depth: 2)
            let alone = Self.run(Impairment(reorder: reorder))
            let jittered = Self.run(
                Impairment(
                    delay: .constant(ns: 1_000_000),
                    jitter: JitterModel(amountNs: 5_000_000, keepsOrder: true), reorder: reorder))
            #expect(Self.order(jittered) == Self.order(alone))
            #expect(jittered.forward.reordered == alone.forward.reordered)
        }
    }

    @Test("T9 copies are held back beside their datagram and change no order of others")
    func t9ReorderWithCopies() {
        for share in Self.shares {
            let reorder = ReorderModel(probability: share, depth: 3)
            let alone = Self.run(Impairment(reorder: reorder))
            let copied = Self.run(
                Impairment(
                    reorder: reorder,
                    duplicate: DuplicateModel(probability: .always, copies: 2)))
            // A copy leaves behind its datagram, wherever that is.
            var seen: Set<Int> = []
            #expect(Self.order(copied).filter { seen.insert($0).inserted } == Self.order(alone))
            #expect(copied.forward.reorderExpired == alone.forward.reorderExpired)
            #expect(copied.forward.duplicated == 2 * Self.count)
        }
    }

    @Test("T9 a flow too slow to be reordered is counted so, and delivered")
    func t9ReorderSlow() {
        let run = Self.run(
            Impairment(reorder: ReorderModel(probability: .always, depth: 1)), count: 10,
            everyNs: 1_000_000_000, lengthNs: 12_000_000_000)
        #expect(run.forward.forwarded == 10)
        #expect(run.forward.reordered == 0)
        #expect(run.forward.reorderExpired == 10)
    }

    // MARK: - Delay and jitter

    @Test("T9 delay and jitter: nobody arrives early, and the mean is the one that is announced")
    func t9Delay() {
        let delays: [DelayModel?] = [
            nil, .constant(ns: 0), .constant(ns: 1), .constant(ns: 1_000_000),
            .constant(ns: Impairment.delayMaxNs), .uniform(lowNs: 0, highNs: 0),
            .uniform(lowNs: 0, highNs: Impairment.delayMaxNs),
            .normal(meanNs: 1_000_000, deviationNs: 5_000_000),
            .normal(meanNs: 0, deviationNs: 0),
            .pareto(scaleNs: 1_000_000, shape: 0.1, capNs: nil),
            .pareto(scaleNs: 1_000_000, shape: 100, capNs: 1_000_000), .trace(ns: [0]),
            .trace(ns: [0, Impairment.delayMaxNs]),
        ]
        for delay in delays {
            for amountNs in [0, 1, 5_000_000, Impairment.delayMaxNs] as [Int64] {
                let impairment = Impairment(
                    delay: delay, jitter: JitterModel(amountNs: amountNs, keepsOrder: false))
                let run = Self.run(impairment, lengthNs: 70_000_000_000)
                #expect(run.forward.forwarded == Self.count)
                #expect(Self.times(run).allSatisfy { $0 >= 0 })
                let summary = run.result.forward.delayNs
                #expect(summary?.count == Self.count)
                #expect(summary?.max ?? .max <= Int(Impairment.delayMaxNs))
                // Of 2,000 draws: five standard errors of the most that delays can vary by.
                let mean = DelayMean(impairment).resultingNs
                let spreadNs = Double((summary?.max ?? 0) - (summary?.min ?? 0))
                let seen = summary?.mean ?? 0
                #expect(abs(seen - mean) <= 1 + spreadNs * 0.056, "\(impairment): \(seen), \(mean)")
            }
        }
    }

    // MARK: - What hits a share

    @Test("T9 loss at the ends takes nothing and everything", arguments: shares)
    func t9Loss(share: Probability) {
        let models: [LossModel] = [
            .bernoulli(probability: share), .burst(probability: share, length: 1),
            .burst(probability: share, length: 1_000_000),
            .gilbertElliott(p: share, r: .never, lossGood: .never, lossBad: .always),
            .gilbertElliott(p: .never, r: share, lossGood: share, lossBad: .always),
            .gilbertElliott(p: share, r: share, lossGood: .never, lossBad: share),
        ]
        for model in models {
            let run = Self.run(Impairment(loss: model))
            var fates = FlowFates(
                Impairment(loss: model), seed: 7, direction: .forward, flow: 0)
            let lost = (0..<Self.count).reduce(0) { sum, _ in sum + (fates.next().isLost ? 1 : 0) }
            #expect(run.forward.lost == lost)
            if share == .never { #expect(lost == 0) }
            if share == .always, case .gilbertElliott(share, share, _, _) = model {
                #expect(lost == Self.count / 2, "the states take turns")
            } else if share == .always {
                #expect(lost == Self.count)
            }
        }
    }

    @Test("T9 the lists and periods of losses at their ends")
    func t9LossByNumber() {
        let last = Self.count - 1
        for (model, lost) in [
            (LossModel.periodic(every: 1, offset: 0), Self.count),
            (.periodic(every: Self.count, offset: last), 1),
            (.periodic(every: 1_000_000_000, offset: 999_999_999), 0),
            (.list([]), 0), (.list([0, last]), 2), (.list([1 << 40]), 0),
        ] {
            #expect(Self.run(Impairment(loss: model)).forward.lost == lost, "\(model)")
        }
    }

    @Test("T9 duplicates at the ends leave as often as they say", arguments: shares, [1, 100])
    func t9Duplicate(share: Probability, copies: Int) {
        let impairment = Impairment(
            duplicate: DuplicateModel(probability: share, copies: copies))
        let run = Self.run(impairment, count: 300)
        var fates = FlowFates(impairment, seed: 7, direction: .forward, flow: 0)
        let drawn = (0..<300).reduce(0) { sum, _ in sum + fates.next().copies }
        #expect(run.forward.duplicated == drawn)
        #expect(run.network.forwarded.count == 300 + drawn)
        #expect(run.forward.copiesDropped == 0)
        #expect(run.forward.reordered == 0)
        if share == .always { #expect(drawn == 300 * copies) }
        if share == .never { #expect(drawn == 0) }
    }

    @Test("T9 corruption at the ends inverts as many bits as there are", arguments: shares)
    func t9Corrupt(share: Probability) {
        for (bits, bytes) in [(1, 32), (1_000, 32), (1, 4), (1_000, 1_400)] {
            let run = Self.run(
                Impairment(alterations: [.corrupt(share, bits: bits)]), count: 300,
                bytes: bytes)
            var altered = 0
            for (number, sent) in run.network.forwarded.enumerated() {
                let came = SimulatedRelayNetwork.numbered(number, bytes: bytes)
                let inverted = zip(sent.octets, came).reduce(0) {
                    $0 + ($1.0 ^ $1.1).nonzeroBitCount
                }
                #expect(inverted == 0 || inverted == min(bits, 8 * bytes))
                if inverted > 0 { altered += 1 }
            }
            #expect(run.forward.altered == altered)
            if share == .always { #expect(altered == 300) }
            if share == .never { #expect(altered == 0) }
        }
    }

    // MARK: - Rate, queue and windows

    @Test("T9 the slowest and the fastest link, with the smallest and the largest queue")
    func t9Bottleneck() {
        for (rate, queueBytes) in [
            (1_000, 1), (1_000, 1 << 30), (100_000_000_000, 1), (100_000_000_000, 1 << 30),
        ] as [(Int64, Int64)] {
            let run = Self.run(
                Impairment(
                    bottleneck: Bottleneck(bitsPerSecond: rate, queueBytes: queueBytes)),
                lengthNs: 2_000_000_000_000)
            // 60 B of IP packet: 480 ms at 1 kbit/s, so one leaves within the 200 ms of the flow.
            let expected = rate == 1_000 && queueBytes == 1 ? 1 : Self.count
            #expect(run.forward.forwarded == expected, "\(rate) bit/s, \(queueBytes) B")
            #expect(run.forward.tailDropped == Self.count - expected)
            #expect(run.forward.flowGone == 0)
            #expect(run.forward.reordered == 0)
        }
    }

    @Test("T9 windows that never open, are one nanosecond long, and never close")
    func t9Windows() {
        let longNs: Int64 = 604_800_000_000_000
        for (fromNs, untilNs, all) in [
            (longNs - 1, longNs, false), (0, 1, false), (0, longNs, true),
        ] as [(Int64, Int64, Bool)] {
            let window = TimeWindow(fromNs: fromNs, untilNs: untilNs)
            let swallowed = Self.run(Impairment(blackholes: [window, window]))
            #expect(swallowed.forward.blackholed == (all ? Self.count : 0))
            let closed = Self.run(Impairment(refusals: [window, window]))
            #expect(closed.network.refused == (all ? Self.count : 0))
            #expect(closed.result.reopenFailures == 0)
        }
    }

    // MARK: - Combined

    @Test("T9 everything at once: each datagram in one account, none held beyond its time")
    func t9Combined() {
        for seed in 0..<150 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let impairments = (0..<2).map { _ in Self.random(&generator) }
            let network = SimulatedRelayNetwork()
            network.echoAfterNs = 50_000
            network.steady(400, everyNs: Int64.random(in: 1_000...400_000, using: &generator))
            var assignment = RelayRun.assignment(
                forward: impairments[0], backward: impairments[1], seed: Int(seed))
            assignment.memoryBytes = 32 << 20
            let run = RelayRun(assignment, over: network, lengthNs: 400_000_000_000)
            run.expectBalance()
            let (forward, backward) = (run.forward, run.backward)
            #expect(forward.received + network.refused == 400, "seed \(seed)")
            #expect(network.forwarded.count == forward.forwarded + forward.duplicated)
            #expect(backward.received == network.forwarded.count, "seed \(seed)")
            #expect(network.returned.count == backward.forwarded + backward.duplicated)
            for (side, impairment) in zip([forward, backward], impairments) {
                #expect(side.heldAtStop == 0, "seed \(seed): \(side)")
                #expect(side.noMemory + side.flowGone + side.sendFailed == 0, "seed \(seed)")
                #expect(side.reorderExpired <= side.received, "seed \(seed): \(side)")
                #expect(side.altered <= side.forwarded, "seed \(seed): \(side)")
                if impairment.reorder == nil { #expect(side.reorderExpired == 0) }
                if impairment.loss == nil { #expect(side.lost == 0) }
            }
            if impairments[0].loss == .bernoulli(probability: .always) {
                #expect(forward.forwarded == 0, "seed \(seed)")
            }
        }
    }

    /// An impairment of parts at the ends of their ranges.
    private static func random(_ generator: inout SeededGenerator) -> Impairment {
        func share() -> Probability { shares.randomElement(using: &generator) ?? .never }
        func chosen<Part>(_ part: @autoclosure () -> Part) -> Part? {
            generator.chance(0.5) ? part() : nil
        }
        func number(_ numbers: [Int64]) -> Int64 { numbers.randomElement(using: &generator) ?? 0 }
        return Impairment(
            loss: chosen(.bernoulli(probability: share())),
            delay: chosen(.constant(ns: number([0, 1, 10_000_000, Impairment.delayMaxNs]))),
            jitter: chosen(
                JitterModel(
                    amountNs: number([0, 1, 20_000_000, Impairment.delayMaxNs]),
                    keepsOrder: Bool.random(using: &generator))),
            reorder: chosen(
                ReorderModel(probability: share(), depth: Int(number([1, 2, 1_000])))),
            duplicate: chosen(DuplicateModel(probability: share(), copies: Int(number([1, 5])))),
            alterations: Alteration.all.compactMap {
                let amounts = [$0.amount.range.lowerBound, $0.amount.range.upperBound]
                return chosen(
                    AlterationShare(
                        $0.key, probability: share(), amount: Int(number(amounts.map(Int64.init)))))
            },
            bottleneck: chosen(
                Bottleneck(
                    bitsPerSecond: number([1_000_000, 100_000_000_000]),
                    queueBytes: number([1, 65_536, 1 << 30]))),
            blackholes: chosen([TimeWindow(fromNs: 0, untilNs: number([1, 10_000_000]))]) ?? [],
            refusals: chosen([TimeWindow(fromNs: 0, untilNs: number([1, 10_000_000]))]) ?? [])
    }
}
