import Datagrams
import Glibc
import Metrics

extension ResponderLoop where Kernel: ~Copyable {
    /// Sends back every message of the batch that is to be answered, in order.
    mutating func answer(_ kernel: inout Kernel, count: Int) {
        incoming.turnAround(count: count)
        if replyBytes > 0 { resize(count: count) }
        var index = 0
        var waitedNs: Int64 = 0
        var refusals = 0
        while index < count {
            if retry.hasEnded || isTooLate { return failAnswers(index..<count) }
            guard answerFlow[index] >= 0, isWhole[index] else {
                if answerFlow[index] >= 0 { answerPieces(&kernel, message: index) }
                index += 1
                continue
            }
            var end = index + 1
            while end < count, answerFlow[end] >= 0, isWhole[end] { end += 1 }
            if readsMarks { end = mark(&kernel, index..<end) }
            sampleTimes(index..<end)
            let result = kernel.sendBack(incoming, from: index, count: end - index)
            if result > 0 {
                for done in index..<(index + result) {
                    flows[Int(answerFlow[done])].echoed += Int(firstCopies[done])
                }
                index += result
                waitedNs = 0
                refusals = 0
                if index < end { lookForHiddenReset(&kernel) }
            } else if result == -Int(EAGAIN), waitedNs < Self.answerPatienceNs {
                waitedNs += waitWritable(&kernel)
            } else if refusals < Self.refusalsLimit, isStale(result, &kernel) {
                // The same answer again, unless the policy ends the loop.
                refusals += 1
            } else if incoming.length(index) > incoming.segmentBytes(index) {
                // The super-packet was refused whole (EIO, EINVAL, EMSGSIZE): its datagrams are
                // sent singly.
                answerPieces(&kernel, message: index)
                index += 1
            } else {
                countFailed(index)
                index += 1
                waitedNs = 0
                refusals = 0
            }
        }
    }

    /// Keeps the times of the probes in whole messages that are about to be answered, as far as
    /// both ends keep them.
    @inline(__always)
    private mutating func sampleTimes(_ messages: Range<Int>) {
        var leavesNs: Int64?
        for message in messages {
            let flow = Int(answerFlow[message])
            let stream = Int(streamOfFlow[flow])
            let slot = UnsafeRawPointer(incoming.slot(message))
            let session = ProbeLayout.session(slot)
            let first = sequence(of: slot, flow: flow)
            let bytes = incoming.segmentBytes(message)
            let count = max(1, incoming.length(message) / bytes)
            // Of a coalesced message with a gap the numbers are not known without reading each.
            let last = sequence(of: slot + (count - 1) * bytes, flow: flow)
            guard last &- first == UInt64(count - 1) else { continue }
            let areFirst = Int(firstCopies[message]) >= count
            endTimes[stream].rule.forEach(session: session, first: first, count: count) { offset in
                let sequence = first &+ UInt64(truncatingIfNeeded: offset)
                guard areFirst else {
                    return endTimes[stream].forget(session: session, sequence: sequence)
                }
                let atNs = leavesNs ?? clock.nowNs()
                leavesNs = atNs
                endTimes[stream].record(
                    EndTimes.Entry(
                        session: session, sequence: sequence, earlierNs: arrivedNs[message],
                        laterNs: atNs))
            }
        }
    }

    /// Gives every answer of the batch the size that the plan says: each message is one datagram,
    /// because nothing is coalesced then.
    func resize(count: Int) {
        for message in 0..<count where answerFlow[message] >= 0 && isWhole[message] {
            let slot = incoming.slot(message)
            replies.turn(
                slot, ofBytes: incoming.length(message),
                sequence: sequence(of: slot, flow: Int(answerFlow[message])), replyTemplate)
            incoming.setLength(message, bytes: replyBytes)
        }
    }

    /// Waits until the socket is writable again. Returns the time waited.
    mutating func waitWritable(_ kernel: inout Kernel) -> Int64 {
        let before = clock.nowNs()
        stalls.wait(untilNs: before + Self.answerPatienceNs)
        kernel.waitWritable(timeoutNs: Self.answerPatienceNs)
        let now = clock.nowNs()
        stalls.look(atNs: now)
        return max(1, now - before)
    }

    /// Answers a coalesced message datagram by datagram, if it belongs to an expected stream.
    private mutating func answerPieces(_ kernel: inout Kernel, message: Int) {
        let flow = Int(answerFlow[message])
        let first = UnsafeRawPointer(incoming.slot(message))
        let length = incoming.length(message)
        let bytes = incoming.segmentBytes(message)
        let stream = Int(streamOfFlow[flow])
        if readsMarks { kernel.mark(streams[stream].trafficClass ?? 0) }
        guard bytes == layouts[stream].payloadBytes else {
            flows[flow].echoFailed += Int(firstCopies[message])
            return
        }
        var unanswered = Int(firstCopies[message])
        var waitedNs: Int64 = 0
        var refusals = 0
        for offset in stride(from: 0, to: length, by: bytes) {
            let size = min(bytes, length - offset)
            guard size == bytes,
                flowOfSession[Int(ProbeLayout.session(first + offset))] == Int32(flow),
                isGenuine(first + offset, stream: stream, flow: flow)
            else { continue }
            var result = 0
            while !retry.hasEnded {
                result = kernel.sendPiece(incoming, of: message, offset: offset, bytes: size)
                if result == -Int(EAGAIN), waitedNs < Self.answerPatienceNs {
                    waitedNs += waitWritable(&kernel)
                } else if result < 0, result != -Int(EAGAIN), refusals < Self.refusalsLimit,
                    isStale(result, &kernel)
                {
                    refusals += 1
                } else {
                    break
                }
            }
            if result == 1, unanswered > 0 {
                flows[flow].echoed += 1
                unanswered -= 1
            }
        }
        flows[flow].echoFailed += unanswered
    }

    /// Counts answers as failed, because the loop has ended or the sender no longer waits.
    mutating func failAnswers(_ messages: Range<Int>) {
        for message in messages where answerFlow[message] >= 0 { countFailed(message) }
    }

    mutating func countFailed(_ message: Int) {
        let flow = Int(answerFlow[message])
        flows[flow].echoFailed += Int(firstCopies[message])
        if let leap = leaps[flow], leap.batch == batches, leap.message == message {
            leaps[flow]?.hasEchoFailed = true
        }
    }
}
