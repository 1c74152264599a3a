import Datagrams
import Glibc
import Metrics

extension ResponderLoop where Kernel: ~Copyable {
    // MARK: - Per message

    mutating func took(message index: Int, nowNs: Int64) {
        answerFlow[index] = -1
        firstCopies[index] = 0
        isWhole[index] = true
        let first = UnsafeRawPointer(incoming.slot(index))
        let length = incoming.length(index)
        let atNs = usesKernelTimestamps ? arrival(index, nowNs: nowNs) : nowNs
        arrivedNs[index] = atNs
        let bytes = incoming.segmentBytes(index)
        if length <= bytes {
            lane.pointee.datagrams += 1
            took(
                first, length: length, isTruncated: incoming.isTruncated(index), message: index,
                atNs: atNs)
            return
        }
        lane.pointee.datagrams += (length + bytes - 1) / bytes
        if length % bytes == 0,
            tookRun(first, bytes: bytes, count: length / bytes, message: index, atNs: atNs)
        {
            return
        }
        for offset in stride(from: 0, to: length, by: bytes) {
            took(
                first + offset, length: min(bytes, length - offset), isTruncated: false,
                message: index, atNs: atNs)
        }
    }

    /// Returns the kernel's receive time of the message in monotonic time.
    private mutating func arrival(_ index: Int, nowNs: Int64) -> Int64 {
        guard
            let arrivedNs = arrivalClock.arrivedNs(
                kernelNs: incoming.kernelNs(index), nowNs: nowNs),
            nowNs &- arrivedNs < StackDelay.limitNs
        else { return nowNs }
        stackDelays.record(nowNs &- arrivedNs)
        return arrivedNs
    }

    /// Records a coalesced message as a whole if it is a run of consecutive, genuine probes.
    @inline(__always)
    private mutating func tookRun(
        _ first: UnsafeRawPointer, bytes: Int, count: Int, message: Int, atNs: Int64
    ) -> Bool {
        guard bytes >= ProbeLayout.minimumBytes else { return false }
        let flow = Int(flowOfSession[Int(ProbeLayout.session(first))])
        guard flow >= 0 else { return false }
        let stream = Int(streamOfFlow[flow])
        let verifies = streams[stream].verifies
        let sequence = sequence(of: first, flow: flow)
        guard bytes == layouts[stream].payloadBytes,
            SequenceLeap.distance(ProbeLayout.sequence(first), from: windows[flow].nextSequence)
                <= SequenceLeap.believed(capacity: windows[flow].capacity),
            leaps[flow] == nil,
            layouts[stream].isRun(
                first, count: count, sequence: sequence, wholePayload: verifies),
            !verifies || layouts[stream].fillAgrees(first, templates[stream]),
            canHaveBeenSent(sequence &+ UInt64(count &- 1), flow: flow, stream: stream),
            isPeer(message, of: flow)
        else { return false }
        let stampNs = echoes ? nil : sentNs(first)
        let atNs = latest(
            atNs, ofProbeSentNs: stampNs.map { $0 &+ Int64(count) }, stream: stream)
        let arrivals = windows[flow].recordArrivals(
            wireSequence: ProbeLayout.sequence(first), count: count,
            stampNs: stampNs, stampStepNs: 1, receivedNs: atNs,
            into: &statistics[stream])
        let copies = arrivals.inTime + arrivals.late
        answerFlow[message] = Int32(flow)
        firstCopies[message] = Int32(copies)
        received(copies, late: arrivals.late, flow: flow, atNs: atNs)
        if copies < count {
            flows[flow].duplicates += arrivals.duplicate
            lane.pointee.rejected.fromFuture += arrivals.fromFuture
            lane.pointee.rejected.beyondWindow += arrivals.beyondWindow
            lane.pointee.rejected.corrupt += arrivals.corrupt
            lane.pointee.rejected.impossible += arrivals.impossible
            isWhole[message] = copies + arrivals.duplicate == count
        }
        return true
    }

    // MARK: - Per datagram

    @inline(__always)
    mutating func received(_ copies: Int, late: Int, flow: Int, atNs: Int64) {
        guard copies > 0 else { return }
        flows[flow].received += copies
        flows[flow].late += late
        flows[flow].lastReceivedNs = atNs
    }

