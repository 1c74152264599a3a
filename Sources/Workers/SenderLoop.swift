import Datagrams
import Glibc
import Metrics

/// Sends the probes of one stream and takes in their echoes: one thread, all flows.
///
/// Generic over its kernel and its clock, so that the simulation runs this very loop. Nothing is
/// allocated between `init` and the end of `run`.
package struct SenderLoop<Kernel: DatagramKernel & ~Copyable, Clock: MonotonicClock>: ~Copyable {
    /// Echoes are looked for at least this often while there is always something to send.
    static var sendsBetweenReceives: Int { 16 }
    /// Most receive calls on one flow before another has its turn.
    static var receivesInTurn: Int { 4 }
    /// Longest wait in one go: how soon a stop is noticed.
    static var longestWaitNs: Int64 { 50_000_000 }
    /// A closed loop that hears nothing for so long takes what is outstanding for lost.
    static var stallNs: Int64 { 100_000_000 }
    static var firstBackOffNs: Int64 { 50_000 }
    static var longestBackOffNs: Int64 { 5_000_000 }
    /// Turns over all flows that a last look takes: more than socket buffers hold.
    static var lastLooksLimit: Int { 4_096 }
    static var liveEveryNs: Int64 { 250_000_000 }

    let phase: SenderPhase
    let layout: ProbeLayout
    let clock: Clock
    let control: LoopControl
    let log: DatagramLog?
    let windows: UnsafeMutablePointer<ProbeWindow>
    /// The next sequence number of each flow.
    let sequences: UnsafeMutablePointer<UInt64>
    var statistics: StreamStatistics
    var accounts = SendAccounts()
    var otherErrors = ErrnoCounts()
    let outgoing: SendBatch
    let incoming: ReceiveBatch
    let template: UnsafeMutableRawPointer
    var lastStampNs: Int64 = .min
    var firstSentNs: Int64 = 0
    var lastSentNs: Int64 = 0
    var firstReceivedNs: Int64 = 0
    var lastReceivedNs: Int64 = 0
    var answered = 0
    var backOffNs: Int64 = 0
    var nextLiveNs: Int64
    var stoppedNs: Int64 = .max
    var fault: LoopFault?

    package init(
        phase: SenderPhase, layout: ProbeLayout, clock: Clock, control: LoopControl,
        log: DatagramLog?
    ) {
        self.phase = phase
        self.layout = layout
        self.clock = clock
        self.control = control
        self.log = log
        statistics = StreamStatistics(configuration: phase.statistics)
        windows = .allocate(capacity: phase.flows)
        sequences = .allocate(capacity: phase.flows)
        sequences.initialize(repeating: phase.firstSequence, count: phase.flows)
        let isPaced = if case .paced = phase.rate { true } else { false }
        for flow in 0..<phase.flows {
            (windows + flow).initialize(
                to: ProbeWindow(
                    capacity: phase.isOneWay ? 64 : phase.windowCapacity,
                    firstSequence: phase.firstSequence, timeoutNs: phase.timeoutNs,
                    hasIntendedTimes: isPaced))
        }
        outgoing = SendBatch(slots: phase.batch, slotBytes: phase.payloadBytes)
        // One octet more than a probe, so that a longer answer is seen to be longer.
        incoming = ReceiveBatch(
            slots: phase.batch, slotBytes: phase.payloadBytes + 1, withAddresses: false,
            withControl: false)
        template = .allocate(byteCount: phase.payloadBytes, alignment: 8)
        layout.prepare(template)
        for index in 0..<phase.batch { layout.prepare(outgoing.slot(index)) }
        nextLiveNs = phase.startNs
    }

    deinit {
        windows.deinitialize(count: phase.flows)
        windows.deallocate()
        sequences.deallocate()
        template.deallocate()
    }

    /// Runs the phase to its end: sends, drains, settles every probe.
    package mutating func run(_ kernel: inout Kernel) {
        waitForStart(&kernel)
        switch phase.rate {
        case .paced(let streamPps): sendPaced(&kernel, streamPps: streamPps)
        case .max(let window): sendAtMost(&kernel, window: window)
        }
        drain(&kernel)
        for flow in 0..<phase.flows { windows[flow].close(into: &statistics) }
    }

    private mutating func waitForStart(_ kernel: inout Kernel) {
        while !control.isStopping {
            let now = clock.nowNs()
            guard now < phase.startNs else { return }
            serve(&kernel, nowNs: now, untilNs: phase.startNs)
        }
    }
}

