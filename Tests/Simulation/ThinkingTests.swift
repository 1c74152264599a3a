import Harness
import Load
import Metrics
import Testing

@testable import Loops

/// The closed loop of users who think, through the shipped loop.
@Suite struct ThinkingTests {
    private static let millisecond: Int64 = 1_000_000

    private static func phase(
        count: Int, flows: Int = 1, window: Int = 1, _ think: ThinkTime,
        timeoutNs: Int64 = 50_000_000
    ) -> SenderPhase {
        var phase = SenderRun.unpaced(count: count, window: window, flows: flows)
        phase.sender.think = think
        phase.timeoutNs = timeoutNs
        return phase
    }

    /// A network that answers after a time, and keeps when each probe came.
    private final class Service {
        let network: SimulatedNetwork
        var arrivalsNs: [[Int64]]

        init(flows: Int, after delaysNs: @escaping (SimulatedNetwork.Probe, Int64) -> [Int64]) {
            network = SimulatedNetwork(flows: flows)
            arrivalsNs = Array(repeating: [], count: flows)
            var seen: Set<SimulatedNetwork.Probe> = []
            network.echoScript = { [unowned self] probe in
                let nowNs = network.clock.timeNs
                // Asked when the probe leaves, and once more when it is there, at the same time.
                if seen.insert(probe).inserted { arrivalsNs[probe.flow].append(nowNs) }
                return delaysNs(probe, nowNs)
            }
        }
    }

    @Test("a user sends its next request a think time after the answer, and no other before")
    func constant() {
        let service = Service(flows: 3) { _, _ in [300_000] }
        let run = SenderRun(
            Self.phase(count: 300, flows: 3, ThinkTime(meanNs: 2 * Self.millisecond, .constant)),
            over: service.network)
        run.expectExact()
        #expect(run.sentByFlow == [100, 100, 100])
        for times in service.arrivalsNs {
            for (one, next) in zip(times, times.dropFirst()) {
                #expect(next - one >= 2_300_000)
                #expect(next - one < 2_400_000)
            }
        }
        // The users do not begin together.
        #expect(Set(service.arrivalsNs.compactMap(\.first)).count == 3)
        #expect(run.figures.rttIntendedNs == nil)
    }

    @Test("users send requests of a service too, and think after the answer to their own")
    func requests() {
        let number = BytePattern([.octets([7]), .be16])
        let request = RequestDefinition(
            name: "hex", templates: [number], answer: .at(0, number),
            valid: [AnswerCheck(at: 0, octets: [7])])
        var phase = Self.phase(
            count: 200, flows: 2, window: 2, ThinkTime(meanNs: 2 * Self.millisecond, .constant))
        phase.sender.request = request
        phase.sender.payloadBytes = request.bytesMost
        let network = SimulatedNetwork(flows: 2)
        network.echoScript = { _ in [] }
        var sentNs: [Int: [Int64]] = [:]
        network.forgery = { probe, octets in
            sentNs[probe.flow, default: []].append(network.clock.timeNs)
            // Every fifth has no answer: its user waits for the timeout.
            return probe.index % 5 == 4 ? [] : [.init(octets, after: 300_000)]
        }
        let content = RequestContent(
            request, flows: 2, runID: SenderRun.runID, anchorNs: SenderRun.anchorNs)
        defer { content.deallocate() }
        let run = SenderRun(phase, content: content, over: network)
        #expect(run.sentByFlow == [100, 100])
        #expect(run.figures.inTime == 160 && run.figures.never == 40)
        for times in sentNs.values {
            // Of two users no third request is sent within a think time and a round trip.
            for (one, third) in zip(times, times.dropFirst(2)) {
                #expect(third - one >= 2_300_000)
            }
        }
    }

    @Test("a flow has no more unanswered requests than its window, in any weather")
    func window() {
        for seed in 1...20 as ClosedRange<UInt64> {
            let network = SimulatedNetwork(flows: 4, seed: seed)
            network.forward.loss = 0.05
            network.backward = Weather(
                loss: 0.05, duplicate: 0.1, late: 0.05, delayNs: 100_000...4_000_000,
                lateNs: 30 * Self.millisecond)
            var waiting: [Int: Set<Int>] = [:]
            var most = 0
            var sentNs: [SimulatedNetwork.Probe: Int64] = [:]
            network.onDelivery = { waiting[$0.flow]?.remove($0.index) }
            network.forgery = { probe, _ in
                let nowNs = network.clock.timeNs
                sentNs[probe] = nowNs
                // A request whose time is over is waited for no longer.
                waiting[probe.flow] = (waiting[probe.flow] ?? []).filter {
                    nowNs - (sentNs[.init(flow: probe.flow, index: $0)] ?? 0)
                        < 20 * Self.millisecond
                }
                waiting[probe.flow]?.insert(probe.index)
                most = max(most, waiting[probe.flow]?.count ?? 0)
                return []
            }
            let run = SenderRun(
                Self.phase(
                    count: 800, flows: 4, window: 3,
                    ThinkTime(meanNs: Self.millisecond, .exponential),
                    timeoutNs: 20 * Self.millisecond),
                over: network)
            run.expectExact()
            #expect(run.accounts.ledger.sent == 800, run.comment)
            #expect(most <= 3, run.comment)
        }
    }

