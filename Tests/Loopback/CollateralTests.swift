import Datagrams
import Glibc
import Load
import Metrics
import Testing

@testable import Loops

/// A sender's kernel from whose socket something goes to a dead peer now and then, just before a
/// probe: the probe's call is the one that the reset fails, as it would be on Windows.
private struct StaleErrorKernel: DatagramKernel, ~Copyable {
    var inner: LinuxKernel
    let descriptor: Int32
    let dead: SocketAddress
    let every: Int
    private(set) var struck = 0
    private var sends = 0

    init(_ inner: consuming LinuxKernel, dead: SocketAddress, every: Int) throws {
        let own = try #require(try inner.localAddresses().first)
        descriptor = try #require(Self.descriptor(of: own))
        self.inner = inner
        self.dead = dead
        self.every = every
    }

    /// The socket of this process that has the address.
    private static func descriptor(of address: SocketAddress) -> Int32? {
        (0..<4_096).first { candidate in
            var name = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(candidate, $0, &length)
                }
            }
            return result == 0 && name.sin_family == sa_family_t(AF_INET)
                && UInt16(bigEndian: name.sin_port) == address.port
        }
    }

    mutating func send(flow: Int, _ batch: borrowing SendBatch, from: Int, count: Int) -> Int {
        sends += 1
        if sends.isMultiple(of: every) {
            TestPeer.send([0], on: descriptor, to: dead)
            struck += 1
        }
        return inner.send(flow: flow, batch, from: from, count: count)
    }

    mutating func receive(flow: Int, _ batch: borrowing ReceiveBatch) -> Int {
        inner.receive(flow: flow, batch)
    }

    mutating func wait(timeoutNs: Int64) -> Int { inner.wait(timeoutNs: timeoutNs) }
    mutating func readyFlow(_ index: Int) -> Int { inner.readyFlow(index) }
    mutating func readyHasError(_ index: Int) -> Bool { inner.readyHasError(index) }

    mutating func waitWritable(flow: Int, timeoutNs: Int64) {
        inner.waitWritable(flow: flow, timeoutNs: timeoutNs)
    }

    mutating func nextError(flow: Int) -> KernelError? { inner.nextError(flow: flow) }
    mutating func drops(flow: Int) -> Int? { inner.drops(flow: flow) }
}

/// A dead peer never costs a healthy one a datagram, at sockets that see the resets of all: each
/// reset fails the next call, whoever that is for, and what it was for goes out again.
@Suite struct CollateralTests {
    @Test("a sender sends again what a dead peer's reset ate: its healthy peer gets every probe")
    func sender() throws {
        var phase = LoopbackRun.phase(count: 600, window: 32)
        phase.batch = 4
        let responder = try ResponderThread(phase, echoes: true)
        try responder.start()
        phase.destinations = [responder.address]
        phase.startNs = LinuxClock().nowNs()
        let inner = try LinuxKernel(flows: 1, target: responder.address, kind: .unconnectedRecverr)
        var kernel = try StaleErrorKernel(inner, dead: try ResetTests.closedPort(), every: 5)
        var loop = SenderLoop<StaleErrorKernel, LinuxClock, ProbeLayout>(
            phase: phase,
            content: ProbeLayout(
                payloadBytes: phase.payloadBytes, runID: SenderThread.runID,
                anchorNs: SenderThread.anchorNs),
            clock: LinuxClock(), control: LoopControl(), log: nil)
        loop.run(&kernel)
        let far = responder.stop(sent: loop.sentByFlow)
        let struck = kernel.struck
        let (accounts, resets) = (loop.accounts, loop.resetFigures)
        #expect(struck > 20)
        #expect(accounts.ledger.sent == 600)
        #expect(accounts.ledger.refused == 0)
        #expect(accounts.retried == struck)
        #expect(far.counts.received == 600)
        #expect(loop.statistics.summary().received == 600)
        #expect(resets.seen == struck)
        #expect(resets.eatenByStaleError == struck)
        #expect(resets.unattributed == struck, "none of them is about a probe of this run")
    }

    @Test(
        "a responder answers again what a dead peer's reset ate: its healthy peer gets every answer",
        arguments: [RetryPolicy.always, .backoff(.init(firstNs: 100_000, limitNs: 1_000_000))])
    func responder(policy: RetryPolicy) throws {
        let rounds = 40
        let phase = LoopbackRun.phase(count: rounds)
        let responder = try ResponderThread(
            phase, echoes: true, isLooking: false, kind: .unconnectedRecverr, onReset: policy,
            storm: ResetTests.storm(count: rounds))
        try responder.start()
        let healthy = try DatagramSocket(family: .ipv4)
        let stranger = try DatagramSocket(family: .ipv4)
        for number in 0..<rounds {
            // Answered as they lie in the buffer: the dead peer's, nothing, the healthy one's. No
            // one call sends both answers, so that the reset of the first meets the second.
            let gone = try DatagramSocket(family: .ipv4)
            let dead = Self.probe(number, session: ResetTests.stormSession)
            TestPeer.send(dead, on: gone.descriptor, to: responder.address)
            TestPeer.send([0], on: stranger.descriptor, to: responder.address)
            let probe = Self.probe(number, session: phase.firstSession)
            TestPeer.send(probe, on: healthy.descriptor, to: responder.address)
        }
        responder.isLooking.set()
        let incoming = ReceiveBatch(
            slots: 1, slotBytes: 64, withAddresses: false, withControl: false)
        healthy.setReceiveTimeout(ns: 20_000_000_000)
        var answered = 0
        while answered < rounds,
            incoming.receive(on: healthy.descriptor, count: 1, wait: true) == 1
        {
            answered += 1
        }
        let far = responder.stop(sent: [rounds])
        #expect(answered == rounds)
        #expect(far.counts.echoed == rounds)
        #expect(far.counts.echoFailed == 0)
        #expect(far.resets.seen == rounds)
        // Where a batch ends with the dead peer's answer, its reset meets a receive.
        #expect(far.resets.eatenByStaleError >= rounds - 2)
        #expect(far.resets.ended == 0)
    }

    private static func probe(_ number: Int, session: UInt16) -> [UInt8] {
        let layout = ProbeLayout(
            payloadBytes: 64, runID: SenderThread.runID, anchorNs: SenderThread.anchorNs)
        var octets = [UInt8](repeating: 0, count: 64)
        octets.withUnsafeMutableBytes { buffer in
            guard let slot = buffer.baseAddress else { return }
            layout.prepare(slot)
            layout.writeRun(
                slot, count: 1, session: session, sequence: UInt64(number),
                sentNs: LinuxClock().nowNs())
        }
        return octets
    }
}
