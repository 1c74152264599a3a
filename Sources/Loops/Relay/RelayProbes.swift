import Impairment
import Metrics

/// The outcome of each probe of the expected streams, as the ledger needs it from a relay.
///
/// An arrival window of Metrics keeps order and delay of one process of arrivals. Here each probe
/// has up to four passages, and an echo counts only for a probe that was forwarded, so that an
/// altered sequence number does not move a window.
///
///     ring per flow     sequence s is in slot s mod capacity, one byte of bits a slot
///     0 received forward · 1 delivered forward · 2 left forward altered · 3–5 the same backward
///     6 held at the end on the way forward · 7 the same backward
///
/// Requests to a service have no number that the relay could read. They are numbered in the order
/// of their arrival, and so are the answers, on a line of their own: which request an answer
/// belongs to is for the sender to say.
struct RelayProbes: ~Copyable {
    private static let received: UInt8 = 1
    private static let delivered: UInt8 = 2
    private static let altered: UInt8 = 4
    /// Bit 6 forward, bit 7 backward: not among the three bits of `shifted`.
    private static let held: UInt8 = 64

    let flowCount: Int
    private let counts: CheckedMemory<RelayStreamResult>
    private let rings: CheckedMemory<CheckedMemory<UInt8>>
    private let masks: CheckedMemory<UInt64>
    private let first: CheckedMemory<UInt64>
    /// The number above the highest sequence number seen, by flow.
    private let next: CheckedMemory<UInt64>
    /// The responder's instance, by flow.
    private let instances: CheckedMemory<Int>
    private let layouts: CheckedMemory<ProbeLayout>
    /// The layouts of the answers, by flow: those of the probes, or of a size of their own.
    private let answerLayouts: CheckedMemory<ProbeLayout>
    private let areChanging: CheckedMemory<Bool>
    private let streamOfFlow: CheckedMemory<Int>
    /// The line of the answers to each flow's requests, behind those of the flows; −1 for a flow of
    /// probes, whose echoes are on its own.
    private let answerLines: CheckedMemory<Int>
    private let lineCount: Int
    /// The lowest sequence number whose fate is not settled, by flow.
    private let oldest: CheckedMemory<UInt64>
    /// The open run of probes that did not pass, by flow; its count is 0 if there is none.
    private let open: CheckedMemory<RelayLosses.Run>
    private var losses: RelayLosses

    init(_ streams: [ExpectedStreamOrder], runID: UInt64) {
        flowCount = streams.reduce(0) { $0 + $1.flows }
        // The lines of all flows, and then those of the answers to requests.
        let numbered = Array(streams.enumerated())
        let lines = numbered + numbered.filter(\.element.areRequests)
        lineCount = lines.reduce(0) { $0 + $1.element.flows }
        counts = .filled(RelayStreamResult(), count: 2 * lineCount)
        rings = .allocate(capacity: lineCount)
        masks = .allocate(capacity: lineCount)
        first = .allocate(capacity: lineCount)
        next = .allocate(capacity: lineCount)
        instances = .allocate(capacity: lineCount)
        layouts = .allocate(capacity: lineCount)
        answerLayouts = .allocate(capacity: lineCount)
        areChanging = .allocate(capacity: lineCount)
        streamOfFlow = .allocate(capacity: lineCount)
        answerLines = .filled(-1, count: flowCount)
        oldest = .allocate(capacity: lineCount)
        open = .allocate(capacity: lineCount)
        losses = RelayLosses(room: streams.map(\.maxLossRuns))
        var answers = flowCount
        var flow = 0
        for (index, stream) in lines {
            let layout = ProbeLayout(
                payloadBytes: stream.payloadBytes, runID: runID, anchorNs: 0,
                sizes: stream.sizes)
            for _ in 0..<stream.flows {
                if stream.areRequests, flow < flowCount {
                    answerLines[flow] = answers
                    answers += 1
                }
                let ring = CheckedMemory<UInt8>.allocate(capacity: stream.windowCapacity)
                ring.initialize(repeating: 0, count: stream.windowCapacity)
                (rings + flow).initialize(to: ring)
                (masks + flow).initialize(to: UInt64(stream.windowCapacity - 1))
                (first + flow).initialize(to: UInt64(stream.firstSequence))
                (next + flow).initialize(to: UInt64(stream.firstSequence))
                (instances + flow).initialize(to: stream.instance)
                (layouts + flow).initialize(to: layout)
                (answerLayouts + flow).initialize(
                    to: stream.replyBytes.map { layout.answers(ofBytes: $0) } ?? layout)
                (areChanging + flow).initialize(to: stream.peersChange)
                (streamOfFlow + flow).initialize(to: index)
                (oldest + flow).initialize(to: UInt64(stream.firstSequence))
                (open + flow).initialize(
                    to: RelayLosses.Run(flow: flow, first: 0, count: 0, fate: .dropped))
                flow += 1
            }
        }
    }

