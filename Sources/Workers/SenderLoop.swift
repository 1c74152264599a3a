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
    /// A wall clock that has moved more against the monotonic one was stepped, not slewed.
    static var wallClockStepNs: Int64 { 5_000_000 }
    static var singlesPerCall: Int { 64 }
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
    /// Messages of `segments` probes each, all probes one behind the other.
    let outgoing: SendBatch
    /// Messages of one probe each, for when a super-packet is refused.
    let singles: SendBatch
    let incoming: ReceiveBatch
    /// Probes per message: 1 from the start, or since a super-packet was refused.
    var segments: Int
    /// Wall time less monotonic time, for the kernel's timestamps; read anew with the live
    /// figures, so that a wall clock that is stepped cannot move a delay for long.
    var kernelAnchorNs: Int64
    /// From the kernel's receive time to this loop's.
    var stackDelays = DelayHistogram()
    var wallClockStepped = false
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
                    capacity: phase.isOneWay ? 64 : phase.windowCapacity, firstSequence: phase.firstSequence,
                    timeoutNs: phase.timeoutNs, hasIntendedTimes: isPaced))
        }
        segments = phase.segments
        kernelAnchorNs = layout.anchorNs
        outgoing = SendBatch(
            slots: phase.batch, slotBytes: phase.payloadBytes * phase.segments)
        singles = SendBatch(
            slots: phase.segments > 1 ? Self.singlesPerCall : 1, slotBytes: phase.payloadBytes)
        // One octet more than a probe, so that a longer answer is seen to be longer; coalesced
        // messages have up to 64 KiB.
        incoming = ReceiveBatch(
            slots: phase.receiveBatch,
            slotBytes: phase.coalesces ? 1 << 16 : phase.payloadBytes + 1, withAddresses: false,
            withControl: phase.coalesces || phase.usesKernelTimestamps)
        template = .allocate(byteCount: phase.payloadBytes, alignment: 8)
        layout.prepare(template)
        for index in 0..<phase.batch * phase.segments {
            layout.prepare(outgoing.octets + index * phase.payloadBytes)
        }
        for index in 0..<singles.slots { layout.prepare(singles.slot(index)) }
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

/// What a datagram's content says of it.
enum ContentVerdict {
    case ours, short, truncated, otherRun, corrupt
}

// MARK: - Sending

