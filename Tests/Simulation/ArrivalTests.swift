import Metrics
import Testing

@testable import Loops

/// What comes back, and in which state: rows N2–N4, H2, H3, H7, H10, H11.
@Suite struct ArrivalTests {
    @Test("N2 each further copy of an echo is a duplicate and no loss")
    func n2() {
        let network = SimulatedNetwork()
        network.echoScript = { probe in
            (0...probe.index % 3).map { 20_000 + Int64($0) * 1_000_000 }
        }
        let run = SenderRun(SenderRun.paced(count: 300), over: network)
        run.expectExact()
        #expect(run.figures.duplication.count == 300)
        #expect(run.figures.duplication.replicatedRate == 2.0 / 3)
        #expect(run.figures.loss.count == 0)
        #expect(run.figures.inTime == 300)
    }

    @Test("N3 an echo after the timeout is late and not never, one that was overtaken is reordered")
    func n3() {
        let network = SimulatedNetwork()
        // 100 µs apart: every tenth is overtaken by the three after it.
        network.echoScript = { probe in
            if probe.index == 3 { return [60_000_000] }
            return [probe.index % 10 == 5 ? 370_000 : 20_000]
        }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        #expect(run.figures.late == 1)
        #expect(run.figures.never == 0)
        #expect(run.figures.loss.count == 1)
        #expect(run.figures.reordering.count == 20 + 1)
        #expect(run.figures.reordering.nReordering.n3 == 21.0 / 200)
    }

    @Test("N4 the loss of the first and of the last probes is seen")
    func n4() {
        let network = SimulatedNetwork()
        network.echoScript = { $0.index < 5 || $0.index >= 193 ? [] : [20_000] }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        run.expectExact()
        #expect(run.figures.never == 12)
        #expect(run.figures.loss.periods == 2)
        #expect(run.figures.loss.longestBurst == 7)
    }

    @Test("N4 answers that the kernel holds when the drain ends are taken in")
    func n4LastLook() {
        let network = SimulatedNetwork()
        // They arrive while the loop is away, and it is back past the end of the drain.
        network.echoScript = { $0.index == 19 ? [49_000_000, 49_000_100] : [20_000] }
        var phase = SenderRun.paced(count: 20)
        phase.spinNs = 4_000_000
        let lastNs = phase.startNs + 1_900_000
        network.clock.absence = (lastNs + 47_000_000, lastNs + 70_000_000)
        let run = SenderRun(phase, over: network)
        #expect(!run.ranAway)
        #expect(run.figures.received == 20)
        #expect(run.figures.late == 1)
        #expect(run.figures.never == 0)
        #expect(run.figures.duplication.count == 1)
    }

    @Test("H2 every truncation of an echo is counted as short and moves no other figure")
    func h2() {
        let payloadBytes = 64
        let phase = SenderRun.paced(count: 100, payloadBytes: payloadBytes)
        let plain = SenderRun(phase, over: SimulatedNetwork())
        let network = SimulatedNetwork()
        network.forgery = { probe, octets in
            probe.index < payloadBytes
                ? [.init(octets.prefix(probe.index).map { $0 }, after: 40_000)] : []
        }
        let run = SenderRun(phase, over: network)
        run.expectExact()
        #expect(run.accounts.rejected.short == payloadBytes)
        #expect(run.accounts.rejected.total == payloadBytes)
        #expect(run.figures == plain.figures)
    }

    @Test("H2 a datagram that is longer than the probe is counted as truncated")
    func h2Longer() {
        let network = SimulatedNetwork()
        network.forgery = { _, octets in
            [
                .init(octets + [0], after: 40_000),
                .init(octets + [UInt8](repeating: 0, count: 900), after: 45_000),
            ]
        }
        let run = SenderRun(SenderRun.paced(count: 10), over: network)
        run.expectExact()
        #expect(run.accounts.rejected.truncated == 20)
    }

    @Test(
        "H3 T13 a flipped bit at any position is refused and harms no probe",
        arguments: [16, 20, 24, 28, 64, 160])
    func h3t13(payloadBytes: Int) {
        let bits = payloadBytes * 8
        let phase = SenderRun.paced(count: bits, payloadBytes: payloadBytes)
        let plain = SenderRun(phase, over: SimulatedNetwork())
        // Before the echo, then after it: each refused copy comes between two echoes.
        for delay: Int64 in [20_000, 60_000] {
            let network = SimulatedNetwork()
            network.backward.delayNs = delay...delay
            network.forgery = { [.init(Self.flip($1, $0.index), after: 40_000)] }
            let run = SenderRun(phase, over: network)
            run.expectExact()
            #expect(run.figures.inTime == bits)
            #expect(run.figures.duplication.count == 0)
            #expect(run.accounts.rejected.total == bits)
            guard delay == 20_000 else { continue }
            var figures = run.figures
            figures.discarded = plain.figures.discarded
            #expect(figures == plain.figures)
        }
    }

