import Datagrams
import Glibc
import Metrics

extension SenderLoop where Kernel: ~Copyable {
    mutating func sendPaced(_ kernel: inout Kernel, streamPps: Double) {
        var slots = phase.slots ?? 0
        var streamPps = streamPps
        var stepNs = Int64(1e9 / streamPps)
        var times = phase.times(streamPps: streamPps)
        var slot = 0
        var orders = 0
        while slot < slots, fault == nil {
            let latest = control.orders
            if latest != orders {
                if control.isStopping { return }
                orders = latest
                guard phase.isAdjusted else { continue }
                streamPps = control.orderedPps * Double(phase.flows)
                stepNs = Int64(1e9 / streamPps)
                slots = follow(&times, from: slot, streamPps: streamPps)
                continue
            }
            var due = times.dueNs(slot)
            guard due < .max else { return }
            var now = clock.nowNs()
            stalls.look(atNs: now)
            if sendsSinceLook >= Self.sendsBetweenReceives {
                serve(&kernel, nowNs: now, untilNs: now)
                now = clock.nowNs()
            }
            if now < due {
                serve(&kernel, nowNs: now, untilNs: due)
                now = clock.nowNs()
                if now < due { continue }
            }
            let missed = missedSlots(from: slot, of: slots, nowNs: now, &times)
            if missed > 0 {
                accounts.ledger.scheduled += missed
                slot += missed
                let next = slot < slots ? times.dueNs(slot) : .max
                let stepNs =
                    isUniform || next == .max
                    ? 1e9 / streamPps : Double(next - due) / Double(missed)
                skipped(missed, dueNs: due, stepNs: stepNs)
                guard next < .max else { return }
                due = next
            }
            let flow = times.flow(of: slot)
            let count = dueTogether(slot, of: slots, nowNs: now, &times)
            accounts.ledger.scheduled += count
            if haltedFlows > 0, isHalted(flow, nowNs: now) {
                refused(count, atNs: now)
            } else if hasRoom(flow: flow, count: count, nowNs: now) {
                send(
                    &kernel, flow: flow, count: count, intendedNs: due,
                    stepNs: isUniform ? stepNs : 0)
                sendsSinceLook += 1
                let burst = overdue(slot, nowNs: now, &times)
                accounts.largestBurst = max(accounts.largestBurst, burst)
            } else if phase.isOneAtATime {
                accounts.ledger.waiting += count
            } else {
                skipped(count, dueNs: due, stepNs: isUniform ? 1e9 / streamPps : 0)
            }
            slot += count
        }
    }

    /// Continues at another rate from `slot` on.
    /// - Returns: The number of slots until the end of the phase.
    private func follow(_ times: inout SlotTimes, from slot: Int, streamPps: Double) -> Int {
        times.change(from: slot, toStreamPps: streamPps, nowNs: clock.nowNs())
        let endNs = phase.startNs + (phase.durationNs ?? 0)
        return times.lastSlot(dueAtNs: endNs - 1) + 1
    }

    private var isUniform: Bool { phase.sender.schedule.isUniform }

    /// Returns the number of due slots from `slot` on that one call sends: more than one of a burst
    /// of the plan, or if the plan allows to make up for late ones and one flow has all slots.
    @inline(__always)
    private func dueTogether(
        _ slot: Int, of slots: Int, nowNs: Int64, _ times: inout SlotTimes
    ) -> Int {
        if phase.sender.schedule.burst > 1 {
            return min(
                times.together(with: slot), phase.batch, phase.windowCapacity, slots - slot)
        }
        guard phase.sender.maxBurst > 1, phase.flows == 1, isUniform else { return 1 }
        let due = times.lastSlot(dueAtNs: nowNs) - slot + 1
        return max(1, min(due, phase.sender.maxBurst, phase.batch, slots - slot))
    }

