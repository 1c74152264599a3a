import Datagrams
import Harness
import Load
import Metrics
import Testing

@testable import Loops

/// The shipped sender loop with requests in place of probes, before a simulated service.
struct RequestTests {
    private static func pattern(_ pieces: BytePattern.Piece...) -> BytePattern {
        BytePattern(pieces)
    }

    private static func text(_ text: String) -> BytePattern.Piece { .octets(Array(text.utf8)) }

    /// A request of four bytes with its number, answered by `ok` and the number.
    private static let numbered = RequestDefinition(
        name: "hex", templates: [pattern(.octets([1, 2]), .be16)], answer: .at(2, pattern(.be16)),
        valid: [AnswerCheck(at: 0, octets: Array("ok".utf8))])

    private static func phase(
        _ request: RequestDefinition, count: Int, flows: Int = 1, firstSequence: UInt64 = 0,
        window: Int = 1_024
    ) -> SenderPhase {
        var phase = SenderRun.paced(
            count: count, flows: flows, payloadBytes: request.bytesMost,
            firstSequence: firstSequence)
        phase.sender.request = request
        phase.isOneWay = request.isOneWay
        phase.isOneAtATime = request.isOneAtATime
        phase.windowCapacity = request.isOneAtATime ? 1 : window
        return phase
    }

    /// Runs the loop; each request that passes is given to the service, whose answers are bytes
    /// and when they reach the sender.
    private static func run(
        _ request: RequestDefinition, _ phase: SenderPhase, seed: UInt64 = 1,
        warmUp: [Int]? = nil,
        service: @escaping (SimulatedNetwork.Probe, [UInt8]) -> [SimulatedNetwork.Forgery]
    ) -> (run: SenderRun, facts: AnswerFacts?) {
        let network = SimulatedNetwork(flows: phase.flows, seed: seed)
        network.echoScript = { _ in [] }
        network.forgery = service
        let content = RequestContent(
            request, flows: phase.flows, runID: SenderRun.runID, anchorNs: SenderRun.anchorNs)
        defer { content.deallocate() }
        if let warmUp { content.begin(afterWarmUp: warmUp) }
        let run = SenderRun(phase, content: content, over: network)
        return (run, content.answers(run.accounts))
    }

    private static func ledger(_ run: SenderRun) -> Ledger {
        var sender = LedgerBuilder.Sender(run.accounts.ledger, run.figures, socketDrops: run.drops)
        sender.wrongAnswers = run.figures.wrong
        sender.waits = run.phase.isOneAtATime
        return LedgerBuilder.roundTrip(sender: sender, responder: nil)
    }

    @Test func everyAnswerFindsItsRequest() {
        let phase = Self.phase(Self.numbered, count: 500, flows: 2)
        let (run, facts) = Self.run(Self.numbered, phase) { _, request in
            [.init(Array("ok".utf8) + request[2...], after: 100_000)]
        }
        #expect(run.figures.inTime == 500 && run.figures.wrong == 0)
        #expect(run.figures.rttNs?.count == 500 && run.figures.reordering.count == 0)
        #expect(run.accounts.rejected.total == 0)
        #expect(facts == AnswerFacts(requestBytes: 2_000, answerBytes: 2_000, wrongAnswer: nil))
        #expect(Self.ledger(run).imbalances() == [])
    }

    @Test func aWrongAnswerIsNeitherALossNorADelay() {
        let phase = Self.phase(Self.numbered, count: 100)
        let (run, facts) = Self.run(Self.numbered, phase) { probe, request in
            let head = probe.index % 4 == 0 ? [0x1b, 0x63] : Array("ok".utf8)
            return [.init(head + request[2...], after: 100_000)]
        }
        #expect(run.figures.wrong == 25 && run.figures.inTime == 75)
        #expect(run.figures.loss.count == 0 && run.figures.rttNs?.count == 75)
        #expect(facts?.wrongAnswer == "1b630000")
        #expect(facts?.answerBytes == 300)
        let ledger = Self.ledger(run)
        #expect(ledger.received == 100 && ledger.wrongAnswer == 25 && ledger.lostUnsplit == 0)
        #expect(ledger.imbalances() == [])
    }

