import Datagrams
import Metrics
import STAMP

/// STAMP packets in place of udplab's own probes (RFC 8762).
extension SenderLoop where Kernel: ~Copyable, Content == StampContent {
    /// The time for which answers to a probe at the end are awaited.
    private static var closingWaitNs: Int64 { 500_000_000 }

    /// Writes the next packets of a flow into a batch, as `writeProbes` does.
    func writeStamps(flow: Int, count: Int, stampNs: Int64) {
        writeStamps(
            isSingle ? singles.octets : outgoing.octets, count: count, flow: flow,
            sequence: sequences[flow], sentNs: stampNs)
    }

    private func writeStamps(
        _ first: UnsafeMutablePointer<UInt8>, count: Int, flow: Int, sequence: UInt64, sentNs: Int64
    ) {
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        for index in 0..<count {
            content.packet.write(
                UnsafeMutableRawPointer(first + index * phase.payloadBytes), session: session,
                sequence: UInt32(truncatingIfNeeded: sequence &+ UInt64(index)),
                wallNs: sentNs &+ Int64(index) &+ content.anchorNs)
        }
    }

    /// Takes an answer: believed if its HMAC, its session, its number and its timestamp are those
    /// of a probe. Each message is one: their times would be one if they came coalesced.
    mutating func tookStamp(message index: Int, flow: Int, atNs: Int64, nowNs: Int64) {
        let slot = UnsafeRawPointer(incoming.slot(index))
        let length = incoming.length(index)
        if incoming.isTruncated(index) || length > phase.payloadBytes {
            accounts.rejected.truncated += 1
            return
        }
        if length < phase.payloadBytes {
            accounts.rejected.short += 1
            return
        }
        guard let answer = content.packet.read(slot) else {
            accounts.rejected.corrupt += 1
            return
        }
        let session = phase.firstSession &+ UInt16(truncatingIfNeeded: flow)
        // A reflector without RFC 8972 returns no identifier, never.
        guard answer.session == session || answer.session == 0 && !stamps.hasIdentifiers else {
            if let first = phase.warmUpSession,
                answer.session == first &+ UInt16(truncatingIfNeeded: flow)
            {
                accounts.rejected.warmUp += 1
            } else {
                accounts.rejected.runId += 1
            }
            return
        }
        guard
            let sentWallNs = content.packet.format.wallNs(
                answer.senderStamp, near: nowNs &+ content.anchorNs),
            // The last bits of an NTP timestamp are below a nanosecond.
            content.packet.format.stamp(wallNs: sentWallNs) == answer.senderStamp
        else {
            accounts.rejected.corrupt += 1
            return
        }
        let stampNs = sentWallNs &- content.anchorNs
        let sequence = unwrapped(answer.senderSequence, flow: flow)
        if sequence >= sequences[flow],
            closingTook(answer, in: slot, sequence, flow, stampNs: stampNs)
        {
            return
        }
        let atNs = atNs < stampNs ? nowNs : atNs
        let arrival = windows[flow].recordArrival(
            wireSequence: answer.senderSequence, stampNs: stampNs, receivedNs: atNs,
            into: &statistics)
        switch arrival {
        case .inTime, .late:
            answered(1, flow: flow, atNs: atNs, wire: answer.senderSequence)
            if answer.session != 0 { stamps.hasIdentifiers = true }
            stamps.record(
                flow: flow, sequence: sequence, number: answer.number, estimate: answer.estimate,
                exchange: Self.exchange(
                    answer, sentNs: sentWallNs, receivedNs: atNs &+ content.anchorNs))
            takeFacts(of: answer, in: slot, flow: flow, sequence: sequence)
            logArrival(answer.senderSequence, flow: flow, nowNs: atNs)
        case .duplicate:
            stamps.recordCopy(flow: flow, sequence: sequence, number: answer.number)
            if let told = counters(of: answer, in: slot) {
                stamps.recordCopy(flow: flow, sequence: sequence, told)
            }
            logArrival(answer.senderSequence, flow: flow, nowNs: atNs)
        case .fromFuture: accounts.rejected.fromFuture += 1
        case .beyondWindow: accounts.rejected.beyondWindow += 1
        case .corrupt: accounts.rejected.corrupt += 1
        case .impossible: accounts.rejected.impossible += 1
        }
    }

    /// Returns the four times of an exchange; nil for timestamps that are none.
    private static func exchange(
        _ answer: TestPacket.Answer, sentNs: Int64, receivedNs: Int64
    ) -> TimeExchange? {
        let format = answer.estimate.format
        guard let farReceivedNs = format.wallNs(answer.receivedStamp, near: receivedNs),
            let farSentNs = format.wallNs(answer.sentStamp, near: receivedNs)
        else { return nil }
        return TimeExchange(
            sentNs: sentNs, farReceivedNs: farReceivedNs, farSentNs: farSentNs,
            receivedNs: receivedNs)
    }

    // MARK: - At the end

    private mutating func closingTook(
        _ answer: TestPacket.Answer, in slot: UnsafeRawPointer, _ sequence: UInt64, _ flow: Int,
        stampNs: Int64
    ) -> Bool {
        let place = Int(sequence &- sequences[flow])
        return stamps.tookClosing(
            flow: flow, place: place, sequence: sequence, number: answer.number, stampNs: stampNs,
            counters(of: answer, in: slot))
    }

    /// Sends a probe in each flow that lost some, until one is answered: its number tells how many
    /// of the last probes came to the reflector. These probes are in no figure.
    mutating func askAtEnd(_ kernel: inout Kernel) {
        guard content.asksAtEnd, !phase.isWarmUp, accounts.ledger.sent > 0 else { return }
        for _ in 0..<StampTracker.closingsMost {
            var asked = 0
            for flow in 0..<phase.flows where isUntold(flow) {
                guard fault == nil, !control.isStopping else { return }
                if peers.count > 1 { address(flow: flow) }
                ask(&kernel, flow)
                asked += 1
            }
            guard asked > 0 else { return }
            let untilNs = clock.nowNs() + min(Self.closingWaitNs, phase.timeoutNs)
            while fault == nil, !control.isStopping, hasUntold {
                let now = clock.nowNs()
                guard now < untilNs else { break }
                serve(&kernel, nowNs: now, untilNs: untilNs)
            }
        }
    }

    private var hasUntold: Bool {
        for flow in 0..<phase.flows where isUntold(flow) { return true }
        return false
    }

    private func isUntold(_ flow: Int) -> Bool {
        !stamps.isClosed[flow]
            && windows[flow].received < Int(sequences[flow] - phase.firstSequence)
    }

    private mutating func ask(_ kernel: inout Kernel, _ flow: Int) {
        let nowNs = clock.nowNs()
        writeStamps(
            singles.octets, count: 1, flow: flow,
            sequence: sequences[flow] &+ UInt64(stamps.closingsSent[flow]), sentNs: nowNs)
        if kernel.send(flow: flow, singles, from: 0, count: 1) == 1 {
            stamps.sentClosing(flow: flow, atNs: nowNs)
        } else {
            takeErrors(&kernel, flow: flow)
        }
    }
}