/// A fault after which a loop cannot go on.
package enum LoopFault: Error, Sendable, Equatable {
    /// The very first datagram was too long for the path.
    case payloadTooLong(bytes: Int)
    /// A call failed as only a fault of udplab's own makes it fail.
    case ownFault(SystemErrno)
}

// MARK: - Sending

extension SenderLoop where Kernel: ~Copyable {
    private mutating func sendPaced(_ kernel: inout Kernel, streamPps: Double) {
        let slots = phase.slots ?? 0
        var sendsInARow = 0
        var slot = 0
        while slot < slots, fault == nil {
            if control.isStopping { return }
            var due = phase.dueNs(slot, streamPps: streamPps)
            var now = clock.nowNs()
            if now < due || sendsInARow >= Self.sendsBetweenReceives {
                sendsInARow = 0
                serve(&kernel, nowNs: now, untilNs: due)
                now = clock.nowNs()
                if now < due { continue }
            }
            let missed = missedSlots(from: slot, of: slots, nowNs: now, streamPps: streamPps)
            if missed > 0 {
                accounts.scheduled += missed
                accounts.skipped += missed
                slot += missed
                guard slot < slots else { return }
                due = phase.dueNs(slot, streamPps: streamPps)
            }
            let flow = slot % phase.flows
            accounts.scheduled += 1
            if hasRoom(flow: flow, count: 1, nowNs: now) {
                send(&kernel, flow: flow, count: 1, intendedNs: due)
                sendsInARow += 1
            } else {
                accounts.skipped += 1
            }
            slot += 1
        }
    }

    /// How many slots from `slot` on have been missed: those whose flow has `maxBurst` later ones
    /// due as well. To send them now would be a burst that the plan does not allow.
    ///
    /// All are counted at once: one by one, a schedule that is faster than this loop would never
    /// be caught up with, and nothing would be sent at all.
    @inline(__always)
    private func missedSlots(
        from slot: Int, of slots: Int, nowNs: Int64, streamPps: Double
    ) -> Int {
        let burstSlots = phase.flows * phase.maxBurst
        guard nowNs >= phase.dueNs(slot + burstSlots, streamPps: streamPps) else { return 0 }
        let last = phase.lastSlot(dueAtNs: nowNs, streamPps: streamPps) - burstSlots
        return min(slots, max(slot, last) + 1) - slot
    }

    private mutating func sendAtMost(_ kernel: inout Kernel, window: Int?) {
        var left = phase.countLimit ?? .max
        let endNs = phase.durationNs.map { phase.startNs + $0 } ?? .max
        var lastProgressNs = clock.nowNs()
        while left > 0, fault == nil, !control.isStopping {
            let now = clock.nowNs()
            guard now < endNs else { return }
            var progressed = false
            for flow in 0..<phase.flows where left > 0 && fault == nil {
                let room = window.map { $0 - windows[flow].outstanding } ?? phase.batch
                // A batch at a time: a window that opens by one would cost a call per datagram.
                guard room >= min(phase.batch, max(1, (window ?? .max) / 4)) else { continue }
                let count = min(room, phase.batch, left)
                if hasRoom(flow: flow, count: count, nowNs: now) {
                    accounts.scheduled += count
                    left -= count
                    send(&kernel, flow: flow, count: count, intendedNs: now)
                    progressed = true
                }
            }
            let answeredBefore = answered
            if !phase.isOneWay || !progressed {
                serve(&kernel, nowNs: now, untilNs: progressed ? 0 : now + Self.longestWaitNs)
            }
            if progressed || answered != answeredBefore {
                lastProgressNs = now
            } else if now - lastProgressNs > Self.stallNs {
                for flow in 0..<phase.flows { windows[flow].assumeLost() }
                lastProgressNs = now
            }
            if now >= nextLiveNs { publish(now) }
        }
    }

