import Impairment
import Load
import Metrics
import Reports
import Testing

@testable import Lab
@testable import Plans

/// T3 The verdict on a service of the user's that does not answer, or no longer.
@Suite struct ServiceVerdictTests {
    /// Whose service it is, and what the plan does to it.
    enum Setup: String, Sendable, CaseIterable {
        case path, command, commandThatIsKilled, commandBehindWindows, own, ownThatEnds

        func scenario() throws -> ScenarioDefinition {
            let address = try TargetAddress("127.0.0.1:7788", ports: 0...65_535)
            var forward = Impairment()
            if self == .commandBehindWindows {
                forward.refusals = [TimeWindow(fromNs: 0, untilNs: 1_000)]
            }
            let kind: NetworkDefinition.Kind =
                switch self {
                case .path: .path(address, consent: false)
                case .commandBehindWindows: .emulated(forward: forward, backward: Impairment())
                default: .loopback
                }
            let isOwn = self == .own || self == .ownThatEnds
            let responder = ResponderDefinition(
                name: "far",
                kind: isOwn
                    ? .own(OwnResponder(.echo, onReset: self == .ownThatEnds ? .once : .always))
                    : .command(.init(words: ["server"], readyTimeoutNs: 1, outputLines: 1)),
                address: address, instances: 1)
            let kill = TimelineEvent(
                atNs: 0, action: .kill, subject: "far", instances: nil, network: nil)
            return try JudgedSamples.scenario(
                tolerance: 0.05, networks: [NetworkDefinition(name: "clean", kind: kind)],
                responder: self == .path ? nil : responder,
                timeline: self == .commandThatIsKilled ? [kill] : [])
        }

        /// Nothing in the plan explains why it does not answer.
        var isToBlame: Bool { self == .path || self == .command }
    }

    private func judged(
        _ setup: Setup, _ change: (inout StreamReport) -> Void
    ) throws -> Judged<RunReport> {
        var stream = JudgedSamples.stream()
        if setup != .own, setup != .ownThatEnds { stream.becomeForeign() }
        change(&stream)
        return RunVerdict(scenario: try setup.scenario())
            .judged(JudgedSamples.run(streams: [stream]))
    }

    private static func lose(_ count: Int, _ stream: inout StreamReport) {
        let isForeign = stream.ledger.lostUnsplit != nil
        stream.lose(
            count, into: isForeign ? \.lostUnsplit : \.forwardLost, isForward: !isForeign)
    }

    @Test("T3 a service that was never there fails, and resets say why", arguments: Setup.allCases)
    func t3NeverThere(setup: Setup) throws {
        for resets in [0, 50] {
            let judged = try judged(setup) { stream in
                Self.lose(100, &stream)
                stream.resets.seen = resets
            }
            #expect(judged.document.verdict == (setup.isToBlame ? .fail : .inconclusive))
            let words =
                resets > 0
                ? "calls: nobody listens at 127.0.0.1:7788: nothing was answered, and 50 resets"
                : "calls: nothing was answered from 127.0.0.1:7788"
            #expect(
                judged.document.reasons.first?.hasPrefix(words) == true,
                "\(judged.document.reasons)")
        }
    }

    @Test("refusals beyond the tolerance fail, and those of the plan's own making are a notice")
    func refused() throws {
        for setup in Setup.allCases {
            let within = try judged(setup) { $0.refuse(5) }
            #expect(within.judgement == Judgement(), "\(setup) \(within.document.reasons)")
            let judged = try judged(setup) { $0.refuse(40) }
            let said = judged.document.reasons + judged.document.notices
            let words = "calls: 40 of 100 datagrams were refused (ECONNREFUSED) and did not leave"
            #expect(said.count == 1, "\(said)")
            #expect(said.first?.hasPrefix(words) == true, "\(said)")
            switch setup {
            case .path, .command: #expect(judged.document.verdict == .fail)
            case .own: #expect(judged.document.verdict == .inconclusive)
            default: #expect(judged.document.verdict == .pass)
            }
        }
    }

    @Test("T3 flows that resets ended at rate max fail a service of the user's")
    func t3FlowsEnded() throws {
        let judged = try judged(.path) { stream in
            stream.pacing.intendedPps = nil
            stream.resets.flowsEnded = 1
        }
        #expect(judged.document.verdict == .fail)
        #expect(judged.document.reasons.first?.contains("resets ended 1 of 1 flows") == true)
    }

    @Test(
        "T3 a service that stops answering fails: by resets beyond the tolerance, by silence of a tenth",
        arguments: Setup.allCases)
    func t3StopsAnswering(setup: Setup) throws {
        // Probes without an answer at the end, resets among them, and what follows.
        let rows: [(probes: Int, detected: Bool, isFailure: Bool)] = [
            (5, true, false), (6, true, true), (10, false, false), (11, false, true),
        ]
        for row in rows {
            let judged = try judged(setup) { stream in
                Self.lose(row.probes, &stream)
                stream.resets.outages = [
                    OutageReport(
                        startNs: 900, detectedNs: row.detected ? 950 : nil, probes: row.probes)
                ]
            }
            let isFailure = row.isFailure && setup.isToBlame
            #expect(
                judged.document.verdict == (isFailure ? .fail : .pass),
                "\(row) \(judged.document.reasons)")
            if isFailure {
                let words = "the last \(row.probes) probes had no answer"
                #expect(judged.document.reasons.first?.contains(words) == true)
            }
        }
    }

    @Test("silence proves nothing where this host was limited, and a reset does")
    func limitedHost() throws {
        for (resets, verdict) in [(0, Verdict.inconclusive), (9, .fail)] {
            let judged = try judged(.path) { stream in
                stream.unsend(8, into: \.localFirewall)
                Self.lose(92, &stream)
                stream.resets.seen = resets
            }
            #expect(judged.document.verdict == verdict, "\(judged.document.reasons)")
        }
    }

    @Test("what a network of the plan's dropped to the last was not the service's to answer")
    func droppedByThePlan() throws {
        let judged = try judged(.command) {
            $0.lose(100, into: \.forwardInjected, isForward: false)
        }
        #expect(judged.document.verdict == .inconclusive)
    }

    @Test("delivered.ratio is of what was scheduled, and loss.ratio of what was sent")
    func delivered() throws {
        var ledger = JudgedSamples.stream().ledger
        (ledger.sent, ledger.inTime, ledger.localFirewall) = (10, 10, 90)
        #expect(DeliveredReport(ledger, isAwaited: true).ratio == 0.1)
        #expect(DeliveredReport(ledger, isAwaited: false).ratio == nil)
        #expect(DeliveredReport(Ledger(), isAwaited: true).ratio == nil)
    }
}