    deinit {
        for line in 0..<lineCount { rings[line].deallocate() }
        rings.deallocate()
        counts.deallocate()
        masks.deallocate()
        first.deallocate()
        next.deallocate()
        instances.deallocate()
        layouts.deallocate()
        answerLayouts.deallocate()
        areChanging.deallocate()
        streamOfFlow.deallocate()
        answerLines.deallocate()
        oldest.deallocate()
        open.deallocate()
    }

    /// Returns the instance of the responder that answers a flow.
    func instance(ofFlow flow: Int) -> Int { instances[flow] }

    /// Whether the datagrams of a flow come from changing ports.
    func changesPorts(_ flow: Int) -> Bool { areChanging[flow] }

    /// Whether the datagrams of a flow are requests.
    @inline(__always)
    func isOfRequests(_ flow: Int) -> Bool { answerLines[flow] >= 0 }

    /// Returns the line on which a datagram of a flow is counted, and as what.
    @inline(__always)
    private func line(_ flow: Int, _ direction: Direction) -> (line: Int, way: Direction) {
        let answers = direction == .backward ? answerLines[flow] : -1
        return answers < 0 ? (flow, direction) : (answers, .forward)
    }

    /// Whether a datagram is a probe of a flow, or the answer to one, by its length and its check.
    @inline(__always)
    func isProbe(
        _ octets: UnsafeRawPointer, bytes: Int, ofFlow flow: Int, _ direction: Direction
    ) -> Bool {
        let layout = (direction == .forward ? layouts : answerLayouts) + flow
        guard bytes >= ProbeLayout.minimumBytes,
            bytes == layout.pointee.expectedBytes(octets)
        else { return false }
        let ahead = SequenceLeap.distance(ProbeLayout.sequence(octets), from: next[flow])
        return layout.pointee.isGenuine(
            octets, sequence: next[flow] &+ UInt64(bitPattern: Int64(ahead)))
    }

    /// Records the arrival of a copy of a probe.
    /// - Returns: Whether the copy can belong to the flow.
    mutating func arrived(_ wire: UInt32, flow: Int, _ direction: Direction) -> Bool {
        let (flow, direction) = line(flow, direction)
        let ahead = SequenceLeap.distance(wire, from: next[flow])
        guard ahead >= 0 || next[flow] >= first[flow] &+ UInt64(-ahead) else { return false }
        let sequence = next[flow] &+ UInt64(bitPattern: Int64(ahead))
        let side = counts + 2 * flow + Int(direction.rawValue)
        guard ahead >= 0 || UInt64(-ahead) <= masks[flow] &+ 1 else {
            side.pointee.beyondWindow += 1
            return false
        }
        if ahead >= 0 {
            guard direction == .forward else { return false }
            clear(flow, through: sequence)
        }
        let slot = rings[flow] + Int(sequence & masks[flow])
        // An answer to an altered probe does not answer the probe that was sent.
        if direction == .backward, slot.pointee & Self.delivered == 0 { return false }
        let bit = shifted(Self.received, direction)
        if slot.pointee & bit == 0 {
            slot.pointee |= bit
            side.pointee.received += 1
        } else {
            side.pointee.duplicates += 1
        }
        return true
    }

    /// Records the arrival of a request, or of an answer to one.
    /// - Returns: Its number.
    mutating func arrived(ofRequests flow: Int, _ direction: Direction) -> UInt32 {
        let wire = UInt32(truncatingIfNeeded: next[line(flow, direction).line])
        _ = arrived(wire, flow: flow, direction)
        return wire
    }

    /// Records that a copy accepted by `arrived` was forwarded.
    mutating func left(_ wire: UInt32, flow: Int, _ direction: Direction, isAltered: Bool) {
        let (flow, direction) = line(flow, direction)
        let ahead = SequenceLeap.distance(wire, from: next[flow])
        // The copy was held for so long that its slot has another probe's bits now.
        guard ahead < 0, UInt64(-ahead) <= masks[flow] &+ 1 else { return }
        let sequence = next[flow] &- UInt64(-ahead)
        let slot = rings[flow] + Int(sequence & masks[flow])
        let side = counts + 2 * flow + Int(direction.rawValue)
        let delivered = shifted(Self.delivered, direction)
        let altered = shifted(Self.altered, direction)
        guard slot.pointee & delivered == 0 else { return }
        if isAltered {
            if slot.pointee & altered == 0 { side.pointee.altered += 1 }
            slot.pointee |= altered
        } else {
            if slot.pointee & altered != 0 { side.pointee.altered -= 1 }
            slot.pointee |= delivered
            side.pointee.delivered += 1
        }
    }