    /// Whether the next probes displace none from the sequence window that may yet be answered.
    @inline(__always)
    private func hasRoom(flow: Int, count: Int, nowNs: Int64) -> Bool {
        phase.isOneWay || windows[flow].hasRoom(for: count, nowNs: nowNs)
    }

    /// Sends `count` consecutive probes of `flow`; every one of them ends in an account.
    private mutating func send(
        _ kernel: inout Kernel, flow: Int, count: Int, intendedNs: Int64
    ) {
        var left = count
        var wasRefused = false
        // What a stop or a fault leaves unsent was not reached in time.
        defer { accounts.skipped += left }
        while left > 0, fault == nil {
            let stamp = write(flow: flow, count: left)
            let result = kernel.send(flow: flow, outgoing, from: 0, count: left)
            if result > 0 {
                took(result, flow: flow, stampNs: stamp, intendedNs: intendedNs)
                accounts.largestBurst = max(accounts.largestBurst, count)
                if result < left { drainErrors(&kernel, flow: flow) }
                left -= result
                wasRefused = false
                backOffNs = 0
                continue
            }
            let errno = SystemErrno(rawValue: Int32(-result))
            if errno == .tryAgain || result == 0 {
                // The socket's own buffer is full: slots that pass meanwhile are skipped.
                kernel.waitWritable(flow: flow, timeoutNs: Self.longestWaitNs)
                if control.isStopping { return }
            } else if errno == .connectionRefused, !wasRefused {
                // The error is about an earlier datagram and this one did not leave.
                drainErrors(&kernel, flow: flow)
                accounts.retried += 1
                wasRefused = true
            } else {
                account(errno, isFirst: accounts.sent == 0)
                if errno == .connectionRefused { drainErrors(&kernel, flow: flow) }
                left -= 1
                wasRefused = false
                if errno == .noBuffers { backOff(&kernel) }
            }
        }
    }

    /// Fills the first `count` slots with the next probes of `flow`.
    /// - Returns: The timestamp of the first; the others follow one nanosecond apart.
    @inline(__always)
    private mutating func write(flow: Int, count: Int) -> Int64 {
        let stamp = max(clock.nowNs(), lastStampNs &+ 1)
        lastStampNs = stamp &+ Int64(count) &- 1
        let sequence = sequences[flow]
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        for index in 0..<count {
            layout.write(
                outgoing.slot(index), session: session,
                sequence: sequence &+ UInt64(truncatingIfNeeded: index),
                sentNs: stamp &+ Int64(index))
        }
        return stamp
    }

    @inline(__always)
    private mutating func took(_ count: Int, flow: Int, stampNs: Int64, intendedNs: Int64) {
        if let log {
            let sequence = sequences[flow]
            for index in 0..<count {
                log.add(
                    sequence: sequence &+ UInt64(truncatingIfNeeded: index),
                    timeNs: stampNs &+ Int64(index), flow: flow, bytes: phase.payloadBytes,
                    isReceived: false)
            }
        }
        if phase.isOneWay {
            // The sink keeps the figures; here only the sequence goes on.
            statistics.recordSent(count: count, sentNs: stampNs, intendedNs: intendedNs)
        } else {
            for index in 0..<count {
                windows[flow].recordSent(
                    count: 1, sentNs: stampNs &+ Int64(index), intendedNs: intendedNs,
                    into: &statistics)
            }
        }
        sequences[flow] &+= UInt64(truncatingIfNeeded: count)
        if accounts.sent == 0 { firstSentNs = stampNs }
        accounts.sent += count
        lastSentNs = stampNs &+ Int64(count) &- 1
    }

