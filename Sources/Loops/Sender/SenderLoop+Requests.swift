import Datagrams
import Metrics

/// A sender of requests: its datagrams have lengths of their own, and its answers carry no stamp.
extension SenderLoop where Kernel: ~Copyable, Content == RequestContent {
    mutating func writeRequests(flow: Int, count: Int, stampNs: Int64) {
        var number = content.number(of: sequences[flow], flow: flow)
        for index in 0..<count {
            let bytes = content.write(
                outgoing.slot(index), flow: flow, number: number, stampNs: stampNs &+ Int64(index))
            outgoing.setLength(from: index, count: 1, bytes: bytes)
            number &+= 1
        }
    }

    mutating func tookAnswer(message index: Int, flow: Int, atNs: Int64, nowNs: Int64) {
        let slot = UnsafeRawPointer(incoming.slot(index))
        let length = min(incoming.length(index), incoming.slotBytes)
        let base = content.base(flow)
        let next = sequences[flow] &+ base
        guard let number = number(slot, length: length, flow: flow, next: next) else {
            accounts.rejected.unmatched += 1
            return
        }
        guard number < next else {
            accounts.rejected.fromFuture += 1
            return
        }
        // The numbers of the warm-up are those below the base.
        guard number >= base else {
            accounts.rejected.warmUp += 1
            return
        }
        take(
            slot, length: length, flow: flow, sequence: number &- base, atNs: atNs, nowNs: nowNs)
    }

    /// Returns the number of the request that a datagram answers; nil if none.
    @inline(__always)
    private func number(
        _ slot: UnsafeRawPointer, length: Int, flow: Int, next: UInt64
    ) -> UInt64? {
        guard content.rule == .any else {
            return content.answered(slot, length: length, flow: flow, next: next)
        }
        return sequences[flow] > phase.firstSequence ? next &- 1 : nil
    }

    private mutating func take(
        _ slot: UnsafeRawPointer, length: Int, flow: Int, sequence: UInt64, atNs: Int64,
        nowNs: Int64
    ) {
        let sentNs = windows[flow].sentNs(of: sequence)
        let isRight = isRight(
            slot, length: length, flow: flow, sequence: sequence, sentNs: sentNs)
        // The kernel's receive time is of the wall clock, and may lie before the send.
        let receivedNs = sentNs.map { atNs < $0 ? nowNs : atNs } ?? atNs
        let wrongBefore = statistics.wrongCount
        let arrival = windows[flow].recordAnswer(
            sequence: sequence, isRight: isRight, receivedNs: receivedNs, into: &statistics)
        switch arrival {
        case .inTime, .late:
            answered(
                1, flow: flow, atNs: receivedNs, wire: UInt32(truncatingIfNeeded: sequence))
            if statistics.wrongCount > wrongBefore {
                content.keepSample(slot, length: length)
            } else {
                accounts.answerBytes += length
            }
            logAnswer(sequence, flow: flow, atNs: receivedNs, bytes: length)
        case .duplicate: logAnswer(sequence, flow: flow, atNs: receivedNs, bytes: length)
        case .fromFuture: accounts.rejected.fromFuture += 1
        case .beyondWindow: accounts.rejected.beyondWindow += 1
        case .corrupt: accounts.rejected.corrupt += 1
        case .impossible: accounts.rejected.impossible += 1
        }
    }

    @inline(__always)
    private func isRight(
        _ slot: UnsafeRawPointer, length: Int, flow: Int, sequence: UInt64, sentNs: Int64?
    ) -> Bool {
        guard content.isValid(slot, length: length) else { return false }
        guard content.rule == .echo, let sentNs else { return true }
        return content.isEcho(
            slot, length: length, flow: flow,
            number: content.number(of: sequence, flow: flow), stampNs: sentNs)
    }

    private func logAnswer(_ sequence: UInt64, flow: Int, atNs: Int64, bytes: Int) {
        log?.add(
            sequence: sequence, timeNs: atNs, flow: phase.firstFlow + flow, bytes: bytes,
            isReceived: true)
    }
}
