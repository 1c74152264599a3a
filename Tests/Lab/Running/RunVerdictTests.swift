import Reports
import Testing

@testable import Lab
@testable import Metrics

/// The table of every cause: its verdict, its exit status and its first sentence.
@Suite struct RunVerdictTests {
    /// Something that is found in a run, and what follows from it alone.
    struct Finding: Sendable, CustomTestStringConvertible {
        let name: String
        let verdict: Verdict
        /// The start of the sentence, from the name of the stream on.
        let says: String
        var status: Reports.ExitStatus { isOwnFault ? .internalFault : verdict.exitStatus }
        var isOwnFault = false
        var stopSignal: String?
        var brokeOff: Cause?
        var change: @Sendable (inout StreamReport) -> Void = { _ in }
        var changeRun: @Sendable (inout RunReport) -> Void = { _ in }

        var testDescription: String { name }
    }

    /// On a figure that no other finding changes.
    private static let threshold = "duplication.count < 5"

    private static let relay = RelayReport(
        address: "127.0.0.1:1", target: "127.0.0.1:2", seed: 1)

    static let findings: [Finding] = [
        Finding(
            name: "a threshold that does not hold", verdict: .fail,
            says: "duplication.count < 5 does not hold: it is 9",
            change: {
                $0.duplication?.count = 9
                $0.intervals[0].duplicates = 9
            }),
        Finding(
            name: "slots that were skipped", verdict: .inconclusive,
            says: "5 of 100 datagrams could not be sent in time: this host's processors were the",
            change: { $0.unsend(5, into: \.skipped) }),
        Finding(
            name: "a full sending queue", verdict: .inconclusive,
            says: "5 of 100 datagrams did not fit this host's sending queue (ENOBUFS)",
            change: { $0.unsend(5, into: \.localQueue) }),
        Finding(
            name: "a firewall of this host", verdict: .inconclusive,
            says: "5 of 100 datagrams were refused by this host's own rules (EPERM)",
            change: { $0.unsend(5, into: \.localFirewall) }),
        Finding(
            name: "sends that failed", verdict: .inconclusive,
            says: "5 of 100 datagrams could not be sent from this host (ENETDOWN 2, ENODEV 3)",
            change: {
                $0.unsend(5, into: \.otherError)
                $0.otherErrors = ["ENODEV": 3, "ENETDOWN": 2]
            }),
        Finding(
            name: "answers that could not be sent", verdict: .inconclusive,
            says: "5 of 100 datagrams were received and could not be answered from this host",
            change: {
                $0.lose(5, into: \.echoFailed, isForward: false)
                $0.ledger.echoed? -= 5
            }),
        Finding(
            name: "datagrams that the path cannot carry", verdict: .inconclusive,
            says: "5 of 100 datagrams did not fit the path's MTU of 1,400 B, which a payload of "
                + "1,372 B fits (EMSGSIZE): give the sender",
            change: {
                $0.unsend(5, into: \.tooBig)
                $0.socket.pathMtuBytes = 1_400
            }),
        Finding(
            name: "refusals by a port that udplab's own responder has", verdict: .inconclusive,
            says: "5 of 100 datagrams were refused (ECONNREFUSED) and did not leave, and nothing "
                + "in the plan closes the port",
            change: { $0.refuse(5) }),
        Finding(
            name: "a stream of which nothing left", verdict: .inconclusive,
            says: "nothing was sent", change: { $0.refuse(100) }),
        Finding(
            name: "silence of udplab's own responder", verdict: .inconclusive,
            says: "nothing was answered from 127.0.0.1:7788",
            change: { $0.lose(100, into: \.forwardLost, isForward: true) }),
        Finding(
            name: "an overflow at the responder", verdict: .inconclusive,
            says: "5 of 100 datagrams overflowed the responder's receive buffer on this host",
            change: { $0.lose(5, into: \.responderOverflow, isForward: true) }),
        Finding(
            name: "an overflow at the sender", verdict: .inconclusive,
            says: "5 of 100 datagrams were answered and overflowed the sender's receive buffer",
            change: { $0.lose(5, into: \.senderOverflow, isForward: false) }),
        Finding(
            name: "a relay that could not carry", verdict: .inconclusive,
            says: "the relay could not carry 7 answers: its sockets or its memory on this host",
            changeRun: {
                $0.relay = $0.relay ?? relay
                $0.relay?.backward.drops = 7
            }),
        Finding(
            name: "a service that is no echo", verdict: .invalid,
            says: "what answers at 127.0.0.1:7788 is no echo server: none of its 100 answers was",
            change: {
                $0.lose(100, into: \.lostUnsplit, isForward: false)
                ($0.ledger.responderReceived, $0.ledger.echoed) = (nil, nil)
                ($0.ledger.forwardLost, $0.ledger.backwardLost) = (nil, nil)
                $0.rejected.corrupt = 100
            }),
        Finding(
            name: "a ledger that does not balance", verdict: .invalid,
            says: "scheduled 101 is not sent 100 +", change: { $0.ledger.scheduled = 101 }),
        Finding(
            name: "more probes than were sent", verdict: .invalid,
            says: "datagrams arrived that nobody sent: 103 reached the responder, and 100 were",
            change: {
                $0.ledger.responderReceived = 103
                $0.ledger.forwardLost = -3
                $0.ledger.echoed = 103
                $0.ledger.backwardLost = 3
            }),
        Finding(
            name: "more answers than were given", verdict: .invalid,
            says: "datagrams arrived that nobody sent: 100 answers came back, and the other side",
            change: {
                $0.ledger.echoed = 97
                $0.ledger.echoFailed = 3
                $0.ledger.backwardLost = -3
            }),
        Finding(
            name: "numbers at a sink that were never sent", verdict: .invalid,
            says: "datagrams arrived that nobody sent: by the numbers of those that did there "
                + "were 537,404,983, and 100 were sent",
            change: {
                $0.rttNs = nil
                ($0.ledger.echoed, $0.ledger.backwardLost) = (nil, nil)
                $0.loss.count = 537_404_883
                $0.intervals[0].lost = 537_404_883
            }),
        Finding(
            name: "a loss that is not what is missing", verdict: .invalid,
            says: "loss.count is 5, and sent 100 - in_time 100 is 0",
            change: {
                $0.loss.count = 5
                $0.intervals[0].lost = 5
            }),
        Finding(
            name: "a loss above all that was scheduled", verdict: .invalid,
            says: "loss.never is 537,404,983, and no more than 100 were scheduled",
            change: { $0.loss.never = 537_404_983 }),
        Finding(
            name: "intervals that are not the total", verdict: .invalid,
            says: "the intervals have 99 received, and the stream has 100",
            change: { $0.intervals[0].received -= 1 }),
        Finding(
            name: "a storm of which two threads of a sink counted the same loss", verdict: .invalid,
            says: "loss.count is 100, and sent 100 - in_time 50 is 50",
            change: {
                $0.kind = .hitAndRun
                $0.lose(50, into: \.forwardInjected, isForward: true)
                $0.ledger.echoed = nil
                $0.loss.count = 100
                $0.intervals[0].lost = 100
            }),
        Finding(
            name: "a duration below zero", verdict: .invalid,
            says: "pacing.stalls.longest_ns is -5, and nothing of the kind is below zero",
            change: { $0.pacing.stalls.longestNs = -5 }),
        Finding(
            name: "more injected than the relay dropped", verdict: .invalid,
            says: "the ledgers say that the network dropped or altered 5 datagrams on the way "
                + "there, and it counted 4",
            change: { $0.lose(5, into: \.forwardInjected, isForward: true) },
            changeRun: {
                $0.relay = $0.relay ?? relay
                $0.relay?.forward.lost = 4
            }),
        Finding(
            name: "rejected probes that count as lost", verdict: .invalid,
            says: "the responder rejected 22 datagrams, of which the ledgers have 0, and 22 probes",
            change: { $0.lose(22, into: \.forwardLost, isForward: true) },
            changeRun: {
                $0.responder = ResponderReport(
                    name: "echo", address: "127.0.0.1:2", rejected: ["corrupt": 22, "peer": 3])
            }),
        Finding(
            name: "a signal", verdict: .aborted, says: "stopped by SIGINT before the end",
            stopSignal: "SIGINT"),
        Finding(
            name: "a worker that could not go on", verdict: .inconclusive,
            says: "no memory", brokeOff: Cause(.inconclusive, "no memory")),
        Finding(
            name: "a worker that crashed", verdict: .inconclusive, says: "it crashed",
            isOwnFault: true,
            brokeOff: Cause(.inconclusive, "it crashed", isOwnFault: true)),
    ]

