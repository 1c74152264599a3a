import Datagrams
import Load
import Metrics

/// The kernel of an ephemeral-port loop.
package protocol HitAndRunKernel: ~Copyable {
    /// Sends the first `count` messages from a fresh port, and closes it. Returns the number of
    /// messages sent, or -errno.
    mutating func strike(_ batch: borrowing SendBatch, count: Int) -> Int
    /// Sleeps; a signal may end the sleep earlier.
    mutating func sleep(ns: Int64)
}

/// Sends bursts of probes, each from a fresh port that is closed at once, so that every answer
/// causes a reset at the responder. Nothing is awaited.
package struct HitAndRunLoop<
    Kernel: HitAndRunKernel & ~Copyable, Clock: MonotonicClock
>: ~Copyable {
    /// The longest sleep, which bounds the time until a stop is noticed.
    static var longestSleepNs: Int64 { 50_000_000 }

    /// The phase, whose rate counts datagrams, of which `burst` are sent together.
    let phase: SenderPhase
    let burst: Int
    let layout: ProbeLayout
    let clock: Clock
    let control: LoopControl
    let outgoing: SendBatch
    /// The next sequence number of each flow.
    package private(set) var sequences: [UInt64]
    var statistics: StreamStatistics
    package private(set) var accounts = SendAccounts()
    var otherErrors = ErrnoCounts()
    private(set) var firstSentNs: Int64 = 0
    private(set) var lastSentNs: Int64 = 0
    private(set) var stalls: StallWatch

    package init(
        phase: SenderPhase, burst: Int, single: SingleCalls = SingleCalls(), layout: ProbeLayout,
        clock: Clock, control: LoopControl
    ) {
        precondition(burst > 0, "a burst has a datagram")
        outgoing = SendBatch(
            slots: burst, slotBytes: phase.payloadBytes,
            destination: phase.destinations.first, single: single)
        self.phase = phase
        self.burst = burst
        self.layout = layout
        self.clock = clock
        self.control = control
        statistics = StreamStatistics(configuration: phase.statistics)
        stalls = StallWatch(measured: phase.measured)
        sequences = Array(repeating: phase.firstSequence, count: phase.flows)
        for slot in 0..<burst { layout.prepare(outgoing.slot(slot)) }
    }

    /// Sends until the plan's end, or until it is stopped. The first burst is sent one interval
    /// after the start, so that there is a time without disturbance before.
    package mutating func run(_ kernel: inout Kernel) {
        guard case .paced(let pps) = phase.rate, let slots = phase.slots else {
            preconditionFailure("a hit-and-run sender has a rate")
        }
        let burstsPps = pps / Double(burst)
        let bursts = bursts(of: slots)
        var times = SlotTimes(startNs: phase.startNs, streamPps: burstsPps)
        var index = 0
        while index < bursts, !control.isStopping {
            let due = times.dueNs(index + 1)
            let now = clock.nowNs()
            stalls.look(atNs: now)
            if now < due {
                stalls.wait(untilNs: min(due, now + Self.longestSleepNs))
                kernel.sleep(ns: min(due - now, Self.longestSleepNs))
                continue
            }
            // Bursts overdue because of this host are not made up for together.
            let last = min(bursts, times.lastSlot(dueAtNs: now)) - 1
            let missed = (index..<max(index, last)).reduce(0) { $0 + datagrams($1, of: slots) }
            accounts.ledger.scheduled += missed
            accounts.ledger.skipped += missed
            statistics.recordSkipped(
                missed, dueNs: due,
                stepNs: 1e9 / burstsPps / Double(burst))
            index = max(index, last)
            strike(
                &kernel, flow: index % phase.flows, count: datagrams(index, of: slots),
                intendedNs: times.dueNs(index + 1))
            index += 1
        }
        let endNs = clock.nowNs()
        stalls.look(atNs: endNs)
        stalls.measured = phase.measured(sendingEndNs: endNs, wasStopped: index < bursts)
    }

    /// Returns the number of bursts for `slots` datagrams: the flows take turns, and where the plan
    /// counts, each flow sends exactly its share, so that each may have a shorter last burst.
    private func bursts(of slots: Int) -> Int {
        guard phase.countLimit != nil else { return (slots + burst - 1) / burst }
        return (slots / phase.flows + burst - 1) / burst * phase.flows
    }

    private func datagrams(_ index: Int, of slots: Int) -> Int {
        guard phase.countLimit != nil else { return min(burst, slots - index * burst) }
        return min(burst, slots / phase.flows - index / phase.flows * burst)
    }

    private mutating func strike(
        _ kernel: inout Kernel, flow: Int, count: Int, intendedNs: Int64
    ) {
        let now = clock.nowNs()
        accounts.ledger.scheduled += count
        layout.writeRun(
            outgoing.octets, count: count,
            session: phase.firstSession &+ UInt16(truncatingIfNeeded: flow),
            sequence: sequences[flow], sentNs: now)
        if phase.destinations.count > 1 {
            outgoing.setDestination(phase.destinations[phase.part(of: flow)])
        }
        let result = kernel.strike(outgoing, count: count)
        let sent = max(0, result)
        if sent > 0 {
            statistics.recordSent(count: sent, sentNs: now, intendedNs: intendedNs)
            sequences[flow] += UInt64(sent)
            if accounts.ledger.sent == 0 { firstSentNs = now }
            accounts.ledger.sent += sent
            lastSentNs = now
            accounts.largestBurst = max(accounts.largestBurst, sent)
            // The new socket's buffer is full.
            accounts.ledger.skipped += count - sent
            statistics.recordSkipped(count - sent, dueNs: intendedNs)
            return
        }
        let errno = SystemErrno(rawValue: Int32(-result))
        for _ in 0..<count where accounts.add(errno) { otherErrors.add(errno) }
    }
}