    /// Returns the number of slots of its flow that are due with `slot`: they are sent back to
    /// back, at most `maxBurst` bursts of the plan because `missedSlots` has removed the others.
    @inline(__always)
    private func overdue(_ slot: Int, nowNs: Int64, _ times: inout SlotTimes) -> Int {
        let burst = phase.sender.schedule.burst
        guard phase.sender.maxBurst > 1 else { return burst }
        let last = times.lastSlot(dueAtNs: nowNs)
        return burst * (1 + max(0, last - slot) / (phase.flows * burst))
    }

    /// Returns the number of missed slots from `slot` on: those whose flow has `maxBurst` later
    /// ones due as well, or bursts of the plan. To send them now would be a burst that the plan
    /// does not allow.
    ///
    /// All are counted at once: counted one by one, this loop would never catch up with a faster
    /// schedule, and would send nothing at all.
    @inline(__always)
    private func missedSlots(
        from slot: Int, of slots: Int, nowNs: Int64, _ times: inout SlotTimes
    ) -> Int {
        let burstSlots = phase.flows * phase.sender.maxBurst * phase.sender.schedule.burst
        guard times.isDue(slot + burstSlots, atNs: nowNs) else { return 0 }
        let last = times.lastSlot(dueAtNs: nowNs) - burstSlots
        return min(slots, max(slot, last) + 1) - slot
    }

    mutating func sendAtMost(_ kernel: inout Kernel, window: Int?) {
        var left = phase.countLimit ?? .max
        let endNs = phase.durationNs.map { phase.startNs + $0 } ?? .max
        var lastProgressNs = clock.nowNs()
        while left > 0, fault == nil, !control.isStopping {
            let now = clock.nowNs()
            stalls.look(atNs: now)
            guard now < endNs else { return }
            var progressed = false
            for flow in 0..<phase.flows where left > 0 && fault == nil {
                if haltedFlows > 0, isHalted(flow, nowNs: now) { continue }
                let most = probesPerCall
                let room = window.map { $0 - windows[flow].outstanding } ?? most
                // A batch at a time: a window that opens by one would cost a call per datagram.
                guard room >= min(most, max(1, (window ?? .max) / 4)) else { continue }
                let count = min(room, most, left)
                if hasRoom(flow: flow, count: count, nowNs: now) {
                    accounts.ledger.scheduled += count
                    left -= count
                    send(&kernel, flow: flow, count: count, intendedNs: now)
                    accounts.largestBurst = max(accounts.largestBurst, count)
                    progressed = true
                }
            }
            let answeredBefore = answered
            if haltedFlows == phase.flows, resumesNs == .max {
                // None of the flows sends any more.
                let unsent = phase.countLimit == nil ? 0 : left
                accounts.ledger.scheduled += unsent
                refused(unsent, atNs: now)
                return
            }
            // While a window is open answers need not be read, and later they arrive in larger
            // batches.
            if !progressed {
                let resumesNs = haltedFlows > 0 ? resumesNs : .max
                serve(&kernel, nowNs: now, untilNs: min(resumesNs, now + Self.longestWaitNs))
            }
            if progressed || answered != answeredBefore {
                lastProgressNs = now
            } else if now - lastProgressNs > phase.stallNs {
                for flow in 0..<phase.flows { windows[flow].assumeLost() }
                lastProgressNs = now
            }
            if now >= nextLiveNs { publish(now) }
        }
    }

    /// Whether the next probes replace no probe in the sequence window that may still be answered.
    @inline(__always)
    func hasRoom(flow: Int, count: Int, nowNs: Int64) -> Bool {
        phase.isOneWay || windows[flow].hasRoom(for: count, nowNs: nowNs)
    }