extension SenderLoop where Kernel: ~Copyable {
    private mutating func sendPaced(_ kernel: inout Kernel, streamPps: Double) {
        let slots = phase.slots ?? 0
        let burstSlots = phase.flows * phase.maxBurst
        var sendsInARow = 0
        var slot = 0
        var flow = 0
        while slot < slots, fault == nil {
            if control.isStopping { return }
            let due = phase.dueNs(slot, streamPps: streamPps)
            var now = clock.nowNs()
            if now < due || sendsInARow >= Self.sendsBetweenReceives {
                sendsInARow = 0
                serve(&kernel, nowNs: now, untilNs: due)
                now = clock.nowNs()
                if now < due { continue }
            }
            accounts.scheduled += 1
            // A slot whose flow has `maxBurst` later ones due as well has been missed: to send
            // it now would be a burst that the plan does not allow.
            let isMissed = now >= phase.dueNs(slot + burstSlots, streamPps: streamPps)
            if isMissed || !hasRoom(flow: flow, count: 1, nowNs: now) {
                accounts.skipped += 1
            } else {
                send(&kernel, flow: flow, count: 1, intendedNs: due)
                sendsInARow += 1
            }
            slot += 1
            flow = flow + 1 == phase.flows ? 0 : flow + 1
        }
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
                let most = probesPerCall
                let room = window.map { $0 - windows[flow].outstanding } ?? most
                // A batch at a time: a window that opens by one would cost a call per datagram.
                guard room >= min(most, max(1, (window ?? .max) / 4)) else { continue }
                let count = min(room, most, left)
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
        while left > 0, fault == nil {
            let wanted = min(left, probesPerCall)
            let stamp = write(flow: flow, count: wanted)
            let result = submit(&kernel, flow: flow, count: wanted)
            if result > 0 {
                took(result, flow: flow, stampNs: stamp, intendedNs: intendedNs)
                accounts.largestBurst = max(accounts.largestBurst, count)
                if result < wanted { drainErrors(&kernel, flow: flow) }
                left -= result
                wasRefused = false
                backOffNs = 0
                continue
            }
            let errno = SystemErrno(rawValue: Int32(-result))
            if errno == .tryAgain || result == 0 {
                // The socket's own buffer is full: slots that pass meanwhile are skipped.
                kernel.waitWritable(flow: flow, timeoutNs: Self.longestWaitNs)
                if control.isStopping {
                    accounts.skipped += left
                    return
                }
            } else if segments > 1, Self.refusesSuperPackets(errno) {
                // Nothing of the message left: the same probes go singly, from now on.
                segments = 1
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

    /// EIO without checksum offload on the device, EINVAL for too many segments or none, EMSGSIZE
    /// past 64 KiB or past the path MTU (udp(7), net/ipv4/udp.c).
    private static func refusesSuperPackets(_ errno: SystemErrno) -> Bool {
        errno == .inputOutput || errno == .invalidArgument || errno == .messageTooLong
    }

    private var isSingle: Bool { segments < phase.segments }

    private var probesPerCall: Int {
        isSingle ? singles.slots : phase.batch * phase.segments
    }

    /// Hands the first `count` probes of the batch to the kernel.
    /// - Returns: How many probes it took, or -errno.
    @inline(__always)
    private mutating func submit(_ kernel: inout Kernel, flow: Int, count: Int) -> Int {
        if phase.segments == 1 { return kernel.send(flow: flow, outgoing, from: 0, count: count) }
        if isSingle { return kernel.send(flow: flow, singles, from: 0, count: count) }
        let messages = (count + segments - 1) / segments
        let last = count - (messages - 1) * segments
        let bytes = phase.payloadBytes
        outgoing.setLength(from: messages - 1, count: 1, bytes: last * bytes)
        let taken = kernel.send(flow: flow, outgoing, from: 0, count: messages)
        outgoing.setLength(from: messages - 1, count: 1, bytes: segments * bytes)
        return taken < 0 ? taken : min(taken * segments, count)
    }

    /// Fills the first `count` slots with the next probes of `flow`.
    /// - Returns: The timestamp of the first; the others follow one nanosecond apart.
    @inline(__always)
    private mutating func write(flow: Int, count: Int) -> Int64 {
        let stamp = max(clock.nowNs(), lastStampNs &+ 1)
        lastStampNs = stamp &+ Int64(count) &- 1
        let sequence = sequences[flow]
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        layout.writeRun(
            isSingle ? singles.octets : outgoing.octets, count: count, session: session,
            sequence: sequence, sentNs: stamp)
        return stamp
    }

    @inline(__always)
    private mutating func took(_ count: Int, flow: Int, stampNs: Int64, intendedNs: Int64) {
        if let log {
            let sequence = sequences[flow]
            for index in 0..<count {
                log.add(
                    sequence: sequence &+ UInt64(truncatingIfNeeded: index),
                    timeNs: stampNs &+ Int64(index), flow: phase.firstFlow + flow, bytes: phase.payloadBytes,
                    isReceived: false)
            }
        }
        if phase.isOneWay {
            // The sink keeps the figures; here only the sequence goes on.
            statistics.recordSent(count: count, sentNs: stampNs, intendedNs: intendedNs)
        } else {
            windows[flow].recordSent(
                count: count, sentNs: stampNs, stampStepNs: 1, intendedNs: intendedNs,
                into: &statistics)
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

    /// Waits for at most `waitNs` and takes in what the ready flows have.
    private mutating func look(_ kernel: inout Kernel, waitNs: Int64) {
        let ready = kernel.wait(timeoutNs: waitNs)
        for index in 0..<ready {
            let flow = kernel.readyFlow(index)
            if kernel.readyHasError(index) { drainErrors(&kernel, flow: flow) }
            receive(&kernel, flow: flow)
        }
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

    private mutating func receive(_ kernel: inout Kernel, flow: Int) {
        for _ in 0..<Self.receivesInTurn {
            let count = kernel.receive(flow: flow, incoming)
            if count < 0, SystemErrno(rawValue: Int32(-count)) != .tryAgain {
                drainErrors(&kernel, flow: flow)
            }
            guard count > 0 else { return }
            let now = clock.nowNs()
            for index in 0..<count { took(message: index, flow: flow, nowNs: now) }
            if count < incoming.slots { return }
        }
    }

    @inline(__always)
    private mutating func took(message index: Int, flow: Int, nowNs: Int64) {
        let first = UnsafeRawPointer(incoming.slot(index))
        let length = incoming.length(index)
        let arrivedNs = phase.usesKernelTimestamps ? arrival(index, nowNs: nowNs) : nowNs
        let bytes = incoming.segmentBytes(index)
        if length <= bytes {
            let isTruncated = incoming.isTruncated(index)
            took(first, length: length, isTruncated: isTruncated, flow: flow, atNs: arrivedNs)
            return
        }
        if bytes == phase.payloadBytes, length % bytes == 0,
            tookRun(first, count: length / bytes, flow: flow, atNs: arrivedNs)
        {
            return
        }
        for offset in stride(from: 0, to: length, by: bytes) {
            took(
                first + offset, length: min(bytes, length - offset), isTruncated: false,
                flow: flow, atNs: arrivedNs)
        }
    }

    /// When the kernel received the message, in monotonic time.
    @inline(__always)
    private mutating func arrival(_ index: Int, nowNs: Int64) -> Int64 {
        let kernelNs = incoming.kernelNs(index)
        guard kernelNs != 0 else { return nowNs }
        let arrivedNs = min(nowNs, kernelNs &- kernelAnchorNs)
        stackDelays.record(nowNs &- arrivedNs)
        return arrivedNs
    }

    /// Takes a whole coalesced message at once when it is a run of consecutive, unaltered probes.
    @inline(__always)
    private mutating func tookRun(
        _ first: UnsafeRawPointer, count: Int, flow: Int, atNs: Int64
    ) -> Bool {
        guard log == nil, layout.isRun(first, count: count, wholePayload: true) else {
            return false
        }
        guard
            verdict(first, length: phase.payloadBytes, isTruncated: false, flow: flow) == .ours
        else {
            // What is wrong with the first is wrong with all, and counted one by one.
            return false
        }
        let arrivals = windows[flow].recordArrivals(
            wireSequence: ProbeLayout.sequence(first), count: count,
            stampNs: ProbeLayout.sentNs(first, anchorNs: layout.anchorNs), stampStepNs: 1,
            receivedNs: atNs, into: &statistics)
        let firstCopies = arrivals.inTime + arrivals.late
        if firstCopies > 0 { answered(firstCopies, atNs: atNs) }
        if firstCopies < count {
            accounts.rejected.fromFuture += arrivals.fromFuture
            accounts.rejected.beyondWindow += arrivals.beyondWindow
            accounts.rejected.corrupt += arrivals.corrupt
            accounts.rejected.impossible += arrivals.impossible
        }
        return true
    }

    @inline(__always)
    private mutating func answered(_ count: Int, atNs: Int64) {
        if answered == 0 { firstReceivedNs = atNs }
        answered += count
        lastReceivedNs = atNs
    }

    @inline(__always)
    private mutating func took(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, flow: Int, atNs: Int64
    ) {
        guard isOurs(slot, length: length, isTruncated: isTruncated, flow: flow) else { return }
        let sequence = ProbeLayout.sequence(slot)
        let arrival = windows[flow].recordArrival(
            wireSequence: sequence,
            stampNs: ProbeLayout.sentNs(slot, anchorNs: layout.anchorNs), receivedNs: atNs,
            into: &statistics)
        switch arrival {
        case .inTime, .late:
            answered(1, atNs: atNs)
            logArrival(sequence, flow: flow, nowNs: atNs)
        case .duplicate: logArrival(sequence, flow: flow, nowNs: atNs)
        case .fromFuture: accounts.rejected.fromFuture += 1
        case .beyondWindow: accounts.rejected.beyondWindow += 1
        case .corrupt: accounts.rejected.corrupt += 1
        case .impossible: accounts.rejected.impossible += 1
        }
    }

    /// Whether the datagram is a probe of this run and flow that came back unaltered; what is
    /// not is counted by its reason and changes nothing else.
    @inline(__always)
    private mutating func isOurs(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, flow: Int
    ) -> Bool {
        switch verdict(slot, length: length, isTruncated: isTruncated, flow: flow) {
        case .ours: return true
        case .truncated: accounts.rejected.truncated += 1
        case .short: accounts.rejected.short += 1
        case .otherRun: accounts.rejected.runId += 1
        case .corrupt: accounts.rejected.corrupt += 1
        }
        return false
    }

    @inline(__always)
    private func verdict(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, flow: Int
    ) -> ContentVerdict {
        if isTruncated || length > phase.payloadBytes { return .truncated }
        if length < phase.payloadBytes { return .short }
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        let isOfRun = !layout.hasRunID || ProbeLayout.runID(slot) == layout.runID
        guard isOfRun, ProbeLayout.session(slot) == session else { return .otherRun }
        guard layout.constantFieldsAgree(slot, template), highSequenceAgrees(slot, flow: flow)
        else { return .corrupt }
        return .ours
    }

    @inline(__always)
    private func highSequenceAgrees(_ slot: UnsafeRawPointer, flow: Int) -> Bool {
        guard let high = layout.highSequence(slot) else { return true }
        let full = unwrapped(ProbeLayout.sequence(slot), flow: flow)
        return high == UInt32(truncatingIfNeeded: full >> 32)
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
            sequence: unwrapped(wire, flow: flow), timeNs: nowNs,
            flow: phase.firstFlow + flow,
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
        guard phase.usesKernelTimestamps else { return }
        let anchorNs = WallTime.anchorNs(clock: clock)
        if abs(anchorNs - kernelAnchorNs) > Self.wallClockStepNs { wallClockStepped = true }
        kernelAnchorNs = anchorNs
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
            guard now < min(untilNs, limitNs) else { return }
            if phase.endsWithLastAnswer, answered == accounts.sent { return }
            serve(&kernel, nowNs: now, untilNs: min(untilNs, limitNs))
        }
    }

    private mutating func stopDeadline(_ now: Int64) -> Int64 {
        let limit = control.drainLimitNs
        if stoppedNs == .max { stoppedNs = now }
        return limit == .max ? .max : stoppedNs + limit
    }
}
