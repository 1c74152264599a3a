import Datagrams
import Glibc
import Metrics

/// The answers to probes: datagrams of this run that came back unaltered.
extension SenderLoop where Kernel: ~Copyable, Content == ProbeLayout {
    @inline(__always)
    mutating func tookProbes(message index: Int, flow: Int, atNs arrivedNs: Int64, nowNs: Int64) {
        let first = UnsafeRawPointer(incoming.slot(index))
        let length = incoming.length(index)
        let bytes = incoming.segmentBytes(index)
        if length <= bytes {
            let isTruncated = incoming.isTruncated(index)
            took(
                first, length: length, isTruncated: isTruncated, flow: flow, atNs: arrivedNs,
                nowNs: nowNs)
            return
        }
        if bytes == phase.answerBytes, length % bytes == 0,
            tookRun(first, count: length / bytes, flow: flow, atNs: arrivedNs, nowNs: nowNs)
        {
            return
        }
        for offset in stride(from: 0, to: length, by: bytes) {
            took(
                first + offset, length: min(bytes, length - offset), isTruncated: false,
                flow: flow, atNs: arrivedNs, nowNs: nowNs)
        }
    }

    /// Records a coalesced message as a whole if it is a run of consecutive, unaltered probes.
    @inline(__always)
    private mutating func tookRun(
        _ first: UnsafeRawPointer, count: Int, flow: Int, atNs: Int64, nowNs: Int64
    ) -> Bool {
        guard log == nil,
            answers.isRun(
                first, count: count,
                sequence: unwrapped(ProbeLayout.sequence(first), flow: flow), wholePayload: true)
        else { return false }
        guard
            verdict(first, length: phase.answerBytes, isTruncated: false, flow: flow) == .ours
        else {
            // The first probe is invalid, and so are the others: they are counted one by one.
            return false
        }
        let stampNs = ProbeLayout.sentNs(first, anchorNs: answers.anchorNs)
        // The kernel's receive time is that of the first datagram of a coalesced message.
        let atNs = atNs < stampNs &+ Int64(count) ? nowNs : atNs
        let arrivals = windows[flow].recordArrivals(
            wireSequence: ProbeLayout.sequence(first), count: count,
            stampNs: stampNs, stampStepNs: 1,
            receivedNs: atNs, into: &statistics)
        let firstCopies = arrivals.inTime + arrivals.late
        if firstCopies == count {
            sampleTimes(
                of: ProbeLayout.sequence(first), count: count, flow: flow, sentNs: stampNs,
                atNs: atNs)
        }
        if firstCopies > 0 {
            answered(
                firstCopies, flow: flow, atNs: atNs,
                wire: ProbeLayout.sequence(first) &+ UInt32(count &- 1))
        }
        if firstCopies < count {
            accounts.rejected.fromFuture += arrivals.fromFuture
            accounts.rejected.beyondWindow += arrivals.beyondWindow
            accounts.rejected.corrupt += arrivals.corrupt
            accounts.rejected.impossible += arrivals.impossible
        }
        return true
    }

    /// Keeps the times of the probes of a run that were answered, of those that both ends keep.
    @inline(__always)
    private mutating func sampleTimes(
        of wire: UInt32, count: Int, flow: Int, sentNs: Int64, atNs: Int64
    ) {
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        let first = unwrapped(wire, flow: flow)
        endTimes.rule.forEach(session: session, first: first, count: count) { offset in
            endTimes.record(
                EndTimes.Entry(
                    session: session, sequence: first &+ UInt64(truncatingIfNeeded: offset),
                    earlierNs: sentNs &+ Int64(offset), laterNs: atNs))
        }
    }

    @inline(__always)
    private mutating func took(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, flow: Int, atNs: Int64,
        nowNs: Int64
    ) {
        if phase.room != nil,
            !tookInRoom(
                slot, length: length, isTruncated: isTruncated, flow: flow, atNs: atNs,
                nowNs: nowNs)
        {
            return
        }
        guard isOurs(slot, length: length, isTruncated: isTruncated, flow: flow) else { return }
        let sequence = ProbeLayout.sequence(slot)
        let stampNs = ProbeLayout.sentNs(slot, anchorNs: answers.anchorNs)
        let atNs = atNs < stampNs ? nowNs : atNs
        let arrival = windows[flow].recordArrival(
            wireSequence: sequence, stampNs: stampNs, receivedNs: atNs, into: &statistics)
        switch arrival {
        case .inTime, .late:
            if content.sizes != nil { accounts.answerBytes += length }
            answered(1, flow: flow, atNs: atNs, wire: sequence)
            sampleTimes(of: sequence, count: 1, flow: flow, sentNs: stampNs, atNs: atNs)
            logArrival(sequence, flow: flow, nowNs: atNs)
        case .duplicate: logArrival(sequence, flow: flow, nowNs: atNs)
        case .fromFuture: accounts.rejected.fromFuture += 1
        case .beyondWindow: accounts.rejected.beyondWindow += 1
        case .corrupt: accounts.rejected.corrupt += 1
        case .impossible: accounts.rejected.impossible += 1
        }
    }

    /// Whether the datagram is a probe of this run and flow that came back unaltered; others are
    /// counted by reason and change nothing else.
    @inline(__always)
    private mutating func isOurs(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, flow: Int
    ) -> Bool {
        switch verdict(slot, length: length, isTruncated: isTruncated, flow: flow) {
        case .ours: return true
        case .truncated: accounts.rejected.truncated += 1
        case .short: accounts.rejected.short += 1
        case .otherRun: accounts.rejected.runId += 1
        case .warmUp: accounts.rejected.warmUp += 1
        case .corrupt: accounts.rejected.corrupt += 1
        }
        return false
    }

    @inline(__always)
    private func verdict(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, flow: Int
    ) -> ContentVerdict {
        let expected =
            length < ProbeLayout.minimumBytes ? phase.answerBytes : answers.expectedBytes(slot)
        if isTruncated || length > expected { return .truncated }
        if length < expected { return .short }
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        guard answers.isOfRun(slot), ProbeLayout.session(slot) == session else {
            if isOfWarmUp(slot, flow: flow) { return .warmUp }
            return phase.expectsAltered ? .corrupt : .otherRun
        }
        let sequence = unwrapped(ProbeLayout.sequence(slot), flow: flow)
        let isWhole =
            answers.isGenuine(slot, sequence: sequence) && answers.fillAgrees(slot, answerTemplate)
        return isWhole ? .ours : .corrupt
    }

    /// Whether the datagram answers a probe of the same flow in the warm-up.
    private func isOfWarmUp(_ slot: UnsafeRawPointer, flow: Int) -> Bool {
        guard let first = phase.warmUpSession, answers.isOfRun(slot) else { return false }
        return ProbeLayout.session(slot) == first &+ UInt16(truncatingIfNeeded: flow)
            && answers.isGenuine(slot, sequence: UInt64(ProbeLayout.sequence(slot)))
    }
}
