import Datagrams
import Glibc
import Load
import Metrics
import Testing

@testable import Loops

/// A responder whose socket sees the resets of every peer, as every UDP socket does on Windows.
@Suite struct ResponderResetTests {
    static let healthy = SocketAddress(numeric: "127.0.0.1:40000")
    static let dead = SocketAddress(numeric: "127.0.0.1:40001")

    /// Flow 0 is of a peer that is well, flow 1 of one whose port is closed; each entry is what
    /// arrives together, 1 ms after what came before.
    static func script(
        _ arrivals: [[Int]], of stream: ExpectedStream
    ) throws -> ResponderScript {
        let script = ResponderScript()
        script.closedPeers = [try #require(dead)]
        var sequences = [0, 0]
        for (index, flows) in arrivals.enumerated() {
            let atNs = SimulatedClock.startNs + Int64(index + 1) * 1_000_000
            for flow in flows {
                script.arrivals.append(
                    .init(
                        atNs: atNs,
                        octets: ResponderRun.probe(
                            sequences[flow], flow: flow, of: stream, sentNs: atNs - 20_000),
                        source: flow == 0 ? healthy : dead))
                sequences[flow] += 1
            }
        }
        return script
    }

    static func run(
        _ arrivals: [[Int]], onReset policy: RetryPolicy, stopAtNs: Int64? = nil,
        configure: (ResponderScript) -> Void = { _ in }
    ) throws -> ResponderRun {
        let stream = ResponderRun.stream(flows: 2)
        let script = try script(arrivals, of: stream)
        configure(script)
        let flows = arrivals.flatMap { $0 }
        return ResponderRun(
            stream, echoes: true, over: script,
            sent: [flows.count { $0 == 0 }, flows.count { $0 == 1 }], stopAtNs: stopAtNs,
            onReset: policy)
    }

    @Test("a dead peer costs a healthy one nothing: what a stale error ate goes out again")
    func noCollateralLoss() throws {
        let arrivals = [[0], [1, 0], [0, 1, 0, 1, 0], [1, 1, 1, 0, 0, 0], [0]]
        for policy in [RetryPolicy.always, .backoff(.init(firstNs: 1_000, limitNs: 1_000_000))] {
            let run = try Self.run(arrivals, onReset: policy)
            #expect(run.counts.received == 15)
            #expect(run.counts.echoed == 15)
            #expect(run.counts.echoFailed == 0)
            #expect(run.script.answers.count == 15)
            #expect(run.script.resets == 6)
            #expect(run.resets.seen == 6)
            #expect(run.resets.unattributed == 0)
            #expect(run.resets.ended == 0)
        }
    }

    @Test("the calls that fail are those that the kernel's alternation makes fail")
    func alternation() throws {
        // One batch: every answer to the dead peer makes the next call fail, send or receive.
        // The failed sends are hidden behind what went before in the same call, but for those
        // that begin one.
        let run = try Self.run([[1, 1, 1, 0]], onReset: .always)
        #expect(run.resets.eatenByStaleError == 3)
        #expect(run.resets.seen == 3)
        #expect(run.resets.retries == RetryCounts(attempted: 1))
        let apart = try Self.run([[1], [0], [1], [0]], onReset: .always)
        // Alone in its batch, the answer's reset meets the receive after it.
        #expect(apart.resets.eatenByStaleError == 0)
        #expect(apart.script.refusedCalls == 2)
        #expect(apart.resets.retries == RetryCounts(attempted: 2, succeeded: 2))
    }

    @Test("none: the loop ends at the first reset, and its port is closed")
    func none() throws {
        let run = try Self.run([[0], [1], [0], [0]], onReset: .none)
        #expect(run.resets.ended == 1)
        #expect(run.resets.seen == 1)
        #expect(run.resets.retries == RetryCounts(givenUp: 1))
        #expect(run.counts.echoed == 2)
        #expect(run.script.closedNs == run.resets.endedNs.first)
        #expect(run.script.answers.count == 2)
    }

    @Test("none: answers of the batch that were not out yet fail, and are counted")
    func noneInBatch() throws {
        let run = try Self.run([[0, 1, 0, 0]], onReset: .none)
        #expect(run.counts.received == 4)
        #expect(run.counts.echoed == 2)
        #expect(run.counts.echoFailed == 2)
    }

    @Test("once: one reset at a time is survived, two in a row end the loop")
    func once() throws {
        let singles = try Self.run([[1], [0], [1], [0], [1], [0]], onReset: .once)
        #expect(singles.resets.ended == 0)
        #expect(singles.resets.retries == RetryCounts(attempted: 3, succeeded: 3))
        #expect(singles.counts.echoed == 6)
        // The first shows within the step, the second at the receive after it.
        let pair = try Self.run([[0], [1, 1], [0]], onReset: .once)
        #expect(pair.resets.ended == 1)
        #expect(pair.resets.seen == 2)
        #expect(pair.resets.retries == RetryCounts(attempted: 1, givenUp: 1))
        #expect(pair.counts.echoed == 3)
    }

    @Test("backoff: what comes in a pause waits in the buffer and is answered after it")
    func backoff() throws {
        let run = try Self.run(
            [[1], [0], [0], [0]], onReset: .backoff(.init(firstNs: 50_000_000)),
            stopAtNs: SimulatedClock.startNs + 100_000_000)
        #expect(run.counts.echoed == 4)
        #expect(run.resets.retries == RetryCounts(attempted: 1, succeeded: 1))
        let resumesNs = try #require(run.resets.timesNs.first) + 50_000_000
        #expect(run.counts.lastReceivedNs >= resumesNs)
    }

    @Test("backoff: a stop ends the pause, and nobody is answered who has ended")
    func stopInPause() throws {
        let run = try Self.run(
            [[1], [0], [0], [0]], onReset: .backoff(.init(firstNs: 1_000_000_000)))
        #expect(run.counts.received == 4)
        #expect(run.counts.echoed == 1)
        #expect(run.counts.echoFailed == 3)
        let failedNs = try #require(run.resets.timesNs.first)
        #expect(run.counts.lastReceivedNs < failedNs + 1_000_000_000)
    }

    @Test("always: a reset after the stop keeps nobody from being answered")
    func resetAfterStop() throws {
        let run = try Self.run(
            [[1], [0], [1], [0]], onReset: .always, stopAtNs: SimulatedClock.startNs)
        #expect(run.counts.received > 0)
        #expect(run.counts.echoFailed == 0)
    }

    @Test("backoff: a budget that is spent ends the loop")
    func budget() throws {
        let policy = RetryPolicy.backoff(
            .init(firstNs: 1_000, factor: 1, limitNs: 1_000, budget: 3))
        let run = try Self.run([[0], [0]], onReset: policy) { script in
            script.sendScript = { _, _ in .fail(ECONNREFUSED) }
        }
        #expect(run.resets.ended == 0, "two steps failed, and each answer was tried 64 times")
        #expect(run.counts.echoFailed == 2)
        let spent = try Self.run([[0], [0], [0], [0]], onReset: policy) { script in
            script.sendScript = { _, _ in .fail(ECONNREFUSED) }
        }
        #expect(spent.resets.ended == 1)
        #expect(spent.resets.retries == RetryCounts(attempted: 3, givenUp: 1))
    }

    @Test("N7 a socket that refuses every send costs a bounded number of calls")
    func n7() throws {
        let run = try Self.run(
            Array(repeating: [0], count: 100), onReset: .always
        ) { script in
            script.sendScript = { _, _ in .fail(ECONNREFUSED) }
        }
        #expect(run.counts.echoFailed == 100)
        #expect(run.script.sendCalls == 100 * 65)
        #expect(run.resets.queueOverflow == 100 * 64, "no entry said why")
        #expect(run.resets.timesLeftOut == 100 - FirstTimes.limit)
    }

    @Test("a failed send is an answer that failed, whatever the policy, unless it was a reset")
    func errnos() throws {
        for policy in RetryPolicyTests.policies {
            for errno in [EPERM, ENOBUFS, EHOSTUNREACH, ENETDOWN, EINVAL] {
                let run = try Self.run([[0], [0], [0]], onReset: policy) { script in
                    script.sendScript = { call, _ in call == 1 ? .fail(errno) : nil }
                }
                #expect(run.counts.echoFailed == 1)
                #expect(run.counts.echoed == 2)
                #expect(run.resets.ended == 0)
                #expect(run.resets.retries == RetryCounts())
            }
        }
    }

    @Test("an error queue without room is noticed, and no policy is misled")
    func overflow() throws {
        let run = try Self.run([[1], [0]], onReset: .always) { $0.errorCapacity = 0 }
        #expect(run.resets.seen == 0)
        #expect(run.resets.queueOverflow == 1)
        #expect(run.resets.retries == RetryCounts(attempted: 1, succeeded: 1))
        #expect(run.counts.echoed == 2)
    }
}
