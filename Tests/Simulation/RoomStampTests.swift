import Datagrams
import Metrics
import Testing

@testable import Loops

/// Row H10 in a room: what another member writes into its datagrams is bounded before anything is
/// computed from it.
@Suite struct RoomStampTests {
    static let extremes: [Int64] = [
        .min, .min + 1, .min / 2, -SenderRun.anchorNs, -1_000_000_000_000, -1, 0, 1,
        SimulatedClock.startNs - (1 << 40), SimulatedClock.startNs - (1 << 40) - 1,
        SimulatedClock.startNs + 3_600_000_000_000, .max / 2, .max - 1, .max,
    ]

    @Test(
        "H10 a member with whatever send time ends no other member, and moves none of its figures",
        arguments: extremes)
    func h10(sentNs: Int64) {
        let network = SimulatedNetwork()
        var phase = SenderRun.paced(count: 50)
        phase.room = RoomPhase(members: 3, firstSession: 7, messages: 50)
        let layout = SenderRun.layout(phase.payloadBytes)
        for number in 0..<20 {
            let slot = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
            defer { slot.deallocate() }
            layout.prepare(slot)
            layout.write(slot, session: 8, sequence: UInt64(number), sentNs: sentNs)
            network.forge(
                Array(UnsafeRawBufferPointer(start: slot, count: 64)),
                atNs: SimulatedClock.startNs + 2_000_000 + Int64(number) * 10_000)
        }
        let run = SenderRun(phase, over: network)
        #expect(run.fault == nil && !run.ranAway)
        #expect(run.accounts.ledger.sent == 50)
        #expect(run.figures.inTime == 50)
        #expect(run.figures.rttNs?.max ?? .max < 1_000_000)
    }

    @Test("answers to the warm-up are called that, and not another run's")
    func warmUp() {
        let network = SimulatedNetwork()
        var phase = SenderRun.paced(count: 50)
        phase.warmUpSession = 3
        let layout = SenderRun.layout(phase.payloadBytes)
        for session in [UInt16(3), 4] {
            let slot = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
            defer { slot.deallocate() }
            layout.prepare(slot)
            layout.write(slot, session: session, sequence: 9, sentNs: SimulatedClock.startNs)
            network.forge(
                Array(UnsafeRawBufferPointer(start: slot, count: 64)),
                atNs: SimulatedClock.startNs + 2_000_000)
        }
        let run = SenderRun(phase, over: network)
        #expect(run.accounts.rejected.warmUp == 1)
        #expect(run.accounts.rejected.runId == 1)
        #expect(run.accounts.rejected.total == 2)
        #expect(run.figures.inTime == 50)
    }
}
