import Datagrams
import Harness
import Load
import Metrics
import STAMP
import Testing

@testable import Loops

/// The sender's loop with STAMP packets, towards a reflector of which everything is known.
@Suite struct StampSenderTests {
    private static let key = AuthenticationKey(Array("a shared secret".utf8))

    /// A Session-Reflector at the far end of a simulated network.
    private final class Reflector {
        var key: AuthenticationKey?
        var isStateful = false
        var forwardLost: (SimulatedNetwork.Probe) -> Bool = { _ in false }
        var backwardLost: (SimulatedNetwork.Probe) -> Bool = { _ in false }
        /// The packets of each flow that it counted before, as one without identifiers does.
        var before = Reflection.SessionCounts()
        /// Changes the counters of an answer, of which it is told how many there were before.
        var recount: (inout Reflection.SessionCounts, Int) -> Void = { _, _ in }
        var trafficClass: (SimulatedNetwork.Probe) -> UInt8 = { _ in 0 }
        /// Changes an answer.
        var alter: (inout [UInt8]) -> Void = { _ in }
        private var sessions: [Int: Reflection.SessionCounts] = [:]

        func answers(to probe: SimulatedNetwork.Probe, _ octets: [UInt8]) -> [[UInt8]] {
            guard !forwardLost(probe) else { return [] }
            var counts = sessions[probe.flow] ?? before
            counts.received &+= 1
            sessions[probe.flow] = .init(received: counts.received, sent: counts.sent &+ 1)
            guard !backwardLost(probe) else { return [] }
            let reflection = Reflection(key: key, format: .ntp, errorNs: 1_000)
            recount(&counts, probe.index)
            var octets = octets
            let number = octets[0..<4]
            octets.withUnsafeMutableBytes { packet in
                _ = reflection.reflect(
                    packet, length: packet.count,
                    arrival: .init(
                        wallNs: SenderRun.anchorNs, trafficClass: trafficClass(probe)),
                    session: counts, nowNs: { SenderRun.anchorNs })
            }
            if !isStateful, key == nil { octets.replaceSubrange(0..<4, with: number) }
            alter(&octets)
            return [octets]
        }
    }

    private struct Run {
        var result: StampResult
        var losses: StampLosses
        var received: Int
        var rejected: Int
    }

    private static func run(
        _ reflector: Reflector, count: Int = 100, flows: Int = 1, payloadBytes: Int? = nil,
        asking: [RequestedExtension] = RequestedExtension.allCases, isStateful: Bool? = nil,
        warmUpReceived: [Int] = []
    ) -> Run {
        let least = TestPacket.smallestBytes(
            isAuthenticated: reflector.key != nil, asking: asking)
        var phase = SenderRun.paced(
            count: count, flows: flows, payloadBytes: payloadBytes ?? least)
        if !warmUpReceived.isEmpty { phase.warmUpSession = 1 }
        phase.warmUpReceived = warmUpReceived
        let network = SimulatedNetwork(flows: flows)
        network.payloadBytes = phase.payloadBytes
        network.echoScript = { _ in [] }
        network.forgery = { probe, octets in
            reflector.answers(to: probe, octets).map { .init($0, after: 20_000) }
        }
        let settings = StampSettings(isStateful: isStateful, extensions: asking)
        let content = StampContent(
            StampOrder(settings), key: reflector.key, runID: 1, anchorNs: SenderRun.anchorNs,
            trafficClass: 46 << 2)
        var loop = SenderLoop<SimulatedKernel, SimulatedClock, StampContent>(
            phase: phase, content: content, clock: network.clock, control: LoopControl(), log: nil)
        var kernel = SimulatedKernel(network)
        loop.run(&kernel)
        let losses = loop.stampLosses
        var result = StampResult(oneWay: OneWayDelays([], absurd: 0, clocks: .init()))
        result.isStateful = losses.isCounted ? true : isStateful
        result.facts = loop.stamps.facts
        result.take(losses)
        return Run(
            result: result, losses: losses,
            received: loop.receivedByFlow.reduce(0, +), rejected: loop.accounts.rejected.total)
    }