    @Test("after a lost request a user goes on when its timeout and the think time are over")
    func timeout() {
        let service = Service(flows: 1) { probe, _ in probe.index == 5 ? [] : [300_000] }
        let run = SenderRun(
            Self.phase(count: 20, ThinkTime(meanNs: 2 * Self.millisecond, .constant)),
            over: service.network)
        #expect(run.accounts.ledger.sent == 20)
        #expect(run.figures.never == 1)
        let times = service.arrivalsNs[0]
        #expect(times[6] - times[5] >= 52 * Self.millisecond)
        #expect(times[6] - times[5] < 53 * Self.millisecond)
    }

    @Test("an answer after the timeout is late, and makes its user send no second request")
    func lateAnswer() {
        let service = Service(flows: 1) { probe, _ in
            probe.index == 5 ? [60 * Self.millisecond] : [300_000]
        }
        let run = SenderRun(
            Self.phase(count: 40, ThinkTime(meanNs: 2 * Self.millisecond, .constant)),
            over: service.network)
        #expect(run.figures.late == 1)
        #expect(run.accounts.ledger.sent == 40)
        let times = service.arrivalsNs[0]
        for (one, next) in zip(times[6...], times[7...]) {
            #expect(next - one >= 2_300_000)
        }
    }

    @Test("exponential think times have their mean, and are the same in every run of a seed")
    func exponential() {
        func times() -> [Int64] {
            let service = Service(flows: 2) { _, _ in [100_000] }
            let run = SenderRun(
                Self.phase(
                    count: 4_000, flows: 2, ThinkTime(meanNs: Self.millisecond, .exponential)),
                over: service.network)
            #expect(run.accounts.ledger.sent == 4_000)
            #expect(service.arrivalsNs[0] != service.arrivalsNs[1])
            return service.arrivalsNs[0]
        }
        let first = times()
        #expect(first == times())
        let gaps = zip(first, first.dropFirst()).map { Double($1 - $0 - 100_000) }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        #expect(abs(mean - 1e6) < 1e5)
        // The standard deviation of an exponential distribution is its mean.
        let squares = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(abs((squares / Double(gaps.count)).squareRoot() - 1e6) < 1.5e5)
    }

    @Test("a duration ends the sending, and the answers are waited for")
    func duration() {
        let service = Service(flows: 2) { _, _ in [300_000] }
        var phase = Self.phase(
            count: 1, flows: 2, ThinkTime(meanNs: 5 * Self.millisecond, .constant))
        phase.countLimit = nil
        phase.durationNs = 100 * Self.millisecond
        phase.sender.length = .durationNs(100_000_000)
        let run = SenderRun(phase, over: service.network)
        #expect((36...42).contains(run.accounts.ledger.sent))
        #expect(run.figures.inTime == run.accounts.ledger.sent)
    }

    @Test("a responder paused for a second shows in the open loop, and not in the closed one")
    func coordinatedOmission() {
        let pauseNs =
            SimulatedClock.startNs + 1_000_000_000..<SimulatedClock.startNs + 2_000_000_000
        func service() -> Service {
            Service(flows: 1) { _, nowNs in
                [200_000 + (pauseNs.contains(nowNs) ? pauseNs.upperBound - nowNs : 0)]
            }
        }
        let open = service()
        let paced = SenderRun(
            SenderRun.paced(count: 400, pps: 100, timeoutNs: 3_000_000_000), over: open.network)
        // A quarter of the slots lies in the pause: the latency from the intended time has them.
        #expect(paced.figures.rttIntendedNs?.p90 ?? 0 > 500_000_000)
        #expect(paced.figures.rttIntendedNs?.p50 ?? .max < 1_000_000)
        let closed = service()
        var phase = Self.phase(
            count: 1, ThinkTime(meanNs: 10 * Self.millisecond, .constant),
            timeoutNs: 3_000_000_000)
        phase.countLimit = nil
        phase.durationNs = 4_000_000_000
        phase.sender.length = .durationNs(4_000_000_000)
        let thinking = SenderRun(phase, over: closed.network)
        // One request met the pause; its user sent none of those that would have.
        #expect(thinking.figures.rttNs?.max ?? 0 > 900_000_000)
        #expect(thinking.figures.rttNs?.p99 ?? .max < 1_000_000)
        #expect(thinking.accounts.ledger.sent < 310)
        #expect(thinking.figures.rttIntendedNs == nil)
    }
}