    @inline(__always)
    private mutating func took(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, message: Int, atNs: Int64
    ) {
        if !requestFlows.isEmpty, let source = incoming.rawSource(message),
            let flow = requestFlows.flow(of: source)
        {
            tookRequest(ofFlow: flow, message: message, atNs: atNs)
            return
        }
        guard length >= ProbeLayout.minimumBytes else {
            lane.pointee.rejected.short += 1
            isWhole[message] = false
            return
        }
        if reflects, !isTestPacket(slot, length: length) {
            isWhole[message] = false
            return
        }
        let flow = Int(flowOfSession[Int(reflects ? session(of: slot) : ProbeLayout.session(slot))])
        guard flow >= 0 else {
            countOtherRun()
            isWhole[message] = false
            return
        }
        let stream = Int(streamOfFlow[flow])
        guard
            isOfStream(
                slot, length: length, isTruncated: isTruncated, message: message, stream: stream,
                flow: flow)
        else {
            isWhole[message] = false
            return
        }
        let wire = ProbeLayout.sequence(slot)
        let stampNs: Int64? = echoes ? nil : sentNs(slot)
        let atNs = latest(atNs, ofProbeSentNs: stampNs, stream: stream)
        let ahead = SequenceLeap.distance(wire, from: windows[flow].nextSequence)
        if ahead > SequenceLeap.believed(capacity: windows[flow].capacity) {
            let leap = SequenceLeap(
                wireSequence: wire, stampNs: stampNs, receivedNs: atNs, batch: batches,
                message: message, trafficClass: incoming.trafficClass(message),
                hopLimit: incoming.hopLimit(message))
            guard confirmsLeap(leap, flow: flow, stream: stream) else { return }
        } else if leaps[flow] != nil {
            // The flow continues at its old place.
            leaps[flow] = nil
            lane.pointee.rejected.fromFuture += 1
        }
        let isFirst = record(wire, stampNs: stampNs, atNs: atNs, flow: flow, stream: stream)
        guard let isFirst else {
            isWhole[message] = false
            return
        }
        if isFirst { firstCopies[message] += 1 }
        answerFlow[message] = Int32(flow)
    }

    /// Records a request, whose number is that of its arrival.
    @inline(never)
    private mutating func tookRequest(ofFlow flow: Int, message: Int, atNs: Int64) {
        let wire = UInt32(truncatingIfNeeded: windows[flow].nextSequence)
        let isFirst = record(
            wire, stampNs: nil, atNs: atNs, flow: flow, stream: Int(streamOfFlow[flow]))
        if isFirst == true { firstCopies[message] += 1 }
        answerFlow[message] = Int32(flow)
    }

    /// Records a probe of `flow`.
    /// - Returns: Whether the probe was the first copy; `nil` if it cannot belong to the flow.
    @inline(__always)
    private mutating func record(
        _ wire: UInt32, stampNs: Int64?, atNs: Int64, flow: Int, stream: Int
    ) -> Bool? {
        let arrival = windows[flow].recordArrival(
            wireSequence: wire, stampNs: stampNs, receivedNs: atNs, into: &statistics[stream])
        switch arrival {
        case .inTime, .late:
            received(1, late: arrival == .late ? 1 : 0, flow: flow, atNs: atNs)
            return true
        case .duplicate:
            flows[flow].duplicates += 1
            return false
        case .fromFuture: lane.pointee.rejected.fromFuture += 1
        case .beyondWindow: lane.pointee.rejected.beyondWindow += 1
        case .corrupt: lane.pointee.rejected.corrupt += 1
        case .impossible: lane.pointee.rejected.impossible += 1
        }
        return nil
    }

    // MARK: - Leaps

    /// Whether `leap` is the second from the same place, so that both count. If not, the probe is
    /// answered, and replaces the leap set aside before.
    private mutating func confirmsLeap(_ leap: SequenceLeap, flow: Int, stream: Int) -> Bool {
        if let first = leaps[flow],
            first.isConfirmed(by: leap.wireSequence, capacity: windows[flow].capacity)
        {
            leaps[flow] = nil
            accept(first, flow: flow, stream: stream)
            return true
        }
        if leaps[flow] != nil { lane.pointee.rejected.fromFuture += 1 }
        leaps[flow] = leap
        answerFlow[leap.message] = Int32(flow)
        return false
    }

    private mutating func accept(_ leap: SequenceLeap, flow: Int, stream: Int) {
        let isFirst = record(
            leap.wireSequence, stampNs: leap.stampNs, atNs: leap.receivedNs, flow: flow,
            stream: stream)
        guard isFirst == true else { return }
        let isInBatch = echoes && leap.batch == batches
        if !isInBatch, let sent = streams[stream].trafficClass {
            marks[stream].add(
                1, trafficClass: leap.trafficClass, sent: sent, hopLimit: leap.hopLimit)
        }
        guard echoes else { return }
        if isInBatch {
            firstCopies[leap.message] += 1
        } else if leap.hasEchoFailed {
            flows[flow].echoFailed += 1
        } else {
            flows[flow].echoed += 1
        }
    }