    private func judged(_ findings: [Finding]) throws -> Judged<RunReport> {
        let streams = findings.enumerated().map { index, finding in
            var stream = JudgedSamples.stream("s\(index)")
            finding.change(&stream)
            return stream
        }
        var run = JudgedSamples.run(streams: streams)
        for finding in findings { finding.changeRun(&run) }
        return RunVerdict(
            scenario: try JudgedSamples.scenario(thresholds: [Self.threshold]),
            stopSignal: findings.lazy.compactMap(\.stopSignal).first,
            brokeOff: findings.lazy.compactMap(\.brokeOff).first
        ).judged(run)
    }

    @Test("a sound run passes, without a cause and without a notice")
    func sound() throws {
        let one = RunVerdict(
            scenario: try JudgedSamples.scenario(thresholds: [Self.threshold])
        ).judged(JudgedSamples.run(streams: [JudgedSamples.stream()]))
        #expect(one.judgement == Judgement())
        #expect(one.document.thresholds.map(\.passed) == [true])
    }

    @Test("a run without a stream has not passed")
    func nothingMeasured() throws {
        let judged = try judged([])
        #expect(judged.judgement.reasons == ["no stream was measured"])
        #expect(judged.document.verdict == .inconclusive)
    }

    @Test("every cause has its verdict, its exit status and its sentence", arguments: findings)
    func alone(finding: Finding) throws {
        let judged = try judged([finding])
        let first = judged.document.reasons.first ?? ""
        #expect(first.contains(finding.says), "\(judged.document.reasons)")
        #expect(judged.document.verdict == finding.verdict, "\(judged.document.reasons)")
        #expect(judged.judgement.exitStatus == finding.status)
        #expect(judged.document.reasons == judged.judgement.reasons)
        #expect(!first.contains("fault of udplab"))
    }