    private mutating func account(_ errno: SystemErrno, isFirst: Bool) {
        switch errno {
        case .connectionRefused: accounts.refused += 1
        case .noBuffers: accounts.localQueue += 1
        case .notPermitted: accounts.localFirewall += 1
        case .messageTooLong:
            accounts.tooBig += 1
            if isFirst { fault = .payloadTooLong(bytes: phase.payloadBytes) }
        case .badDescriptor, .badAddress:
            accounts.otherError += 1
            otherErrors.add(errno)
            fault = .ownFault(errno)
        default:
            accounts.otherError += 1
            otherErrors.add(errno)
        }
    }

    /// The local queue is full: gives it time to empty, doubling while it stays full.
    private mutating func backOff(_ kernel: inout Kernel) {
        backOffNs = min(max(backOffNs * 2, Self.firstBackOffNs), Self.longestBackOffNs)
        let untilNs = clock.nowNs() + backOffNs
        while !control.isStopping {
            let now = clock.nowNs()
            guard now < untilNs else { return }
            serve(&kernel, nowNs: now, untilNs: untilNs)
        }
    }
}

// MARK: - Receiving

extension SenderLoop where Kernel: ~Copyable {
    /// Takes in what is there; sleeps or spins while nothing is, at most until `untilNs`.
    private mutating func serve(_ kernel: inout Kernel, nowNs: Int64, untilNs: Int64) {
        if nowNs >= nextLiveNs { publish(nowNs) }
        let left = untilNs - nowNs
        let sleepNs = min(max(0, left - phase.spinNs), Self.longestWaitNs)
        if sleepNs > 0 || left <= 0 {
            look(&kernel, waitNs: sleepNs)
            return
        }
        spin(&kernel, untilNs: untilNs)
    }

    /// Waits for at most `waitNs` and takes in what the ready flows have: how many datagrams.
    @discardableResult
    private mutating func look(_ kernel: inout Kernel, waitNs: Int64) -> Int {
        let ready = kernel.wait(timeoutNs: waitNs)
        var taken = 0
        for index in 0..<ready {
            let flow = kernel.readyFlow(index)
            if kernel.readyHasError(index) { drainErrors(&kernel, flow: flow) }
            taken += receive(&kernel, flow: flow)
        }
        return taken
    }

    /// The last stretch before a deadline: the clock, and the queues while there is time.
    private mutating func spin(_ kernel: inout Kernel, untilNs: Int64) {
        let lookWhileNs: Int64 = 4_000  // a look at an empty queue and back costs less
        while true {
            let now = clock.nowNs()
            if now >= untilNs { return }
            guard untilNs - now > lookWhileNs else { continue }
            look(&kernel, waitNs: 0)
        }
    }

    private mutating func receive(_ kernel: inout Kernel, flow: Int) -> Int {
        var taken = 0
        for _ in 0..<Self.receivesInTurn {
            let count = kernel.receive(flow: flow, incoming)
            if count < 0, SystemErrno(rawValue: Int32(-count)) != .tryAgain {
                // The error was about a datagram that left; what came in is behind it.
                drainErrors(&kernel, flow: flow)
                continue
            }
            guard count > 0 else { return taken }
            let now = clock.nowNs()
            for index in 0..<count { took(in: index, flow: flow, nowNs: now) }
            taken += count
            if count < incoming.slots { return taken }
        }
        return taken
    }

    @inline(__always)
    private mutating func took(in index: Int, flow: Int, nowNs: Int64) {
        let slot = UnsafeRawPointer(incoming.slot(index))
        guard isOurs(slot, index: index, flow: flow) else { return }
        let sequence = ProbeLayout.sequence(slot)
        let arrival = windows[flow].recordArrival(
            wireSequence: sequence,
            stampNs: ProbeLayout.sentNs(slot, anchorNs: layout.anchorNs), receivedNs: nowNs,
            into: &statistics)
        switch arrival {
        case .inTime, .late:
            if answered == 0 { firstReceivedNs = nowNs }
            answered += 1
            lastReceivedNs = nowNs
            logArrival(sequence, flow: flow, nowNs: nowNs)
        case .duplicate: logArrival(sequence, flow: flow, nowNs: nowNs)
        case .fromFuture: accounts.rejected.fromFuture += 1
        case .beyondWindow: accounts.rejected.beyondWindow += 1
        case .corrupt: accounts.rejected.corrupt += 1
        case .impossible: accounts.rejected.impossible += 1
        }
    }