    /// Sends `count` consecutive probes of `flow`; every one of them ends in an account.
    mutating func send(
        _ kernel: inout Kernel, flow: Int, count: Int, intendedNs: Int64, stepNs: Int64 = 0
    ) {
        var left = count
        var wasRefused = false
        var firstTryNs = Int64.max
        // Probes left unsent by a stop or a fault missed their slots.
        defer {
            skipped(
                left, dueNs: intendedNs + Int64(count - left) * stepNs, stepNs: Double(stepNs))
        }
        while left > 0, fault == nil {
            if haltedFlows > 0, isHalted(flow, nowNs: clock.nowNs()) {
                refused(left, atNs: clock.nowNs())
                left = 0
                return
            }
            if peers.count > 1 { address(flow: flow) }
            let wanted = min(left, probesPerCall)
            let stamp = write(flow: flow, count: wanted)
            let result = submit(&kernel, flow: flow, count: wanted)
            if result > 0 {
                took(
                    result, flow: flow, stampNs: stamp,
                    intendedNs: intendedNs + Int64(count - left) * stepNs, stepNs: stepNs)
                if result < wanted { takeErrors(&kernel, flow: flow) }
                left -= result
                wasRefused = false
                backOffNs = 0
                firstTryNs = .max
                continue
            }
            let errno = SystemErrno(rawValue: Int32(-result))
            if errno == .tryAgain || result == 0 {
                if firstTryNs == .max { firstTryNs = clock.nowNs() }
                // The socket's own buffer is full: slots that pass meanwhile are skipped.
                stalls.wait(untilNs: clock.nowNs() + Self.longestWaitNs)
                kernel.waitWritable(flow: flow, timeoutNs: Self.longestWaitNs)
                let now = clock.nowNs()
                stalls.look(atNs: now)
                if control.isStopping || now &- firstTryNs >= phase.queuePatienceNs { return }
            } else if segments > 1, Self.refusesSuperPackets(errno) {
                // Nothing of the message was sent: the same probes are sent singly, from now on.
                // The option has to be removed as well: with it set, kernels before 6.10 refuse
                // even a message of one segment if the device computes no checksums (udp_send_skb).
                segments = 1
                kernel.abandonSegments()
            } else if errno == .connectionRefused {
                // The error concerns an earlier datagram, and this one was not sent.
                resets.eatenByStaleError += 1
                takeErrors(&kernel, flow: flow, after: errno)
                if !wasRefused, !flowResets[flow].isHalted {
                    accounts.retried += 1
                    wasRefused = true
                } else {
                    refused(1, atNs: clock.nowNs())
                    left -= 1
                    wasRefused = false
                }
            } else {
                account(errno)
                statistics.recordFailed(atNs: stamp)
                left -= 1
                wasRefused = false
                if errno == .noBuffers || errno == .messageTooLong && !isPaced {
                    // If one datagram of a stream is too long, so is the next.
                    backOff(&kernel)
                }
            }
        }
    }

    /// Counts slots that were not reached in time, the k-th of them due at `dueNs + k × stepNs`.
    @inline(__always)
    private mutating func skipped(_ count: Int, dueNs: Int64, stepNs: Double) {
        guard count > 0 else { return }
        accounts.ledger.skipped += count
        statistics.recordSkipped(count, dueNs: dueNs, stepNs: stepNs)
    }

    /// Counts probes that a reset kept from being sent.
    mutating func refused(_ count: Int, atNs timeNs: Int64) {
        accounts.ledger.refused += count
        statistics.recordRefused(count, atNs: timeNs)
    }

    /// Directs the next messages to the destination of the flow's part.
    mutating func address(flow: Int) {
        let part = phase.part(of: flow)
        guard part != partOfBatches else { return }
        outgoing.setDestination(phase.destinations[part])
        singles.setDestination(phase.destinations[part])
        partOfBatches = part
    }

    /// Whether an errno refuses a super-packet: EIO without checksum offload on the device, EINVAL
    /// for too many segments or none, EMSGSIZE past 64 KiB or past the path MTU (udp(7),
    /// net/ipv4/udp.c).
    private static func refusesSuperPackets(_ errno: SystemErrno) -> Bool {
        errno == .inputOutput || errno == .invalidArgument || errno == .messageTooLong
    }