    @Test(
        "H3 a probe of which only an altered echo comes is lost, and no other",
        arguments: [16, 44, 160])
    func h3Lost(payloadBytes: Int) {
        let bits = payloadBytes * 8
        let network = SimulatedNetwork()
        network.forgery = { probe, octets in
            probe.index % 2 == 0 ? [.init(Self.flip(octets, probe.index), after: 40_000)] : []
        }
        network.echoScript = { $0.index % 2 == 0 ? [] : [20_000] }
        let run = SenderRun(SenderRun.paced(count: bits, payloadBytes: payloadBytes), over: network)
        run.expectExact()
        #expect(run.figures.never == bits / 2)
        #expect(run.figures.loss.longestBurst == 1)
    }

    @Test("H7 replayed echoes are duplicates, once each, and the loss stays")
    func h7() {
        let network = SimulatedNetwork()
        network.echoScript = { $0.index % 10 == 0 ? [] : [20_000] }
        let phase = SenderRun.paced(count: 200)
        let plain = SenderRun(phase, over: network)
        let replayed = SimulatedNetwork()
        replayed.echoScript = {
            $0.index % 10 == 0 ? [] : [20_000, 5_040_000, 9_040_000]
        }
        let run = SenderRun(phase, over: replayed)
        run.expectExact()
        #expect(run.figures.duplication.count == 360)
        #expect(run.figures.loss == plain.figures.loss)
        #expect(run.figures.rttNs == plain.figures.rttNs)
    }

    @Test("H10 forged echoes are refused by reason; loss and delays stay as they were")
    func h10() {
        let phase = SenderRun.paced(count: 200)
        let plain = SenderRun(phase, over: SimulatedNetwork())
        let network = SimulatedNetwork()
        network.forgery = { probe, octets in
            let forged = Self.forgeries(octets)
            return probe.index < forged.count ? [.init(forged[probe.index], after: 45_000)] : []
        }
        let run = SenderRun(phase, over: network)
        run.expectExact()
        #expect(run.accounts.rejected.runId == 2)
        #expect(run.accounts.rejected.corrupt == 5)
        #expect(run.accounts.rejected.total == 7)
        var figures = run.figures
        figures.discarded = plain.figures.discarded
        #expect(figures == plain.figures)
    }

    @Test("H11 an echo before its probe is impossible, and no delay of any size")
    func h11() {
        let network = SimulatedNetwork()
        network.onDelivery = { [clock = network.clock] probe in
            if probe.index == 50 { clock.turnBack(byNs: 60_000) }
        }
        let run = SenderRun(SenderRun.paced(count: 200), over: network)
        #expect(run.accounts.rejected.impossible == 1)
        #expect(run.figures.never == 1)
        #expect(run.figures.inTime == 199)
        #expect(run.figures.rttNs?.count == 199)
        #expect((run.figures.rttNs?.min ?? -1) >= 0)
        #expect((run.figures.rttNs?.max ?? .max) < 50_000_000)
        #expect(run.ledger.imbalances() == [])
    }

    private static func flip(_ octets: [UInt8], _ bit: Int) -> [UInt8] {
        var octets = octets
        octets[bit / 8] ^= 1 << UInt8(bit % 8)
        return octets
    }

    /// Huge sequence numbers, stamps that are not the probe's, other runs and sessions.
    private static func forgeries(_ octets: [UInt8]) -> [[UInt8]] {
        func changed(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
            var copy = octets
            copy.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            return copy
        }
        return [
            changed(0, [0xff, 0xff, 0xff, 0xff]), changed(0, [0x7f, 0xff, 0xff, 0xff]),
            changed(24, [0x7f, 0xff, 0xff, 0xff]), changed(4, [0xff, 0xff, 0xff, 0xff]),
            changed(4, [0, 0, 0, 0]), changed(20, [1, 2, 3, 4]), changed(14, [0xff, 0xff]),
        ]
    }
}
