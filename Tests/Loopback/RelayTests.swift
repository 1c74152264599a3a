import Datagrams
import Glibc
import Impairment
import Metrics
import Testing

@testable import Loops

/// What a relay says that it injected is what the ends measure, to the datagram.
@Suite(.serialized) struct RelayTests {
    private static let count = 4_000

    private static func phase(flows: Int = 2, isOneWay: Bool = false) -> SenderPhase {
        var phase = LoopbackRun.paced(count: count, pps: 8_000, flows: flows, isOneWay: isOneWay)
        phase.timeoutNs = 400_000_000
        phase.endsWithLastAnswer = false
        return phase
    }

    @Test("a transparent relay loses, copies and reorders nothing")
    func transparent() throws {
        let run = try RelayRun(Self.phase())
        run.expectBalance()
        let sent = run.sender.accounts.ledger.sent
        #expect(run.sender.figures.inTime == sent)
        #expect(run.sender.figures.reordering.count == 0)
        #expect(run.sender.figures.duplication.count == 0)
        #expect(run.relay.forward.accounts.forwarded == sent)
        #expect(run.relay.backward.accounts.forwarded == sent)
        #expect(run.relay.ownDelayNs?.count == 2 * sent)
        #expect(run.relay.forward.delayNs == nil)
        #expect(run.relay.flows == 2)
    }

