import Datagrams
import Glibc
import Harness
import Metrics
import Testing

@testable import Loops

/// Everything at once, by seed.
@Suite struct LedgerPropertyTests {
    @Test("the ledger balances and every figure is what the network did, for 300 seeds")
    func ledgerBalances() {
        var totals = (sent: 0, lost: 0, late: 0, duplicates: 0, reordered: 0, rejected: 0)
        for seed in 1...300 as ClosedRange<UInt64> {
            let run = Self.run(seed: seed)
            run.expectExact()
            Self.expectErrnoAccounts(run)
            totals.sent += run.accounts.ledger.sent
            totals.lost += run.figures.loss.count
            totals.late += run.figures.late
            totals.duplicates += run.figures.duplication.count
            totals.reordered += run.figures.reordering.count
            totals.rejected += run.accounts.rejected.total
        }
        // The seeds do reach what they are for.
        #expect(totals.sent > 20_000)
        for count in [
            totals.lost, totals.late, totals.duplicates, totals.reordered, totals.rejected,
        ] { #expect(count > 300, "\(totals)") }
    }

    private static func run(seed: UInt64) -> SenderRun {
        var generator = SeededGenerator(seed: seed)
        let flows = Int.random(in: 1...4, using: &generator)
        let network = SimulatedNetwork(flows: flows, seed: seed)
        network.forward = weather(using: &generator)
        network.backward = weather(using: &generator)
        if generator.chance(0.2) { network.socketCapacity = 6 }
        let closed = SimulatedClock.startNs + 4_000_000..<SimulatedClock.startNs + 9_000_000
        if generator.chance(0.2) { network.isPortClosed = { closed.contains($0) } }
        if generator.chance(0.5) { network.sendScript = troubles(seed: seed) }
        return SenderRun(phase(flows: flows, using: &generator), over: network)
    }

    private static func weather(using generator: inout SeededGenerator) -> Weather {
        func some(_ most: Double) -> Double {
            generator.chance(0.5) ? 0 : Double.random(in: 0...most, using: &generator)
        }
        return Weather(
            loss: generator.chance(0.03) ? 1 : some(0.3), duplicate: some(0.3),
            corrupt: some(0.1), truncate: some(0.1), late: some(0.1),
            delayNs: 10_000...Int64.random(in: 10_000...3_000_000, using: &generator),
            lateNs: 60_000_000)
    }

    private static func phase(flows: Int, using generator: inout SeededGenerator) -> SenderPhase {
        let isPaced = generator.chance(0.6)
        let count = Int.random(in: 0...400, using: &generator)
        let payloadBytes = [16, 20, 24, 28, 44, 160].randomElement(using: &generator) ?? 16
        let first = [0, 1, 77, (1 << 32) - 5, 5 << 32].randomElement(using: &generator) ?? 0
        var phase = SenderRun.paced(
            count: count, pps: [1_000, 10_000, 900_000].randomElement(using: &generator) ?? 1_000,
            flows: flows, payloadBytes: payloadBytes, firstSequence: UInt64(first))
        phase.sender.maxBurst = Int.random(in: 1...4, using: &generator)
        phase.spinNs = [0, 5_000].randomElement(using: &generator) ?? 0
        phase.batch = Int.random(in: 1...16, using: &generator)
        phase.endsWithLastAnswer = generator.chance(0.5)
        if !isPaced {
            let window = Int.random(in: 1...64, using: &generator)
            phase.rate = .max(window: generator.chance(0.3) ? nil : window)
            if flows > 1, generator.chance(0.4) { phase.sharedWindow = window }
            phase.segments = generator.chance(0.5) ? Int.random(in: 2...9, using: &generator) : 1
        }
        phase.receiveBatch = Int.random(in: 1...64, using: &generator)
        phase.coalesces = generator.chance(0.4)
        return phase
    }

    /// A third of the send calls go wrong, now and then in a row.
    private static func troubles(seed: UInt64) -> (Int, Int) -> SendStep? {
        let errnos = [
            EAGAIN, ENOBUFS, ECONNREFUSED, EPERM, EMSGSIZE, EHOSTUNREACH, ENETUNREACH, ENETDOWN,
        ]
        return { call, count in
            var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(call / 2))
            if call > 0, generator.chance(0.2) {
                return .fail(errnos.randomElement(using: &generator) ?? EAGAIN)
            }
            generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(call))
            return generator.chance(0.2)
                ? .take(Int.random(in: 1...count, using: &generator)) : nil
        }
    }

    /// Each failed call is in exactly one account.
    private static func expectErrnoAccounts(_ run: SenderRun) {
        let failures = run.network.record.failures
        func count(_ errnos: Int32...) -> Int { errnos.reduce(0) { $0 + (failures[$1] ?? 0) } }
        let accounts = run.accounts
        #expect(accounts.ledger.localQueue == count(ENOBUFS), run.comment)
        #expect(accounts.ledger.localFirewall == count(EPERM), run.comment)
        // The first refusal of a super-packet costs none: its datagrams leave singly.
        let isRefusal = run.phase.segments > 1 && count(EMSGSIZE) > 0
        #expect(accounts.ledger.tooBig == count(EMSGSIZE) - (isRefusal ? 1 : 0), run.comment)
        #expect(
            accounts.ledger.otherError == count(EHOSTUNREACH, ENETUNREACH, ENETDOWN), run.comment)
        #expect(accounts.retried + accounts.ledger.refused == count(ECONNREFUSED), run.comment)
        #expect(
            run.otherErrors.values.reduce(0, +) == accounts.ledger.otherError, run.comment)
        #expect(run.fault == nil, run.comment)
    }
}