    /// Decides on an unconfirmed leap at the end: it was the last probe, or was never sent.
    mutating func decideLeap(of flow: Int, stream: Int, sent: Int) {
        guard let leap = leaps[flow] else { return }
        leaps[flow] = nil
        batches += 1
        let next = windows[flow].nextSequence
        let ahead = SequenceLeap.distance(leap.wireSequence, from: next)
        let received = Int(next - streams[stream].firstSequence)
        if ahead >= 0, received + ahead < sent {
            accept(leap, flow: flow, stream: stream)
        } else {
            lane.pointee.rejected.fromFuture += 1
        }
    }

    // MARK: - Whose it is

    @inline(__always)
    private mutating func isOfStream(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, message: Int, stream: Int,
        flow: Int
    ) -> Bool {
        let expected = layouts[stream].expectedBytes(slot)
        if length != expected || isTruncated {
            if length < expected {
                lane.pointee.rejected.short += 1
            } else {
                lane.pointee.rejected.truncated += 1
            }
            return false
        }
        guard reflects || layouts[stream].isOfRun(slot) else {
            countOtherRun()
            return false
        }
        // A STAMP packet has no check but its HMAC, which holds.
        let isGenuine = reflects || isGenuine(slot, stream: stream, flow: flow)
        // If datagrams are altered, an altered session may name a flow with another peer.
        if !isGenuine, expectsAltered || !isOfOther(message, than: flow) {
            lane.pointee.rejected.corrupt += 1
            return false
        }
        guard isGenuine, isPeer(message, of: flow) else {
            lane.pointee.rejected.peer += 1
            return false
        }
        guard canHaveBeenSent(sequence(of: slot, flow: flow), flow: flow, stream: stream) else {
            lane.pointee.rejected.fromFuture += 1
            return false
        }
        return true
    }

    /// Whether the flow's sender can have reached `sequence` by now.
    @inline(__always)
    private func canHaveBeenSent(_ sequence: UInt64, flow: Int, stream: Int) -> Bool {
        if sequence < horizons[flow] { return true }
        guard let bound = streams[stream].bound else { return true }
        horizons[flow] = streams[stream].firstSequence + UInt64(bound.most(atNs: nowNs))
        return sequence < horizons[flow]
    }

    /// Whether a datagram of the right length is a probe of the flow as sent: its header, and for a
    /// verified stream the rest.
    @inline(__always)
    func isGenuine(_ slot: UnsafeRawPointer, stream: Int, flow: Int) -> Bool {
        layouts[stream].isGenuine(slot, sequence: sequence(of: slot, flow: flow))
            && (!streams[stream].verifies || layouts[stream].fillAgrees(slot, templates[stream]))
    }

    /// Returns the sequence number with these low 32 bits that is nearest to the flow's next one.
    @inline(__always)
    func sequence(of slot: UnsafeRawPointer, flow: Int) -> UInt64 {
        let next = windows[flow].nextSequence
        let ahead = SequenceLeap.distance(ProbeLayout.sequence(slot), from: next)
        return next &+ UInt64(bitPattern: Int64(ahead))
    }

    /// Counts a datagram of no expected session or run; if the network alters datagrams, as an
    /// altered one.
    private mutating func countOtherRun() {
        if expectsAltered {
            lane.pointee.rejected.corrupt += 1
        } else {
            lane.pointee.rejected.runId += 1
        }
    }

    /// Whether the flow is known to have another source address.
    private func isOfOther(_ message: Int, than flow: Int) -> Bool {
        peerStates[flow] == .known
            && !incoming.isFrom(peers + flow * ReceiveBatch.addressBytes, message)
    }

    /// Whether a message comes from the source address of its flow: the first address of two
    /// datagrams in a row, unless the flow's ports change. A single datagram proves nothing: its
    /// session may have been altered on the path.
    @inline(__always)
    private mutating func isPeer(_ message: Int, of flow: Int) -> Bool {
        let peer = peers + flow * ReceiveBatch.addressBytes
        switch peerStates[flow] {
        case .known: return incoming.isFrom(peer, message)
        case .seenOnce where incoming.isFrom(peer, message): peerStates[flow] = .known
        case .changing, .unknown, .seenOnce:
            // A responder that answered itself, or a service, could cause an endless exchange.
            if sources?.refusal(of: message, in: incoming) != nil { return false }
            if peerStates[flow] == .changing { return true }
            incoming.remember(message, at: peer)
            peerStates[flow] = .seenOnce
        }
        return true
    }

    /// Returns the time of an arrival: not before its probe was sent, as the kernel's receive time
    /// of the first datagram of a coalesced message may be for the others.
    @inline(__always)
    private func latest(_ atNs: Int64, ofProbeSentNs sentNs: Int64?, stream: Int) -> Int64 {
        guard let sentNs, atNs < sentNs &- streams[stream].clockErrorNs else { return atNs }
        return nowNs
    }

    @inline(__always)
    private func sentNs(_ slot: UnsafeRawPointer) -> Int64 {
        ProbeLayout.sentNs(slot, anchorNs: anchorNs)
    }
}