    @Test func theFirstAnswerDecides() {
        let phase = Self.phase(Self.numbered, count: 10)
        let (run, _) = Self.run(Self.numbered, phase) { probe, request in
            let right = Array("ok".utf8) + request[2...]
            let wrong = [0, 0] + request[2...]
            return probe.index < 5
                ? [.init(right, after: 1_000), .init(wrong, after: 2_000)]
                : [.init(wrong, after: 1_000), .init(right, after: 2_000)]
        }
        #expect(run.figures.inTime == 5 && run.figures.wrong == 5)
        #expect(run.figures.duplication.count == 10)
    }

    @Test func aDatagramThatAnswersNothingIsRejectedByItsReason() {
        let phase = Self.phase(Self.numbered, count: 10)
        let (run, _) = Self.run(Self.numbered, phase) { probe, request in
            guard probe.index == 4 else {
                return [.init(Array("ok".utf8) + request[2...], after: 1_000)]
            }
            return [
                .init([1, 2, 3], after: 1_000), .init([], after: 1_000),
                .init(Array("ok".utf8) + [0x7f, 0xff], after: 1_000),
            ]
        }
        #expect(run.accounts.rejected.unmatched == 2 && run.accounts.rejected.fromFuture == 1)
        #expect(run.figures.inTime == 9 && run.figures.never == 1)
    }

    @Test func numbersOf16BitsAreThoseOfTheLatestRequests() {
        // Across 65,535, from a number beyond 2^32.
        let first: UInt64 = 1 << 33 | 0xff00
        let phase = Self.phase(Self.numbered, count: 1_000, firstSequence: first)
        let (run, _) = Self.run(Self.numbered, phase) { probe, request in
            [
                .init(
                    Array("ok".utf8) + request[2...],
                    after: probe.index % 7 == 0 ? 9_000_000 : 50_000)
            ]
        }
        #expect(run.figures.inTime == 1_000 && run.accounts.rejected.total == 0)
        #expect(run.figures.reordering.count == 143)
    }

    @Test func answersToAWarmUpHaveItsNumbers() {
        let phase = Self.phase(Self.numbered, count: 100)
        let (run, _) = Self.run(Self.numbered, phase, warmUp: [40]) { probe, request in
            var answers: [SimulatedNetwork.Forgery] = [
                .init(Array("ok".utf8) + request[2...], after: 1_000)
            ]
            if probe.index == 3 { answers.append(.init(Array("ok".utf8) + [0, 39], after: 2_000)) }
            return answers
        }
        #expect(run.figures.inTime == 100 && run.accounts.rejected.warmUp == 1)
        #expect(run.figures.duplication.count == 0)
    }

    // MARK: - One at a time

    private static let single = RequestDefinition(
        name: "text", templates: [pattern(text("status"))], answer: .any)

    @Test func withoutANumberAFlowHasOneRequestAtATime() {
        let phase = Self.phase(Self.single, count: 100)
        // Every slot is 100 us; an answer takes 250 us, so two of three slots are skipped.
        let (run, _) = Self.run(Self.single, phase) { _, _ in
            [.init(Array("fine".utf8), after: 250_000)]
        }
        // The time is the service's: no slot was skipped by this host.
        #expect(run.accounts.ledger.waiting > 50 && run.accounts.ledger.skipped == 0)
        #expect(run.figures.inTime == run.accounts.ledger.sent && run.figures.never == 0)
        #expect(run.accounts.ledger.scheduled == 100)
        let ledger = Self.ledger(run)
        #expect(ledger.waiting == run.accounts.ledger.waiting && ledger.imbalances() == [])
    }

    @Test func anUnansweredRequestIsLostAfterTheTimeoutAndTheNextIsSent() {
        var phase = Self.phase(Self.single, count: 100)
        phase.timeoutNs = 1_000_000
        let (run, _) = Self.run(Self.single, phase) { probe, _ in
            probe.index % 5 == 0 ? [] : [.init([1], after: 10_000)]
        }
        let sent = run.accounts.ledger.sent
        #expect(run.figures.never == (sent + 4) / 5)
        #expect(run.figures.inTime + run.figures.never == sent)
        #expect(run.accounts.ledger.waiting > 0 && run.accounts.ledger.skipped == 0)
    }