    @Test("of every two causes the more severe decides, and is told first", arguments: findings)
    func pairs(finding: Finding) throws {
        for other in Self.findings {
            let two = [finding, other]
            let judged = try judged(two)
            let reasons = judged.document.reasons
            // What broke off has failed at no gate, and its counts contradict each other for it.
            guard two.allSatisfy({ $0.brokeOff == nil }) else {
                #expect(judged.document.verdict != .fail, "\(other.name): \(reasons)")
                continue
            }
            let verdict = max(finding.verdict, other.verdict)
            #expect(judged.document.verdict == verdict, "\(other.name): \(reasons)")
            #expect(
                judged.judgement.causes.map(\.verdict)
                    == judged.judgement.causes.map(\.verdict)
                    .sorted(by: >))
            let deciding = two.filter { $0.verdict == verdict }
            #expect(
                judged.judgement.causes.filter { $0.verdict == verdict }.contains { cause in
                    // Two of a kind add up: the words are the same, the numbers are not.
                    deciding.contains { words(cause.sentence).contains(words($0.says)) }
                }, "\(other.name): \(reasons)")
        }
    }

    private func words(_ sentence: String) -> String { sentence.filter { !$0.isNumber } }

    @Test("a threshold without a value does not hold")
    func noValue() throws {
        let judged = RunVerdict(
            scenario: try JudgedSamples.scenario(thresholds: ["rtt.p99 < 1s"])
        ).judged(JudgedSamples.run(streams: [JudgedSamples.stream()]))
        #expect(judged.judgement.verdict == .fail)
        #expect(
            judged.judgement.reasons == [
                "calls: rtt.p99 < 1s does not hold: there is no value to judge"
            ])
    }

    @Test("T1 a figure that cannot be written is no value, whatever it would have passed")
    func unwritable() throws {
        var stream = JudgedSamples.stream()
        stream.loss.ratio = -.infinity
        let judged = RunVerdict(
            scenario: try JudgedSamples.scenario(thresholds: ["loss.ratio < 1%"])
        ).judged(JudgedSamples.run(streams: [stream]))
        #expect(judged.document.thresholds.map(\.passed) == [nil])
        #expect(judged.judgement.verdict == .fail)
        #expect(judged.judgement.reasons[0].contains("there is no value to judge"))
    }

    @Test("where this host was what was measured no gate is judged, and none has failed")
    func measuredHost() throws {
        var stream = JudgedSamples.stream()
        stream.unsend(40, into: \.skipped)
        let judged = RunVerdict(
            scenario: try JudgedSamples.scenario(thresholds: ["loss.ratio > 50%"])
        ).judged(JudgedSamples.run(streams: [stream]))
        #expect(judged.judgement.verdict == .inconclusive)
        #expect(judged.judgement.reasons.count == 1)
        #expect(judged.document.thresholds.map(\.passed) == [nil])
        #expect(judged.document.thresholds.map(\.value) == [0])
        #expect(
            judged.document.notices == [
                "calls: no threshold is judged: this host was what was measured"
            ])
    }

    @Test("limits within the tolerance are no cause")
    func tolerance() throws {
        var stream = JudgedSamples.stream()
        stream.unsend(5, into: \.skipped)
        let verdict = RunVerdict(scenario: try JudgedSamples.scenario(tolerance: 0.05))
        #expect(verdict.judged(JudgedSamples.run(streams: [stream])).judgement == Judgement())
    }

    @Test("what a closed port of the relay met is in no count of the relay, and contradicts none")
    func closedRelay() throws {
        var stream = JudgedSamples.stream()
        stream.lose(5, into: \.forwardInjected, isForward: true)
        var run = JudgedSamples.run(streams: [stream])
        run.relay = Self.relay
        let scenario = try JudgedSamples.scenario()
        #expect(RunVerdict(scenario: scenario).judged(run).judgement.verdict == .invalid)
        let closed = RunVerdict(scenario: scenario, relayWasClosed: true).judged(run)
        #expect(closed.judgement == Judgement())
    }

    // MARK: The whole report

    private func run(_ verdict: Verdict) -> Judged<RunReport> {
        let causes = verdict == .pass ? [] : [Cause(verdict, "because it is \(verdict)")]
        return Judged(JudgedSamples.run(streams: []), Judgement(causes: causes))
    }

    @Test("the most severe run decides on the report, and its cause is told first")
    func report() {
        for first in Verdict.allCases {
            for second in Verdict.allCases {
                let judgement = Runner.judgement(
                    on: [run(first), run(second)], planned: 2, stopSignal: nil)
                #expect(judgement.verdict == max(first, second))
                let deciding = max(first, second)
                let reason = "voice on clean: because it is \(deciding)"
                #expect(judgement.reasons.first == (deciding == .pass ? nil : reason))
                #expect(judgement.exitStatus == deciding.exitStatus)
            }
        }
    }

    @Test("runs that were not begun are no pass")
    func notBegun() {
        #expect(Runner.judgement(on: [], planned: 0, stopSignal: nil).verdict == .inconclusive)
        let left = Runner.judgement(on: [run(.pass)], planned: 3, stopSignal: nil)
        #expect(left.verdict == .inconclusive)
        #expect(left.reasons == ["2 runs were not begun"])
        let failed = Runner.judgement(on: [run(.fail)], planned: 2, stopSignal: nil)
        #expect(failed.verdict == .fail)
        #expect(failed.reasons.last == "1 run was not begun")
        let stopped = Runner.judgement(on: [run(.fail)], planned: 2, stopSignal: "SIGTERM")
        #expect(stopped.verdict == .aborted)
        #expect(stopped.reasons.first == "SIGTERM: 1 run was not begun")
        let last = Runner.judgement(on: [run(.pass)], planned: 1, stopSignal: "SIGTERM")
        #expect(last.verdict == .aborted)
        #expect(last.reasons == ["SIGTERM came when the last run was over"])
    }
}