    @Test("N1 the lost of each direction are those that the relay has dropped")
    func loss() throws {
        let run = try RelayRun(
            Self.phase(), forward: Impairment(loss: .bernoulli(probability: Probability(0.05))),
            backward: Impairment(
                loss: .gilbertElliott(
                    p: Probability(0.02), r: Probability(0.3), lossGood: .never, lossBad: .always)))
        run.expectBalance()
        let forward = run.relay.forward.streams[0]
        let backward = run.relay.backward.streams[0]
        #expect(forward.received - forward.delivered == run.relay.forward.accounts.lost)
        #expect(run.responder.counts.received == forward.delivered)
        #expect(backward.received == run.responder.counts.echoed)
        #expect(run.sender.figures.received == backward.delivered)
        #expect(
            run.sender.figures.never
                == run.relay.forward.accounts.lost + run.relay.backward.accounts.lost)
        #expect(run.relay.forward.accounts.lost > 0)
        #expect(run.relay.backward.accounts.lost > 0)
    }

    @Test("N2 copies on the way there are the responder's duplicates, back the sender's")
    func duplicates() throws {
        let impairment = Impairment(
            duplicate: DuplicateModel(probability: Probability(0.03), copies: 2))
        let run = try RelayRun(Self.phase(), forward: impairment, backward: impairment)
        run.expectBalance()
        #expect(run.responder.counts.duplicates == run.relay.forward.accounts.duplicated)
        // The responder echoes copies too.
        #expect(
            run.sender.figures.duplication.count
                == run.relay.forward.accounts.duplicated + run.relay.backward.accounts.duplicated)
        #expect(run.sender.figures.never == 0)
        #expect(run.relay.forward.accounts.duplicated > 20)
    }

    @Test("N3 reordering is what the ends count by RFC 4737, each way")
    func reordering() throws {
        let impairment = Impairment(
            loss: .bernoulli(probability: Probability(0.01)),
            reorder: ReorderModel(probability: Probability(0.05), depth: 3))
        let there = try RelayRun(Self.phase(), forward: impairment)
        there.expectBalance()
        let forward = there.relay.forward.accounts.reordered
        #expect(there.responder.figures.reordering.count == forward)
        #expect(there.relay.forward.streams[0].reordered == forward)
        #expect(forward > 20)
        let back = try RelayRun(Self.phase(), backward: impairment)
        back.expectBalance()
        let backward = back.relay.backward.accounts.reordered
        #expect(back.sender.figures.reordering.count == backward)
        #expect(backward > 20)
    }

    @Test("N3 an echo that is later than the timeout is late, and not lost")
    func late() throws {
        var phase = Self.phase()
        phase.timeoutNs = 50_000_000
        phase.countLimit = 400
        // Every hundredth takes 70 ms, the first among them: on a busy machine few may be sent.
        // What comes after the drain would be lost.
        let trace = (0..<100).map { $0 == 0 ? 70_000_000 : 0 as Int64 }
        let run = try RelayRun(phase, backward: Impairment(delay: .trace(ns: trace)))
        let received = run.sender.figures.received
        #expect(run.sender.figures.late + run.sender.figures.never >= 1)
        #expect(received == run.sender.figures.inTime + run.sender.figures.late)
        #expect(run.relay.backward.accounts.lost == 0)
    }

    @Test("the round trip is longer by what was injected, and by what the relay says it added")
    func delay() throws {
        let impairment = Impairment(delay: .uniform(lowNs: 5_000_000, highNs: 15_000_000))
        let run = try RelayRun(Self.phase(), forward: impairment, backward: impairment)
        run.expectBalance()
        let there = try #require(run.relay.forward.delayNs)
        let back = try #require(run.relay.backward.delayNs)
        let rtt = try #require(run.sender.figures.rttNs)
        #expect(there.count == run.sender.accounts.ledger.sent)
        #expect(run.sender.figures.never == 0)
        let injectedNs = (there.mean ?? 0) + (back.mean ?? 0)
        // Never shorter than what was injected; longer only by way and waiting, which the
        // machine's load decides.
        #expect(rtt.mean ?? 0 >= injectedNs)
        #expect((rtt.min ?? 0) >= (there.min ?? 0) + (back.min ?? 0))
        #expect(there.min ?? 0 >= 5_000_000)
        #expect(there.max ?? 0 <= 15_000_000)
        #expect(run.relay.forward.accounts.reordered == run.responder.figures.reordering.count)
    }

    @Test(
        "H12 T13 altered probes and answers are corrupt, to the datagram, and change no other figure",
        arguments: [20, 24, 28, 64], [1, 3])
    func h12t13(payloadBytes: Int, bits: Int) throws {
        var phase = Self.phase()
        phase.sender.payloadBytes = payloadBytes
        phase.expectsAltered = true
        let corrupt = Impairment(
            alterations: [.corrupt(Probability(0.05), bits: bits)])
        let run = try RelayRun(phase, forward: corrupt, backward: corrupt)
        run.expectBalance()
        let forward = run.relay.forward
        let backward = run.relay.backward
        #expect(forward.accounts.altered > 20)
        #expect(backward.accounts.altered > 20)
        #expect(forward.streams[0].altered == forward.accounts.altered)
        #expect(backward.streams[0].altered == backward.accounts.altered)
        #expect(run.responder.rejected.corrupt == forward.accounts.altered)
        #expect(run.responder.rejected.total == forward.accounts.altered)
        #expect(run.responder.counts.received == forward.streams[0].delivered)
        #expect(run.responder.counts.echoed == run.responder.counts.received)
        #expect(run.sender.accounts.rejected.corrupt == backward.accounts.altered)
        #expect(run.sender.accounts.rejected.total == backward.accounts.altered)
        #expect(
            run.sender.figures.never
                == forward.accounts.altered + backward.accounts.altered)
        #expect(run.sender.figures.duplication.count == 0)
        #expect(run.sender.figures.reordering.count == 0)
    }

    @Test("a rate makes the delay grow, and drops what its queue does not hold")
    func bottleneck() throws {
        // As fast as it goes: on the busiest machine faster than this link.
        let phase = LoopbackRun.phase(count: 2_000, isOneWay: true)
        // 92 B a datagram with headers: 1,000 a second, of which the queue holds ten.
        let bottleneck = Bottleneck(bitsPerSecond: 92 * 8 * 1_000, queueBytes: 92 * 10)
        let run = try RelayRun(phase, forward: Impairment(bottleneck: bottleneck))
        #expect(run.relay.forward.accounts.accounted == run.relay.forward.accounts.received)
        #expect(run.relay.forward.drops == 0)
        #expect(run.relay.forward.accounts.tailDropped > 50)
        #expect(
            run.responder.figures.received == run.relay.forward.streams[0].delivered)
        #expect(
            run.relay.forward.accounts.received - run.relay.forward.accounts.tailDropped
                - run.relay.forward.accounts.heldAtStop == run.responder.figures.received)
        // A full queue takes 10 ms.
        #expect(run.relay.forward.delayNs?.max ?? 0 <= 10_500_000)
        #expect(run.relay.forward.delayNs?.max ?? 0 >= 8_000_000)
    }

    @Test("twice with one seed: the same decisions, whatever the machine's mood")
    func repeatable() throws {
        let impairment = Impairment(
            loss: .bernoulli(probability: Probability(0.05)),
            delay: .uniform(lowNs: 0, highNs: 2_000_000),
            duplicate: DuplicateModel(probability: Probability(0.02), copies: 1))
        // Without a schedule nothing is skipped: both send the same.
        var phase = LoopbackRun.phase(count: 1_000)
        phase.timeoutNs = 100_000_000
        phase.endsWithLastAnswer = false
        let runs = try (0..<2).map { _ in try RelayRun(phase, forward: impairment) }
        #expect(runs[0].sender.accounts.ledger.sent == runs[1].sender.accounts.ledger.sent)
        #expect(runs[0].relay.forward.decisions == runs[1].relay.forward.decisions)
    }

    @Test("the log has a row per datagram, with what the accounts say")
    func log() throws {
        let file = try TemporaryFile()
        var phase = Self.phase()
        phase.countLimit = 1_000
        let run = try RelayRun(
            phase,
            forward: Impairment(
                loss: .bernoulli(probability: Probability(0.1)), delay: .constant(ns: 1_000_000)),
            logPath: file.path)
        run.expectBalance()
        let rows = String(decoding: file.contents(), as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: ",") }
        let there = rows.filter { $0[1] == "forward" }
        #expect(there.count == run.relay.forward.accounts.received)
        #expect(rows.count - there.count == run.relay.backward.accounts.received)
        #expect(there.count { $0[5] == "lost" } == run.relay.forward.accounts.lost)
        #expect(there.count { $0[5] == "delayed" } == run.relay.forward.accounts.forwarded)
        #expect(there.allSatisfy { $0[5] == "lost" ? $0[6] == "0" : $0[6] == "1000000" })
        #expect(run.relay.logRowsLost == 0)
    }

    @Test("a closed port of the target costs what was sent meanwhile, and is counted")
    func closedTarget() throws {
        let gone = try BoundPort()
        let control = RelayControl()
        let job = try RelayJob(
            RelayAssignment(
                listen: "127.0.0.1:0", targets: [gone.address.description], forward: Impairment(),
                backward: Impairment(), seed: 1), control: control)
        gone.close()
        let relaying = try job.start(startNs: LinuxClock().nowNs()) {}
        let client = try DatagramSocket(family: .ipv4)
        try client.connect(to: job.address)
        for _ in 0..<50 {
            _ = send(client.descriptor, "x", 1, 0)
            usleep(1_000)
        }
        control.loop.stop(drainNs: 50_000_000)
        for thread in relaying { thread.join() }
        let result = try job.result()
        #expect(result.forward.accounts.received == 50)
        #expect(result.forward.accounts.accounted == 50)
        #expect(result.forward.accounts.forwarded == 50)
        #expect(result.targetResets > 0)
    }

    /// A port that nobody has after `close`.
    private final class BoundPort {
        let address: SocketAddress
        private var descriptor: Int32

        init() throws {
            let socket = try DatagramSocket(family: .ipv4)
            try socket.bind(to: #require(SocketAddress(numeric: "127.0.0.1:0")))
            address = try socket.localAddress()
            descriptor = socket.release()
        }

        func close() { Glibc.close(descriptor) }
    }
}
