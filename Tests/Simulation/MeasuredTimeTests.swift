import Reports
import Testing

@testable import Loops
@testable import Metrics

/// The time that rates are over, whether the sender had all of it or not.
@Suite struct MeasuredTimeTests {
    private static let lengthNs: Int64 = 500_000_000
    private static let startNs = SimulatedClock.startNs + 1_000_000

    /// A flood that takes 100 µs for each datagram.
    private static func flood(window: Int? = nil, flows: Int = 1) -> SenderPhase {
        var phase = SenderRun.unpaced(count: 1, window: window, flows: flows, batch: 1)
        phase.countLimit = nil
        phase.durationNs = lengthNs
        phase.isOneWay = window == nil
        return phase
    }

    private static func network(flows: Int = 1) -> SimulatedNetwork {
        let network = SimulatedNetwork(flows: flows)
        network.sendCostNs = 100_000
        return network
    }

    private static func rate(_ run: SenderRun) -> Double? {
        ThroughputReport(
            sent: run.accounts.ledger.sent, received: nil, payloadBytes: 64,
            measuredNs: run.measuredNs
        ).sentPps
    }

    /// When the sender is stopped and goes on, from the start of the phase, and how much of the
    /// measured time that takes.
    struct Absence: Sendable, CustomTestStringConvertible {
        let name: String
        let fromMs: Int64
        let untilMs: Int64
        let measuredMs: Int64

        var testDescription: String { name }
    }

    private static let absences = [
        Absence(name: "before the start", fromMs: -1, untilMs: 200, measuredMs: 200),
        Absence(name: "in the middle", fromMs: 100, untilMs: 300, measuredMs: 200),
        Absence(name: "beyond the end", fromMs: 400, untilMs: 900, measuredMs: 100),
        Absence(name: "all the time", fromMs: -1, untilMs: 1_000, measuredMs: 500),
    ]

    @Test("T15 what a sender did not have of the measured time is a stall", arguments: absences)
    func t15StallsOfAFlood(absence: Absence) throws {
        let network = Self.network()
        network.clock.absence = (
            Self.startNs + absence.fromMs * 1_000_000, Self.startNs + absence.untilMs * 1_000_000
        )
        let run = SenderRun(Self.flood(), over: network)
        #expect(run.measuredNs == Self.lengthNs)
        #expect(run.stalls.count == 1)
        let missing = run.stalls.measuredNs - absence.measuredMs * 1_000_000
        #expect(abs(missing) < 1_000_000, "\(run.stalls)")
        // Ten datagrams a millisecond while it is running, over all of the time.
        let most = Double(500 - absence.measuredMs) * 10 / 0.5
        let rate = try #require(Self.rate(run))
        #expect(rate <= most + 20 && rate >= most * 0.9, "\(rate) of \(most)")
    }

    @Test("T15 the time of a count lasts until the last is sent, stalls counted")
    func t15Count() throws {
        let network = Self.network()
        network.clock.absence = (Self.startNs + 50_000_000, Self.startNs + 250_000_000)
        var phase = Self.flood()
        phase.countLimit = 1_000
        phase.durationNs = nil
        let run = SenderRun(phase, over: network)
        #expect(run.accounts.ledger.sent == 1_000)
        #expect(abs(run.measuredNs - 300_000_000) < 5_000_000, "\(run.measuredNs)")
        #expect(run.stalls.measuredNs >= 190_000_000)
        // With a rate, the last slot belongs to it: ten a second are ten a second.
        let paced = SenderRun(SenderRun.paced(count: 5, pps: 10), over: SimulatedNetwork())
        #expect(paced.measuredNs == 500_000_000)
        #expect(Self.rate(paced) == 10)
    }

    @Test("T15 what is stopped early is measured until the stop", arguments: [true, false])
    func t15Stop(isPaced: Bool) throws {
        let network = Self.network()
        let control = LoopControl()
        network.clock.alarm(atNs: Self.startNs + 100_000_000) { control.stop(drainNs: 0) }
        var phase = Self.flood()
        if isPaced { phase.rate = .paced(streamPps: 1_000) }
        let run = SenderRun(phase, over: network, control: control)
        #expect(run.measuredNs >= 100_000_000 && run.measuredNs < 160_000_000)
        #expect(run.stalls.count == 0)
    }

    @Test("T15 waiting for answers is no stall of this host, a stop in a wait is")
    func t15Waits() {
        for isSilent in [false, true] {
            let network = Self.network()
            network.echoScript = { _ in isSilent ? [] : [30_000_000] }
            let run = SenderRun(Self.flood(window: 4), over: network)
            #expect(run.stalls == StallCounts(), "silent \(isSilent)")
            #expect(run.measuredNs == Self.lengthNs)
        }
        let network = Self.network()
        network.sendScript = { call, _ in call == 5 ? .fail(11) : nil }
        network.clock.absence = (Self.startNs + 450_000, Self.startNs + 300_000_000)
        let run = SenderRun(Self.flood(), over: network)
        #expect(run.stalls.count == 1)
        #expect(run.stalls.measuredNs >= 240_000_000, "\(run.stalls)")
    }

    @Test("T15 a turn over many flows is no stall, however long it takes")
    func t15Flows() {
        let network = Self.network(flows: 500)
        let run = SenderRun(Self.flood(window: 2, flows: 500), over: network)
        #expect(run.stalls == StallCounts())
    }

    @Test("T15 a responder that is stopped has stalled, and one that waits has not")
    func t15Responder() {
        let stream = ResponderRun.stream()
        let calm = ResponderRun(
            stream, echoes: true, over: ResponderRun.steady(2_000, of: stream), sent: [2_000])
        #expect(calm.stalls == StallCounts())
        let script = ResponderRun.steady(2_000, of: stream)
        let atNs = SimulatedClock.startNs + 100_000_000
        script.clock.absence = (atNs, atNs + 300_000_000)
        let run = ResponderRun(stream, echoes: true, over: script, sent: [2_000])
        #expect(run.stalls.count == 1)
        #expect(run.stalls.measuredNs >= (300 - 50) * 1_000_000, "\(run.stalls)")
        #expect(run.stalls.measuredNs <= 301_000_000)
    }

    @Test("T15 the peak is of the best interval, and beside the rate")
    func t15Peak() {
        func interval(_ index: Int, received: Int) -> IntervalFigures {
            IntervalFigures(
                startNs: index * 1_000_000_000, sent: received, received: received, lost: 0,
                duplicates: 0, reordered: 0)
        }
        let intervals = [200, 900, 0, 5_000].enumerated().map { interval($0, received: $1) }
        let rates = ThroughputReport(
            sent: 6_100, received: 6_100, payloadBytes: 100, measuredNs: 3_000_000_000,
            intervals: intervals, intervalNs: 1_000_000_000)
        #expect(rates.receivedPps == 6_100 / 3.0)
        #expect(rates.receivedBitsPerSecond == 6_100 / 3.0 * 800)
        // The drain is no interval of the measured time.
        #expect(rates.peakReceivedPps == 900)
        let short = ThroughputReport(
            sent: 10, received: nil, payloadBytes: 100, measuredNs: 500_000_000,
            intervals: intervals, intervalNs: 1_000_000_000)
        #expect(short.peakReceivedPps == nil)
        #expect(short.receivedPps == nil && short.receivedBitsPerSecond == nil)
        let never = ThroughputReport(sent: 0, received: 0, payloadBytes: 100, measuredNs: 0)
        #expect(never.sentPps == nil && never.measuredNs == nil)
    }
}