    @Test func aSecondDatagramIsADuplicate() {
        let phase = Self.phase(Self.single, count: 50)
        let (run, _) = Self.run(Self.single, phase) { _, _ in
            [.init([1], after: 10_000), .init([2], after: 20_000)]
        }
        #expect(run.figures.inTime == 50 && run.figures.duplication.count == 50)
    }

    // MARK: - Echoes

    private static let echoed = RequestDefinition(
        name: "text",
        templates: [
            pattern(text("a "), .decimal, text(" at "), .timeMs),
            pattern(text("b"), .be32, .random(count: 9, isText: true), .runHex8),
        ], answer: .echo)

    @Test func anEchoIsComparedToTheLastByte() {
        let phase = Self.phase(Self.echoed, count: 200, flows: 3)
        let (run, _) = Self.run(Self.echoed, phase) { probe, request in
            var answer = request
            // Of the random bytes behind the number.
            if probe.index % 10 == 1 { answer[7] ^= 1 }
            return [.init(answer, after: 10_000)]
        }
        let wrong = run.network.sentByFlow.reduce(0) { $0 + ($1 + 8) / 10 }
        #expect(run.figures.wrong == wrong && run.figures.inTime == 200 - wrong)
    }

    @Test func aNumberStandsSomewhere() {
        var request = Self.echoed
        request.answer = .containing(Self.pattern(Self.text("id="), .decimal, Self.text(";")))
        request.templates = [Self.pattern(.decimal)]
        let phase = Self.phase(request, count: 120)
        let (run, _) = Self.run(request, phase) { _, bytes in
            [.init(Array("id=x id=id=".utf8) + bytes + Array("; id=0;".utf8), after: 10_000)]
        }
        #expect(run.figures.inTime == 120)
    }

    @Test func nothingIsAwaitedOfAOneWayRequest() {
        let request = RequestDefinition(
            name: "statsd", templates: [Self.pattern(Self.text("a:1|c"))], answer: .none)
        let (run, facts) = Self.run(request, Self.phase(request, count: 64)) { probe, _ in
            probe.index == 3 ? [.init([1], after: 10)] : []
        }
        #expect(run.accounts.ledger.sent == 64 && run.accounts.rejected.unmatched == 1)
        #expect(facts?.requestBytes == 320)
        let ledger = LedgerBuilder.untold(
            sender: LedgerBuilder.Sender(run.accounts.ledger, run.figures, socketDrops: 0))
        #expect(ledger.untold == 64 && ledger.imbalances() == [])
    }

    // MARK: - Hostile answers

    private static let rules: [AnswerMatch] = [
        .echo, .any, .none, .at(0, pattern(.be16)), .at(65_506, pattern(.be32)),
        .at(3, pattern(.decimal)), .containing(pattern(text("i"), .decimal, text(";"))),
        .containing(pattern(.runHex8, .be16)),
    ]