    @Test("every fact is told in each answer, with and without a key", arguments: [false, true])
    func told(isAuthenticated: Bool) {
        let reflector = Reflector()
        reflector.key = isAuthenticated ? Self.key : nil
        reflector.trafficClass = { $0.index < 30 ? 0 : 46 << 2 | 3 }
        let run = Self.run(reflector, payloadBytes: 300)
        #expect(run.received == 100 && run.rejected == 0)
        #expect(run.result.facts?.counts.told == 100)
        #expect(run.result.facts?.marks.count == 100)
        // The phase sends with DSCP 0.
        #expect(run.result.facts?.marks.dscpChanged == 70)
        #expect(run.result.facts?.marks.changedTo == 46)
        #expect(run.result.facts?.marks.ce == 70)
        #expect(
            run.result.facts?.timestamping
                == .init(sourceIn: 1, methodIn: 2, sourceOut: 1, methodOut: 2))
        #expect(run.result.splitBy != nil)
        #expect(run.result.forwardLost == 0 && run.result.backwardLost == 0)
    }

    @Test("counters split the loss of a stateless reflector, the last probes included")
    func counters() {
        let reflector = Reflector()
        reflector.forwardLost = { [3, 4, 50, 99].contains($0.index) }
        reflector.backwardLost = { [7, 98].contains($0.index) }
        let run = Self.run(reflector)
        #expect(run.received == 94)
        #expect(run.result.isStateful == nil && run.result.splitBy == .counters)
        #expect(run.result.forwardLost == 4 && run.result.backwardLost == 2)
    }

    @Test("a stateful reflector's numbers and counters agree")
    func both() {
        let reflector = Reflector()
        reflector.isStateful = true
        reflector.forwardLost = { [3, 50].contains($0.index) }
        reflector.backwardLost = { [7, 99].contains($0.index) }
        let run = Self.run(reflector, flows: 1)
        #expect(run.result.isStateful == true && run.result.splitBy == .both)
        #expect(run.result.forwardLost == 2 && run.result.backwardLost == 2)
        #expect(run.result.contradictoryFlows == 0)
    }

    @Test("numbers and counters that tell different losses split nothing")
    func contradiction() {
        let reflector = Reflector()
        reflector.isStateful = true
        reflector.forwardLost = { [50, 60].contains($0.index) }
        reflector.backwardLost = { $0.index == 70 }
        // The counters have the probe 50, which the numbers have not.
        reflector.alter = { octets in
            let sequence = octets[24..<28].reduce(0) { $0 << 8 | Int($1) }
            guard sequence > 50 else { return }
            octets[71] += 1
            octets[75] += 1
        }
        let run = Self.run(reflector)
        #expect(run.losses.byNumbers.forward == 2 && run.losses.byCounters.forward == 1)
        #expect(run.result.contradictoryFlows == 1)
        #expect(run.result.forwardLost == nil && run.result.splitBy == nil)
    }

    @Test("answers whose HMAC TLV does not hold are answers, and tell nothing")
    func brokenTag() {
        let reflector = Reflector()
        reflector.key = Self.key
        reflector.forwardLost = { $0.index == 50 }
        reflector.alter = { $0[150] ^= 1 }
        let run = Self.run(reflector, asking: [.directMeasurement, .classOfService])
        #expect(run.received == 99)
        #expect(run.result.facts?.counts.unauthentic == 99)
        #expect(run.result.facts?.marks.count == 0 && !run.losses.hasCounters)
    }

    @Test("a copy on the way there is in the counters: they tell nothing")
    func copies() {
        let reflector = Reflector()
        reflector.forwardLost = { $0.index == 50 }
        reflector.recount = { counts, index in
            // The probe 20 came twice; the answer to its copy is lost.
            if index > 20 { counts = .init(received: counts.received + 1, sent: counts.sent + 1) }
        }
        let run = Self.run(reflector)
        #expect(run.result.forwardLost == nil && run.result.untoldFlows == 1)
    }

    @Test("a stateful reflector without identifiers goes on with the warm-up's numbers")
    func withoutIdentifiers() {
        let reflector = Reflector()
        reflector.isStateful = true
        reflector.before = .init(received: 5, sent: 5)
        reflector.forwardLost = { (0..<10).contains($0.index) || $0.index == 60 }
        let continued = Self.run(reflector, asking: [], warmUpReceived: [5])
        #expect(continued.received == 89)
        #expect(continued.result.isStateful == true)
        #expect(continued.result.forwardLost == nil && continued.result.continuedFlows == 1)
        // One with identifiers begins again.
        let other = Reflector()
        other.isStateful = true
        other.forwardLost = { $0.index == 60 }
        let own = Self.run(other, asking: [], warmUpReceived: [5])
        #expect(own.result.forwardLost == 1 && own.result.continuedFlows == 0)
    }

    @Test("a session that begins on its own after an answered warm-up speaks for the others")
    func separateSessions() {
        for (warmUp, isTold) in [([5, 5], true), ([0, 5], false)] as [([Int], Bool)] {
            let reflector = Reflector()
            reflector.isStateful = true
            reflector.forwardLost = { $0.flow == 1 && $0.index == 3 }
            reflector.backwardLost = { $0.flow == 1 && $0.index == 0 }
            let run = Self.run(
                reflector, flows: 2, asking: [.directMeasurement], warmUpReceived: warmUp)
            #expect((run.result.forwardLost == 1) == isTold, "\(warmUp)")
            #expect((run.result.backwardLost == 1) == isTold)
            #expect(run.result.untoldFlows == (isTold ? 0 : 1))
        }
    }

    @Test(
        "whatever is lost, and whatever was counted before: the split is right, or is none",
        arguments: [0.02, 0.2, 0.6])
    func random(loss: Double) {
        var generator = SeededGenerator(seed: 8_762)
        var told = 0
        for round in 0..<150 {
            let reflector = Reflector()
            reflector.isStateful = generator.chance(0.5)
            let warmUp = generator.chance(0.5) ? Int.random(in: 0...8, using: &generator) : nil
            if let warmUp, generator.chance(0.5) {
                reflector.before = .init(received: UInt32(warmUp), sent: UInt32(warmUp))
            }
            var lost = (forward: 0, backward: 0)
            var fates: [SimulatedNetwork.Probe: Int] = [:]
            let count = Int.random(in: 5...60, using: &generator)
            func fate(_ probe: SimulatedNetwork.Probe) -> Int {
                if let known = fates[probe] { return known }
                let fate = generator.chance(loss) ? 1 : generator.chance(loss) ? 2 : 0
                fates[probe] = fate
                guard probe.index < count else { return fate }
                if fate == 1 { lost.forward += 1 }
                if fate == 2 { lost.backward += 1 }
                return fate
            }
            reflector.forwardLost = { fate($0) == 1 }
            reflector.backwardLost = { fate($0) == 2 }
            let asking: [RequestedExtension] =
                generator.chance(0.6) ? [.directMeasurement] : []
            let run = Self.run(
                reflector, count: count, asking: asking,
                warmUpReceived: warmUp.map { [$0] } ?? [])
            guard let forward = run.result.forwardLost else { continue }
            told += 1
            #expect(forward == lost.forward, "round \(round)")
            #expect(run.result.backwardLost == lost.backward, "round \(round)")
        }
        #expect(told > 10, "\(told)")
    }
}
