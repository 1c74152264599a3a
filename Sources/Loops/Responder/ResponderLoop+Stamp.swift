import Datagrams
import Glibc
import STAMP

/// The loop as a STAMP Session-Reflector (RFC 8762 §4.3), which counts each session's answers.
extension ResponderLoop where Kernel: ~Copyable {
    /// Reads the error of this host's clock again: it grows until the clock is disciplined again
    /// (adjtimex(2), maxerror).
    mutating func readClockError() {
        guard let format = reflection?.format else { return }
        reflection?.estimate = ErrorEstimate(errorNs: WallTime.errorNs(), format: format)
    }

    /// Whether a datagram is a test packet of the key, before anything of it is used.
    mutating func isTestPacket(_ slot: UnsafeRawPointer, length: Int) -> Bool {
        switch reflection?.refusal(UnsafeRawBufferPointer(start: slot, count: length)) {
        case .short:
            lane.pointee.rejected.short += 1
            return false
        case .authentication:
            lane.pointee.rejected.runId += 1
            return false
        case nil: return true
        }
    }

    /// Returns the session of a test packet.
    func session(of slot: UnsafeRawPointer) -> UInt16 {
        UInt16(
            bigEndian: slot.loadUnaligned(
                fromByteOffset: reflection?.layout.session ?? 0, as: UInt16.self))
    }

    /// Answers every message of the batch that is to be answered, one at a time: so each answer has
    /// its own time of sending.
    mutating func reflect(_ kernel: inout Kernel, count: Int) {
        for index in 0..<count where answerFlow[index] >= 0 && isWhole[index] {
            if retry.hasEnded || isTooLate { return failAnswers(index..<count) }
            let flow = Int(answerFlow[index])
            reflected[flow].received &+= 1  // wraps, as its 32 bits on the wire
            let length = answerBytes(index, flow: flow)
            if readsMarks { _ = mark(&kernel, index..<index + 1) }
            if sends(index, bytes: length, &kernel) {
                reflected[flow].sent &+= 1
                flows[flow].echoed += Int(firstCopies[index])
            } else {
                countFailed(index)
            }
        }
    }

    /// Turns a message into its answer. Returns the answer's length.
    private mutating func answerBytes(_ index: Int, flow: Int) -> Int {
        let kernelNs = incoming.kernelNs(index)
        let clock = clock
        let answer = reflection?.reflect(
            UnsafeMutableRawBufferPointer(start: incoming.slot(index), count: incoming.slotBytes),
            length: incoming.length(index),
            arrival: Reflection.Arrival(
                wallNs: kernelNs == 0 ? clock.wallNs() : kernelNs,
                trafficClass: incoming.trafficClass(index), hopLimit: incoming.hopLimit(index)),
            session: reflected[flow], nowNs: { clock.wallNs() })
        return answer?.length ?? 0
    }

    private mutating func sends(_ index: Int, bytes: Int, _ kernel: inout Kernel) -> Bool {
        var waitedNs: Int64 = 0
        var refusals = 0
        while !retry.hasEnded {
            let result = kernel.sendPiece(incoming, of: index, offset: 0, bytes: bytes)
            if result == 1 { return true }
            if result == -Int(EAGAIN), waitedNs < Self.answerPatienceNs {
                waitedNs += waitWritable(&kernel)
            } else if result != -Int(EAGAIN), refusals < Self.refusalsLimit,
                isStale(result, &kernel)
            {
                refusals += 1
            } else {
                return false
            }
        }
        return false
    }
}