    @Test(
        "H1 whatever comes back, the loop ends, and each request is in one account",
        arguments: rules)
    func h1Garbage(rule: AnswerMatch) {
        for seed in 1...40 as ClosedRange<UInt64> {
            var request = Self.numbered
            request.templates = [Self.pattern(Self.text("i"), .decimal, Self.text(";"), .be16)]
            request.answer = rule
            request.valid = [AnswerCheck(at: 65_000, octets: [1]), AnswerCheck(at: 0, octets: [0])]
            var dice = SeededGenerator(seed: seed)
            var phase = Self.phase(request, count: 60, firstSequence: seed << 20)
            phase.timeoutNs = 2_000_000
            let (run, _) = Self.run(request, phase, seed: seed) { _, bytes in
                (0..<Int.random(in: 0...3, using: &dice)).map { _ in
                    var answer = bytes
                    switch Int.random(in: 0..<4, using: &dice) {
                    case 0: answer = []
                    case 1:
                        answer = (0..<Int.random(in: 1...90, using: &dice)).map { _ in
                            UInt8.random(in: 0...255, using: &dice)
                        }
                    case 2:
                        answer = Array("iiii;i99999999999999999999;i18446744073709551615;i0".utf8)
                    default:
                        answer[Int.random(in: 0..<answer.count, using: &dice)] ^= 0x80
                    }
                    return .init(answer, after: Int64.random(in: 0...4_000_000, using: &dice))
                }
            }
            #expect(!run.ranAway && run.fault == nil, "seed \(seed)")
            let figures = run.figures
            if rule != .none {
                #expect(
                    figures.inTime + figures.late + figures.never + figures.wrong == figures.sent,
                    "seed \(seed)")
                #expect(Self.ledger(run).imbalances() == [], "seed \(seed)")
            }
        }
    }

    // MARK: - Any service

    @Test(
        "whatever a service does, each request is in one account, and the counts are its own",
        arguments: 1...200 as ClosedRange<UInt64>)
    func anyService(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let flows = Int.random(in: 1...3, using: &dice)
        var phase = Self.phase(
            Self.numbered, count: 600, flows: flows,
            firstSequence: UInt64.random(in: 0...100_000, using: &dice))
        phase.timeoutNs = 5_000_000
        phase.windowCapacity = 4_096
        phase.latePatienceNs = 4 * phase.timeoutNs
        let script = ServiceScript(seed: seed)
        let (run, _) = Self.run(Self.numbered, phase, seed: seed) { probe, request in
            script.answers(to: probe, request, timeoutNs: phase.timeoutNs)
        }
        #expect(!run.ranAway)
        #expect(run.figures.wrong == script.wrong, "seed \(seed)")
        #expect(run.figures.inTime == script.inTime, "seed \(seed)")
        #expect(run.figures.late == script.late, "seed \(seed)")
        #expect(run.figures.never == script.silent, "seed \(seed)")
        #expect(run.figures.duplication.count == script.copies, "seed \(seed)")
        #expect(run.accounts.rejected.unmatched == script.strange, "seed \(seed)")
        #expect(Self.ledger(run).imbalances() == [], "seed \(seed)")
        let intervals = run.figures.intervals
        #expect(intervals.reduce(0) { $0 + $1.received } == run.figures.inTime + run.figures.late)
        #expect(intervals.reduce(0) { $0 + $1.lost } == run.figures.loss.count)
    }
}

/// A service that answers rightly, wrongly, late, twice, with something else, or not at all, and
/// counts what it did.
private final class ServiceScript {
    private var dice: SeededGenerator
    private(set) var wrong = 0
    private(set) var inTime = 0
    private(set) var late = 0
    private(set) var silent = 0
    private(set) var copies = 0
    private(set) var strange = 0

    init(seed: UInt64) { dice = SeededGenerator(seed: seed ^ 0x5eed) }

    func answers(
        to probe: SimulatedNetwork.Probe, _ request: [UInt8], timeoutNs: Int64
    ) -> [SimulatedNetwork.Forgery] {
        var answers: [SimulatedNetwork.Forgery] = []
        if Int.random(in: 0..<10, using: &dice) == 0 {
            strange += 1
            answers.append(.init([0x6f], after: Int64.random(in: 0...1_000_000, using: &dice)))
        }
        let number = request[2...]
        let soonNs = Int64.random(in: 1_000...timeoutNs / 2, using: &dice)
        // Never so near the timeout that the time of reading decides.
        let lateNs = Int64.random(in: 2 * timeoutNs...3 * timeoutNs, using: &dice)
        switch Int.random(in: 0..<8, using: &dice) {
        case 0: silent += 1
        case 1:
            wrong += 1
            answers.append(.init([0x6e, 0x6f] + number, after: soonNs))
        case 2:
            late += 1
            answers.append(.init(Array("ok".utf8) + number, after: lateNs))
        case 3:
            inTime += 1
            copies += 1
            answers.append(.init(Array("ok".utf8) + number, after: soonNs))
            answers.append(.init(Array("no".utf8) + number, after: soonNs + 1_000))
        default:
            inTime += 1
            answers.append(.init(Array("ok".utf8) + number, after: soonNs))
        }
        return answers
    }
}