    /// Records that a copy accepted by `arrived` is still held at the end.
    mutating func held(_ wire: UInt32, flow: Int, _ direction: Direction) {
        let (flow, direction) = line(flow, direction)
        let ahead = SequenceLeap.distance(wire, from: next[flow])
        guard ahead < 0, UInt64(-ahead) <= masks[flow] &+ 1 else { return }
        let sequence = next[flow] &- UInt64(-ahead)
        let slot = rings[flow] + Int(sequence & masks[flow])
        let gone = shifted(Self.delivered | Self.altered, direction)
        let held = direction == .forward ? Self.held : Self.held << 1
        guard slot.pointee & (gone | held) == 0 else { return }
        slot.pointee |= held
        counts[2 * flow + Int(direction.rawValue)].held += 1
    }

    func counts(flow: Int, _ direction: Direction) -> RelayStreamResult {
        let (flow, direction) = line(flow, direction)
        return counts[2 * flow + Int(direction.rawValue)]
    }

    @inline(__always)
    private func shifted(_ bit: UInt8, _ direction: Direction) -> UInt8 {
        direction == .forward ? bit : bit << 3
    }

    /// Settles the probes whose slots are reused, and clears the slots of the numbers up to
    /// `sequence`.
    private mutating func clear(_ flow: Int, through sequence: UInt64) {
        let capacity = masks[flow] &+ 1
        if sequence >= capacity { settle(flow, before: sequence &+ 1 &- capacity) }
        var number = sequence &- next[flow] >= capacity ? sequence &- masks[flow] : next[flow]
        while number <= sequence {
            rings[flow][Int(number & masks[flow])] = 0
            number &+= 1
        }
        next[flow] = sequence &+ 1
    }

    // MARK: - The probes that did not pass

    /// Settles the probes below `end`; the numbers from `next` on have not been seen.
    private mutating func settle(_ flow: Int, before end: UInt64) {
        let seenEnd = min(end, next[flow])
        while oldest[flow] < seenEnd {
            let bits = rings[flow][Int(oldest[flow] & masks[flow])]
            if let fate = Self.fate(bits) { record(flow, fate, count: 1) }
            oldest[flow] &+= 1
        }
        guard oldest[flow] < end else { return }
        record(flow, .neverArrived, count: Int(end - oldest[flow]))
        oldest[flow] = end
    }

    /// Returns the fate of a probe; nil if it was forwarded, and so was its answer if one came.
    @inline(__always)
    private static func fate(_ bits: UInt8) -> RelayFate? {
        guard bits & delivered != 0 else {
            if bits & altered != 0 { return .altered }
            if bits & held != 0 { return .held }
            return bits & received != 0 ? .dropped : .neverArrived
        }
        guard bits & (received << 3) != 0, bits & (delivered << 3) == 0 else { return nil }
        if bits & (altered << 3) != 0 { return .answerAltered }
        return bits & (held << 1) != 0 ? .answerHeld : .answerDropped
    }

    private mutating func record(_ flow: Int, _ fate: RelayFate, count: Int) {
        let first = Int(oldest[flow])
        if open[flow].count > 0, open[flow].fate == fate,
            open[flow].first + open[flow].count == first
        {
            open[flow].count += count
            return
        }
        closeRun(flow)
        open[flow] = RelayLosses.Run(flow: flow, first: first, count: count, fate: fate)
    }

    private mutating func closeRun(_ flow: Int) {
        if open[flow].count > 0 { losses.add(open[flow], ofStream: streamOfFlow[flow]) }
        open[flow].count = 0
    }

    /// Settles all probes, and returns those that did not pass.
    mutating func settled() -> RelayLosses {
        for flow in 0..<flowCount {
            settle(flow, before: next[flow])
            closeRun(flow)
        }
        losses.ends = (0..<flowCount).map { Int(next[$0]) }
        return losses
    }
}

extension RelayStreamResult {
    mutating func add(_ other: RelayStreamResult) {
        received += other.received
        delivered += other.delivered
        altered += other.altered
        held += other.held
        duplicates += other.duplicates
        reordered += other.reordered
        beyondWindow += other.beyondWindow
    }
}
