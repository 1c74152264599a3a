import Datagrams
import Glibc
import Harness
import Load
import Metrics
import Testing

@testable import Loops

/// Resets of the real kernel on loopback, where they are not rate-limited and come before the
/// send call returns: their numbers are exact.
@Suite struct ResetTests {
    @Test(
        "N5 calls to a closed port alternate as the model of the kernel says",
        arguments: [SocketKind.connected, .unconnected, .unconnectedRecverr])
    func alternation(kind: SocketKind) throws {
        let target = try Self.closedPort()
        var kernel = try LinuxKernel(flows: 1, target: target, kind: kind)
        let batch = SendBatch(
            slots: 1, slotBytes: 64, destination: kind == .connected ? nil : target)
        let incoming = ReceiveBatch(
            slots: 1, slotBytes: 64, withAddresses: kind != .connected, withControl: false)
        var model = AlternationModel(kind: kind)
        for step in 0..<40 {
            if step % 5 == 3 {
                let expected = model.receive()
                #expect(kernel.receive(flow: 0, incoming) == expected, "receive \(step)")
            } else if step % 7 == 6 {
                var entries = 0
                while kernel.nextError(flow: 0) != nil { entries += 1 }
                #expect(entries == model.drain(), "error queue \(step)")
            } else {
                let expected = model.send()
                #expect(
                    kernel.send(flow: 0, batch, from: 0, count: 1) == expected, "send \(step)")
            }
        }
    }

    @Test("N5 a paced sender sees one reset for each datagram that it sent to a closed port")
    func closedPort() throws {
        for kind in [SocketKind.connected, .unconnectedRecverr] {
            var phase = LoopbackRun.paced(count: 200, pps: 2_000, flows: 2)
            // On a machine that is busy the kernel's softirqs are late, and so are the resets; and
            // all datagrams leave, if late.
            phase.timeoutNs = 2_000_000_000
            phase.sender.maxBurst = 200
            let sender = try SenderThread(phase, to: try Self.closedPort(), kind: kind)
            try sender.start()
            let outcome = sender.join()
            #expect(outcome.resets.seen == outcome.accounts.ledger.sent)
            #expect(outcome.resets.unattributed == 0)
            #expect(outcome.resets.queueOverflow == 0)
            let outages = outcome.outages.merged(joinNs: 10_000_000)
            #expect(outages.count == 1)
            #expect(outages.first?.flows == 2)
            #expect(outages.first?.endNs == nil)
        }
    }

    @Test("an unconnected sender never sees a reset, and takes answers of its peer alone")
    func unconnected() throws {
        var phase = LoopbackRun.paced(count: 100, pps: 2_000)
        phase.timeoutNs = 100_000_000
        let sender = try SenderThread(phase, to: try Self.closedPort(), kind: .unconnected)
        try sender.start()
        let outcome = sender.join()
        #expect(outcome.accounts.ledger.sent + outcome.accounts.ledger.skipped == 100)
        #expect(outcome.resets.seen == 0)
        #expect(outcome.accounts.ledger.refused == 0)
        // What the responder answers when it gets a processor is no loss here.
        phase.timeoutNs = 5_000_000_000
        phase.endsWithLastAnswer = true
        let responder = try ResponderThread(phase, echoes: true)
        let other = try SenderThread(phase, to: responder.address, kind: .unconnected)
        let stranger = try DatagramSocket(family: .ipv4)
        let local = try #require(try other.localAddresses().first)
        TestPeer.send([UInt8](repeating: 1, count: 64), on: stranger.descriptor, to: local)
        try responder.start()
        try other.start()
        let answered = other.join()
        _ = responder.stop(sent: answered.sentByFlow)
        #expect(answered.figures.received == answered.accounts.ledger.sent)
        #expect(answered.accounts.rejected.peer == 1)
    }

    @Test("a dead peer costs a healthy one no datagram at a socket that sees all resets")
    func noCollateralLoss() throws {
        for policy in [RetryPolicy.always, .backoff(.init(firstNs: 100_000, limitNs: 1_000_000))] {
            let phase = LoopbackRun.paced(count: 600, pps: 2_000)
            let responder = try ResponderThread(
                phase, echoes: true, kind: .unconnectedRecverr, onReset: policy,
                storm: Self.storm(count: 120))
            let sender = try SenderThread(phase, to: responder.address)
            try responder.start()
            try sender.start()
            let struck = try Self.strike(responder.address, bursts: 30, of: 4)
            let healthy = sender.join()
            let outcome = responder.stop(sent: healthy.sentByFlow)
            #expect(healthy.figures.received == healthy.accounts.ledger.sent)
            #expect(outcome.counts.echoFailed == 0)
            #expect(struck == 120)
            // Every answer to a port that is gone bounces, once.
            #expect(outcome.resets.seen == 120)
            #expect(outcome.resets.unattributed == 0)
            #expect(outcome.resets.queueOverflow == 0)
            #expect(outcome.resets.ended == 0)
        }
    }

    @Test("none closes the port at the first reset, and the senders see that")
    func none() throws {
        var phase = LoopbackRun.paced(count: 400, pps: 2_000)
        phase.timeoutNs = 100_000_000
        let responder = try ResponderThread(
            phase, echoes: true, kind: .unconnectedRecverr, onReset: .none,
            storm: Self.storm(count: 1))
        let sender = try SenderThread(phase, to: responder.address)
        try responder.start()
        try sender.start()
        #expect(try Self.strike(responder.address, bursts: 1, of: 1) == 1)
        let outcome = sender.join()
        let died = responder.stop(sent: outcome.sentByFlow)
        #expect(died.resets.seen == 1)
        #expect(died.resets.ended == 1)
        #expect(outcome.resets.seen > 0)
        #expect(outcome.outages.merged(joinNs: 10_000_000).last?.endNs == nil)
    }

    @Test("a hit-and-run sender's ledger has nothing but what it sent, and an end")
    func hitAndRunJob() throws {
        let sink = try DatagramSocket(family: .ipv4)
        try sink.bind(to: try #require(SocketAddress(numeric: "127.0.0.1:0")))
        let storm = SenderDefinition(
            name: "storm", flows: 2, rate: .perFlow(pps: 1_000), payloadBytes: 64,
            length: .count(50), kind: .hitAndRun, burst: 8)
        var assignment = SenderAssignment(
            storm, targets: [try sink.localAddress().description], runId: 7,
            anchorNs: WallTime.anchorNs(), timeoutNs: 100_000_000, firstSession: 1,
            windowSlots: 256)
        assignment.isOneWay = true
        let job = try HitAndRunJob(assignment, control: LoopControl())
        let threads = try job.start(startNs: LinuxClock().nowNs()) {}
        for thread in threads { thread.join() }
        let result = try job.result()
        #expect(result.accounts.scheduled == 100)
        #expect(result.accounts.sent + result.accounts.skipped == 100)
        #expect(result.sentByFlow.reduce(0, +) == result.accounts.sent)
        // The plan's count is each flow's: the responder takes no number above it for a probe.
        #expect(result.sentByFlow.allSatisfy { $0 <= 50 }, "\(result.sentByFlow)")
        let incoming = ReceiveBatch(
            slots: 64, slotBytes: 64, withAddresses: true, withControl: false)
        var sources: [SocketAddress: Int] = [:]
        while case let count = incoming.receive(on: sink.descriptor, count: 64, wait: false),
            count > 0
        {
            for index in 0..<count {
                guard let source = incoming.source(index) else { continue }
                sources[source, default: 0] += 1
            }
        }
        #expect(sources.values.reduce(0, +) == result.accounts.sent)
        // A machine that stalled for all but the last burst saw that one alone.
        let isOneBurst = result.accounts.sent <= 8
        #expect(sources.count > 1 || isOneBurst, "a port of its own for each burst")
    }

    // MARK: - What the tests share

    /// A port that was somebody's a moment ago and is nobody's now.
    static func closedPort() throws -> SocketAddress {
        try #require(SocketAddress(numeric: "127.0.0.1:\(try BoundSocket().port)"))
    }

    static let stormSession: UInt16 = 500

    static func storm(count: Int) -> ExpectedStream {
        ExpectedStream(
            firstSession: stormSession, flows: 1, payloadBytes: 64, firstSequence: 0,
            statistics: StreamConfiguration(
                timeoutNs: 1_000_000_000, payloadBytes: 64, startNs: LinuxClock().nowNs(),
                direction: .oneWay), windowCapacity: 1_024, peersChange: true)
    }

    /// Sends bursts from ports that are closed at once: how many datagrams left.
    static func strike(
        _ target: SocketAddress, bursts: Int, of count: Int
    ) throws -> Int {
        var kernel = try LinuxHitAndRunKernel(target: target)
        let layout = ProbeLayout(
            payloadBytes: 64, runID: SenderThread.runID, anchorNs: SenderThread.anchorNs)
        let batch = SendBatch(slots: count, slotBytes: 64, destination: target)
        for slot in 0..<count { layout.prepare(batch.slot(slot)) }
        var sent = 0
        usleep(220_000)  // the healthy flow begins 200 ms after its thread does
        for _ in 0..<bursts {
            layout.writeRun(
                batch.octets, count: count, session: stormSession, sequence: UInt64(sent),
                sentNs: LinuxClock().nowNs())
            sent += max(0, kernel.strike(batch, count: count))
            usleep(2_000)
        }
        return sent
    }
}

/// What the kernel does with calls on a socket whose peer's port is closed, on loopback.
private struct AlternationModel {
    let kind: SocketKind
    private var hasPending = false
    private var entries = 0

    init(kind: SocketKind) { self.kind = kind }

    mutating func send() -> Int {
        if takePending() { return -Int(ECONNREFUSED) }
        guard kind.seesResets else { return 1 }
        // The reset is there before the call returns.
        hasPending = true
        entries += 1
        return 1
    }

    mutating func receive() -> Int {
        takePending() ? -Int(ECONNREFUSED) : -Int(EAGAIN)
    }

    /// Emptying the error queue takes the pending error away as well.
    mutating func drain() -> Int {
        hasPending = false
        defer { entries = 0 }
        return entries
    }

    private mutating func takePending() -> Bool {
        defer { hasPending = false }
        return hasPending
    }
}
