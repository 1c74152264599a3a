import Datagrams
import Glibc
import Metrics

/// The answers of an echo that takes its time: each is held, and the thread goes on meanwhile.
extension ResponderLoop where Kernel: ~Copyable {
    /// The maximum number of batches of due answers between two receives.
    static var heldBatchesInTurn: Int { 16 }

    /// Sends the answers that are due, and receives until the next one is.
    mutating func receiveBesideHeld(_ kernel: inout Kernel) -> Int {
        sendHeld(&kernel)
        let now = clock.nowNs()
        let waitNs = min(Self.receivePatienceNs, max(0, held.nextNs - now))
        return kernel.receive(incoming, waitNs: waitNs)
    }

    /// Holds every message of the batch that is to be answered.
    mutating func hold(count: Int) {
        if replyBytes > 0 { resize(count: count) }
        for index in 0..<count where answerFlow[index] >= 0 && isWhole[index] {
            if retry.hasEnded || isTooLate { return failAnswers(index..<count) }
            let isHeld = held.hold(
                index, of: incoming, flow: Int(answerFlow[index]),
                isCopy: firstCopies[index] == 0, arrivedNs: arrivedNs[index], readNs: nowNs)
            if !isHeld { countFailed(index) }
        }
    }

    /// Sends the answers that are due.
    private mutating func sendHeld(_ kernel: inout Kernel) {
        for _ in 0..<Self.heldBatchesInTurn {
            let count = held.gather(dueNs: clock.nowNs())
            guard count > 0 else { return }
            if readsMarks {
                for index in 0..<count {
                    let stream = Int(streamOfFlow[held.flow(index)])
                    held.outbox.setHeader(
                        index, trafficClass: streams[stream].trafficClass ?? 0, hopLimit: 0)
                }
            }
            send(&kernel, held: count)
        }
    }

    private mutating func send(_ kernel: inout Kernel, held count: Int) {
        var index = 0
        var waitedNs: Int64 = 0
        var refusals = 0
        while index < count {
            guard !retry.hasEnded else {
                failHeld(index)
                index += 1
                continue
            }
            let leavesNs = clock.nowNs()
            let result = kernel.send(held.outbox, from: index, count: count - index)
            if result > 0 {
                for done in index..<(index + result) { left(done, atNs: leavesNs) }
                index += result
                (waitedNs, refusals) = (0, 0)
                if index < count { lookForHiddenReset(&kernel) }
            } else if result == -Int(EAGAIN), waitedNs < Self.answerPatienceNs {
                waitedNs += waitWritable(&kernel)
            } else if refusals < Self.refusalsLimit, isStale(result, &kernel) {
                refusals += 1
            } else {
                failHeld(index)
                index += 1
                (waitedNs, refusals) = (0, 0)
            }
        }
    }

    /// Counts an answer that has left, and keeps its times as far as both ends keep them.
    private mutating func left(_ index: Int, atNs leavesNs: Int64) {
        let datagram = held.datagram(index)
        held.left(index, atNs: leavesNs)
        let flow = Int(datagram.flow)
        let stream = Int(streamOfFlow[flow])
        if !datagram.isCopy { flows[flow].echoed += 1 }
        let session = UInt16(truncatingIfNeeded: datagram.number >> 32)
        let next = windows[flow].nextSequence
        let ahead = SequenceLeap.distance(datagram.wireSequence, from: next)
        let sequence = next &+ UInt64(bitPattern: Int64(ahead))
        endTimes[stream].rule.forEach(session: session, first: sequence, count: 1) { _ in
            guard !datagram.isCopy else {
                return endTimes[stream].forget(session: session, sequence: sequence)
            }
            endTimes[stream].record(
                EndTimes.Entry(
                    session: session, sequence: sequence, earlierNs: datagram.arrivedNs,
                    laterNs: leavesNs))
        }
    }

    private mutating func failHeld(_ index: Int) {
        let datagram = held.datagram(index)
        if !datagram.isCopy { flows[Int(datagram.flow)].echoFailed += 1 }
        held.free(index)
    }

    /// Counts all answers that are still held as failed: the port is closed, or the loop ends.
    mutating func failHeld() {
        while held.count > 0 {
            let count = held.gather(dueNs: .max)
            for index in 0..<count { failHeld(index) }
        }
    }

    /// Returns the figures of the answers that were held; nil if none was to be.
    package func heldFigures() -> HeldFigures? { holds ? held.figures() : nil }
}