    /// Whether the datagram is a probe of this run and flow that came back unaltered; what is
    /// not is counted by its reason and changes nothing else.
    @inline(__always)
    private mutating func isOurs(_ slot: UnsafeRawPointer, index: Int, flow: Int) -> Bool {
        if incoming.isTruncated(index) || incoming.length(index) > phase.payloadBytes {
            accounts.rejected.truncated += 1
            return false
        }
        if incoming.length(index) < phase.payloadBytes {
            accounts.rejected.short += 1
            return false
        }
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        let isOfRun = !layout.hasRunID || ProbeLayout.runID(slot) == layout.runID
        guard isOfRun, ProbeLayout.session(slot) == session else {
            accounts.rejected.runId += 1
            return false
        }
        guard layout.constantFieldsAgree(slot, template) else {
            accounts.rejected.corrupt += 1
            return false
        }
        return highSequenceAgrees(slot, flow: flow)
    }

    @inline(__always)
    private mutating func highSequenceAgrees(_ slot: UnsafeRawPointer, flow: Int) -> Bool {
        guard let high = layout.highSequence(slot) else { return true }
        let low = ProbeLayout.sequence(slot)
        let full = UInt64(high) << 32 | UInt64(low)
        if full == unwrapped(low, flow: flow) { return true }
        if full >= sequences[flow] {
            accounts.rejected.fromFuture += 1
        } else {
            accounts.rejected.corrupt += 1
        }
        return false
    }

    /// The 64-bit sequence number nearest to the next one that has these low 32 bits.
    @inline(__always)
    private func unwrapped(_ wire: UInt32, flow: Int) -> UInt64 {
        let next = sequences[flow]
        let distance = Int32(bitPattern: wire &- UInt32(truncatingIfNeeded: next))
        return next &+ UInt64(bitPattern: Int64(distance))
    }

    private func logArrival(_ wire: UInt32, flow: Int, nowNs: Int64) {
        guard let log else { return }
        log.add(
            sequence: unwrapped(wire, flow: flow), timeNs: nowNs, flow: flow,
            bytes: phase.payloadBytes, isReceived: true)
    }

    /// Empties the error queue of `flow`: which errors, and about which datagrams.
    private mutating func drainErrors(_ kernel: inout Kernel, flow: Int) {
        while let error = kernel.nextError(flow: flow) {
            guard error.isICMP, error.errno == .connectionRefused else { continue }
            accounts.resetsSeen += 1
            if !error.isAttributed { accounts.resetsUnattributed += 1 }
        }
    }

    private mutating func publish(_ now: Int64) {
        nextLiveNs = now + Self.liveEveryNs
        control.publish(statistics.intervalSnapshot())
    }

    /// Waits for answers after the last probe: the timeout, less when nothing can come any more
    /// or when a stop allows less.
    private mutating func drain(_ kernel: inout Kernel) {
        guard !phase.isOneWay, accounts.sent > 0, fault == nil else { return }
        let untilNs = lastSentNs + phase.timeoutNs
        while true {
            let now = clock.nowNs()
            let limitNs = control.isStopping ? stopDeadline(now) : .max
            guard now < min(untilNs, limitNs) else { return takeRest(&kernel) }
            if phase.endsWithLastAnswer, answered == accounts.sent { return }
            serve(&kernel, nowNs: now, untilNs: min(untilNs, limitNs))
        }
    }

    /// A last look: what the sockets hold by now has arrived, and is no loss of the network
    /// because this thread was away when its time came.
    private mutating func takeRest(_ kernel: inout Kernel) {
        for _ in 0..<Self.lastLooksLimit where look(&kernel, waitNs: 0) == 0 { return }
    }

    private mutating func stopDeadline(_ now: Int64) -> Int64 {
        let limit = control.drainLimitNs
        if stoppedNs == .max { stoppedNs = now }
        return limit == .max ? .max : stoppedNs + limit
    }
}