/// The real kernel of an ephemeral-port sender.
package struct LinuxHitAndRunKernel: HitAndRunKernel, ~Copyable {
    private let target: SocketAddress
    private let elsewhere: RawAddresses
    private let elsewhereBytes: Int
    private let how: SendOptions

    /// Finds the route to `target`.
    /// - Throws: If a socket is not available, an option is refused, or `target` cannot be reached.
    package init(
        target: SocketAddress, how: SendOptions = SendOptions()
    ) throws(SystemFailure) {
        self.target = target
        self.how = how
        let scout = try Self.opened(target, how)
        try scout.connect(to: target)
        // No datagram is sent there: 9 is the discard service (RFC 863).
        let address = target.with(port: target.port == 9 ? 10 : 9)
        elsewhere = RawAddresses([address])
        elsewhereBytes = address.withRaw { Int($1) }
    }

    /// Returns a socket as each burst has one.
    func opened() throws(SystemFailure) -> DatagramSocket { try Self.opened(target, how) }

    private static func opened(
        _ target: SocketAddress, _ how: SendOptions
    ) throws(SystemFailure) -> DatagramSocket {
        let socket = try DatagramSocket(family: target.family)
        try how.apply(to: socket, towards: target)
        if let bytes = how.sendBufferBytes { _ = socket.askSendBuffer(bytes: bytes) }
        return socket
    }

    /// Sends from a port that receives nothing from the beginning: the socket is connected to
    /// another address, and sends to `target` nevertheless (sendto(2) with an address). So every
    /// answer causes a reset, even one that arrives before the port is closed.
    package mutating func strike(_ batch: borrowing SendBatch, count: Int) -> Int {
        do throws(SystemFailure) {
            let socket = try opened()
            if let errno = socket.connect(toRaw: elsewhere[0], bytes: elsewhereBytes) {
                return -Int(errno.rawValue)
            }
            var sent = 0
            while sent < count {
                let result = batch.send(on: socket.descriptor, from: sent, count: count - sent)
                guard result > 0 else { return sent > 0 ? sent : result }
                sent += result
            }
            return sent
        } catch {
            return -Int(error.errno.rawValue)
        }
    }

    package mutating func sleep(ns: Int64) { DataThread.sleep(ns: ns) }
}
