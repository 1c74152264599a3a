import Impairment
import Metrics
import Plans
import Testing

@testable import Lab
@testable import Loops

@Suite struct ImpairmentNotesTests {
    private static func notes(_ forward: Impairment, _ backward: Impairment) -> [String] {
        ImpairmentNotes.sentences(Impairments(forward: forward, backward: backward))
    }

    @Test("T9 what comes out as its numbers say has no note")
    func t9Plain() {
        let plain = Impairment(
            loss: .bernoulli(probability: .always), delay: .constant(ns: 5_000_000),
            jitter: JitterModel(amountNs: 5_000_000, keepsOrder: true),
            reorder: ReorderModel(probability: Probability(0.01), depth: 3),
            duplicate: DuplicateModel(probability: .always, copies: 100))
        #expect(Self.notes(plain, plain) == [])
        #expect(Self.notes(Impairment(), Impairment()) == [])
    }

    @Test("T9 a mean that is shifted and a share that is not reached are said, for each way")
    func t9Shifted() {
        let jitter = Impairment(
            delay: .constant(ns: 1_000_000),
            jitter: JitterModel(amountNs: 5_000_000, keepsOrder: true))
        #expect(
            Self.notes(jitter, jitter) == [
                "both ways: \"jitter\" 5.00 ms reaches below 0, where the delay is 0: its mean is "
                    + "1.80 ms, not 1.00 ms"
            ])
        let normal = Impairment(delay: .normal(meanNs: 1_000_000, deviationNs: 5_000_000))
        #expect(
            Self.notes(Impairment(), normal).first?.hasPrefix(
                "backward: the distribution reaches below 0") == true)
        let tail = Impairment(delay: .pareto(scaleNs: 1_000_000, shape: 0.5, capNs: nil))
        #expect(Self.notes(tail, Impairment()).first?.contains("has no mean of its own") == true)
        let late = Impairment(
            delay: .constant(ns: Impairment.delayMaxNs),
            jitter: JitterModel(amountNs: 10_000_000_000, keepsOrder: true))
        #expect(
            Self.notes(late, Impairment()).first?.hasPrefix("forward: no delay is above 60")
                == true)
        let reorder = Impairment(reorder: ReorderModel(probability: Probability(0.5), depth: 1))
        #expect(
            Self.notes(Impairment(), reorder) == [
                "backward: \"reorder\" 50 % delivers 33.3 % out of order: a datagram that overtakes "
                    + "one that waits is not held back itself"
            ])
    }

    private static func result(
        _ delaysNs: [Int64], expired: Int = 0
    ) -> RelayResult {
        var histogram = DelayHistogram()
        for ns in delaysNs { histogram.record(ns) }
        var accounts = RelayAccounts()
        accounts.reorderExpired = expired
        let forward = RelayDirectionResult(
            accounts: accounts, delayNs: histogram.summary(), drops: 0, decisions: "", streams: [])
        let backward = RelayDirectionResult(
            accounts: RelayAccounts(), delayNs: nil, drops: 0, decisions: "", streams: [])
        return RelayResult(
            forward: forward, backward: backward, ownDelayNs: nil, flows: 1, flowsEvicted: 0,
            flowsIdled: 0, targetResets: 0, clientResets: 0, sendErrors: [:], receiveErrors: [:],
            heldBytesMax: 0, reopenFailures: 0, logRowsLost: 0, startNs: 0, endNs: 1)
    }

    @Test("T9 what was held back in vain is said with its number")
    func t9Expired() {
        #expect(ImpairmentNotes.measured(Self.result([])) == [])
        let notes = ImpairmentNotes.measured(Self.result([], expired: 1_234))
        #expect(notes.first?.contains("in vain (1,234 forward)") == true, "\(notes)")
    }

    @Test("T9 a mean delay that keeping order has raised is said")
    func t9Ordered() {
        let impairments = Impairments(
            forward: Impairment(
                delay: .constant(ns: 20_000_000),
                jitter: JitterModel(amountNs: 10_000_000, keepsOrder: true)),
            backward: Impairment())
        let raised = Self.result([Int64](repeating: 29_000_000, count: 1_000))
        let notes = ImpairmentNotes.ordered(raised, impairments)
        #expect(
            notes.first?.contains("the mean delay was 29.0 ms, not 20.0 ms") == true, "\(notes)")
        let even = Self.result([Int64](repeating: 20_000_000, count: 1_000))
        #expect(ImpairmentNotes.ordered(even, impairments) == [])
    }
}