    /// Whether a super-packet was refused, so that each probe is a message since then.
    var isSingle: Bool { segments < phase.segments }

    private var probesPerCall: Int {
        isSingle ? singles.slots : phase.batch * phase.segments
    }

    /// Passes the first `count` probes of the batch to the kernel.
    /// - Returns: The number of probes accepted, or -errno.
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
    /// - Returns: The timestamp of the first probe; the others follow one nanosecond apart.
    @inline(__always)
    private mutating func write(flow: Int, count: Int) -> Int64 {
        let nowNs = clock.nowNs()
        stalls.look(atNs: nowNs)
        let stamp = max(nowNs, lastStampNs &+ 1)
        lastStampNs = stamp &+ Int64(count) &- 1
        Content.write(&self, flow: flow, count: count, stampNs: stamp)
        return stamp
    }

    @inline(__always)
    private mutating func took(
        _ count: Int, flow: Int, stampNs: Int64, intendedNs: Int64, stepNs: Int64
    ) {
        if let log {
            let sequence = sequences[flow]
            for index in 0..<count {
                log.add(
                    sequence: sequence &+ UInt64(truncatingIfNeeded: index),
                    timeNs: stampNs &+ Int64(index), flow: phase.firstFlow + flow,
                    bytes: hasOneSize ? phase.payloadBytes : outgoing.length(index),
                    isReceived: false)
            }
        }
        if !hasOneSize {
            for index in 0..<count { accounts.requestBytes += outgoing.length(index) }
        }
        if phase.isOneWay {
            // The sink keeps the figures; here only the sequence number advances.
            statistics.recordSent(
                count: count, sentNs: stampNs, intendedNs: intendedNs, intendedStepNs: stepNs)
        } else {
            windows[flow].recordSent(
                count: count, sentNs: stampNs, stampStepNs: 1, intendedNs: intendedNs,
                intendedStepNs: stepNs, into: &statistics)
        }
        sequences[flow] &+= UInt64(truncatingIfNeeded: count)
        if accounts.ledger.sent == 0 { firstSentNs = stampNs }
        accounts.ledger.sent += count
        if flowsInRow > 0, phase.isOneWay { sentOneWay(flow, atNs: stampNs) }
        lastSentNs = stampNs &+ Int64(count) &- 1
    }

    /// Whether all datagrams have the size of the plan.
    private var hasOneSize: Bool { Content.areProbes && phase.sender.sizes == nil }

    private var isPaced: Bool { if case .paced = phase.rate { true } else { false } }

    private mutating func account(_ errno: SystemErrno) {
        if accounts.add(errno) { otherErrors.add(errno) }
        if errno == .badDescriptor || errno == .badAddress { fault = .ownFault(errno) }
    }

    /// Pauses, because the local queue is full or the datagram too long for the path: twice as long
    /// each time until a datagram is sent.
    private mutating func backOff(_ kernel: inout Kernel) {
        backOffNs = min(max(backOffNs * 2, Self.firstBackOffNs), Self.longestBackOffNs)
        let untilNs = clock.nowNs() + backOffNs
        while !control.isStopping, fault == nil {
            let now = clock.nowNs()
            guard now < untilNs else { return }
            serve(&kernel, nowNs: now, untilNs: untilNs)
        }
    }
}

extension SenderLoop where Kernel: ~Copyable, Content == ProbeLayout {
    @inline(__always)
    mutating func writeProbes(flow: Int, count: Int, stampNs: Int64) {
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        content.writeRun(
            isSingle ? singles.octets : outgoing.octets, count: count, session: session,
            sequence: sequences[flow], sentNs: stampNs)
        guard content.sizes != nil else { return }
        var wire = UInt32(truncatingIfNeeded: sequences[flow])
        for index in 0..<count {
            outgoing.setLength(
                from: index, count: 1, bytes: content.bytes(session: session, sequence: wire))
            wire &+= 1
        }
    }
}
