import Harness
import JSON
import Reports
import Testing

@testable import Lab
@testable import Loops
@testable import Metrics

@Suite("The map of the losses")
struct LossMappingTests {
    private func list(_ runs: [LossRun]) throws -> LossRunList {
        // Decoded from numbers, as the runner receives it.
        var numbers: [Int] = []
        for run in runs {
            numbers += [run.flow, run.first, run.count]
            numbers += [Int(run.sentNs), Int(run.lastSentNs), run.isLate ? 1 : 0]
        }
        let text = "{\"numbers\":\(numbers),\"runs_left_out\":0,\"probes_left_out\":0}"
        return try JSONCoding.decode(
            LossRunList.self, from: JSONValue.parse(Array(text.utf8), limits: .controlMessage))
    }

    /// Probes 10 … 19 of flow 0, sent a microsecond apart from 1 ms on.
    private let run = LossRun(
        flow: 0, first: 10, count: 10, sentNs: 1_000_000, lastSentNs: 1_009_000, isLate: false)

    private func accounts(_ runs: [LossRunReport]) -> [String] {
        runs.map { "\($0.first)…\($0.last) \($0.account.rawValue)" }
    }

    @Test func lossesAreDividedByWhatTheRelayAndTheResponderSaw() throws {
        var relayed = FlowRanges<RelayFate>()
        relayed.add(8..<12, flow: 0, .dropped)
        relayed.add(14..<15, flow: 0, .answerDropped)
        relayed.add(15..<16, flow: 0, .answerAltered)
        relayed.add(16..<17, flow: 0, .altered)
        var unarrived = FlowRanges<Bool>()
        unarrived.add(8..<14, flow: 0, true)
        unarrived.add(16..<17, flow: 0, true)
        var ledger = Ledger()
        ledger.forwardInjected = 4
        ledger.forwardCorrupt = 1
        ledger.responderOverflow = 2
        ledger.backwardInjected = 1
        ledger.backwardCorrupt = 1
        ledger.senderOverflow = 3
        let mapping = LossMapping(
            losses: try list([run]), ledger: ledger, unarrived: unarrived, relayed: relayed,
            originNs: 1_000_000)
        let runs = mapping.runs()
        #expect(
            accounts(runs) == [
                "10…11 forward_injected", "12…13 responder_overflow", "14…14 backward_injected",
                "15…15 backward_corrupt", "16…16 forward_corrupt", "17…19 sender_overflow",
            ])
        #expect(runs.map(\.atNs) == [0, 2_000, 4_000, 5_000, 6_000, 7_000])
        #expect(runs.map(\.untilNs) == [1_000, 3_000, 4_000, 5_000, 6_000, 9_000])
    }

    @Test func whatMayBeInSeveralAccountsIsUnsplit() throws {
        var ledger = Ledger()
        ledger.forwardLost = 4
        ledger.backwardLost = 6
        let mapping = LossMapping(losses: try list([run]), ledger: ledger, originNs: 0)
        #expect(accounts(mapping.runs()) == ["10…19 lost_unsplit"])
        ledger.forwardLost = 0
        ledger.backwardLost = 10
        let sole = LossMapping(losses: try list([run]), ledger: ledger, originNs: 0)
        #expect(accounts(sole.runs()) == ["10…19 backward_lost"])
    }

    @Test func aLateAnswerIsLateWhateverElseIsKnown() throws {
        var unarrived = FlowRanges<Bool>()
        unarrived.add(10..<20, flow: 0, true)
        var late = run
        late.isLate = true
        let mapping = LossMapping(
            losses: try list([late]), ledger: Ledger(), unarrived: unarrived, originNs: 0)
        #expect(accounts(mapping.runs()) == ["10…19 late"])
    }

    @Test func behindWhatTheRelayToldNothingIsConcluded() throws {
        var relayed = FlowRanges<RelayFate>()
        relayed.add(8..<12, flow: 0, .dropped)
        relayed.isCut(flows: 0..<1)
        var ledger = Ledger()
        ledger.forwardInjected = 6
        ledger.forwardLost = 4
        let mapping = LossMapping(
            losses: try list([run]), ledger: ledger, relayed: relayed, originNs: 0)
        #expect(
            accounts(mapping.runs()) == ["10…11 forward_injected", "12…19 lost_unsplit"])
    }

    @Test("the runs sum to the lost, and the intervals' accounts to theirs, for 300 seeds")
    func sums() throws {
        for seed in UInt64(1)...300 {
            var generator = Harness.SeededGenerator(seed: seed)
            var intervals = (0..<20).map { index in
                IntervalFigures(
                    startNs: index * 1_000, lengthNs: 1_000, sent: 0, received: 0, lost: 0,
                    duplicates: 0, reordered: 0)
            }
            var runs: [LossRun] = []
            var relayed = FlowRanges<RelayFate>()
            var unarrived = FlowRanges<Bool>()
            for flow in 0..<3 {
                var sequence = 0
                while sequence < 150 {
                    sequence += Int.random(in: 1...30, using: &generator)
                    let count = Int.random(in: 1...40, using: &generator)
                    let isLate = Int.random(in: 0..<4, using: &generator) == 0
                    for number in sequence..<sequence + count {
                        intervals[min(19, number * 100 / 1_000)].lost += 1
                    }
                    runs.append(
                        LossRun(
                            flow: flow, first: sequence, count: count,
                            sentNs: Int64(sequence) * 100,
                            lastSentNs: Int64(sequence + count - 1) * 100, isLate: isLate))
                    let part = Int.random(in: 0...count, using: &generator)
                    if part > 0, Bool.random(using: &generator) {
                        relayed.add(
                            sequence..<sequence + part, flow: flow,
                            RelayFate.allCases.randomElement(using: &generator) ?? .dropped)
                    }
                    if Bool.random(using: &generator) {
                        unarrived.add(sequence..<sequence + count, flow: flow, true)
                    }
                    sequence += count
                }
            }
            var ledger = Ledger()
            ledger.forwardInjected = Int.random(in: 0...100, using: &generator)
            ledger.forwardLost = Int.random(in: 0...1, using: &generator)
            ledger.backwardLost = Int.random(in: 0...1, using: &generator)
            let mapping = LossMapping(
                losses: try list(runs), ledger: ledger,
                unarrived: Bool.random(using: &generator) ? unarrived : nil,
                relayed: Bool.random(using: &generator) ? relayed : nil, originNs: 0)
            let mapped = mapping.runs()
            let lost = runs.reduce(0) { $0 + $1.count }
            #expect(mapped.reduce(0) { $0 + $1.count } == lost, "seed \(seed)")
            #expect(mapped.map(\.atNs) == mapped.map(\.atNs).sorted(), "seed \(seed)")
            #expect(mapped.allSatisfy { $0.untilNs >= $0.atNs }, "seed \(seed)")
            for known in [mapped, Array(mapped.prefix(3)), []] {
                var losses = IntervalLosses(intervals, lengthNs: 1_000)
                let divided = losses.divided(by: known, ledger)
                #expect(divided.map(\.lost) == intervals.map(\.lost), "seed \(seed)")
                for interval in divided {
                    let sum = interval.lostBy?.values.reduce(0, +)
                    #expect(sum == interval.lost, "seed \(seed)")
                }
            }
        }
    }
}
