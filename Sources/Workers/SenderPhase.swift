import Datagrams
import Metrics

/// One phase of a sender: the warm-up or what is measured. Numbers only: a loop never sees JSON.
package struct SenderPhase: Sendable {
    package enum Rate: Sendable {
        /// Open loop: slots at fixed times, `streamPps` of them a second over all flows.
        case paced(streamPps: Double)
        /// As fast as it goes; towards an echo with at most `window` outstanding per flow.
        case max(window: Int?)
    }

    package var flows: Int
    package var payloadBytes: Int
    package var rate: Rate
    /// Datagrams over all flows; `nil` when time is the limit.
    package var countLimit: Int?
    /// `nil` when the count is the limit.
    package var durationNs: Int64?
    package var timeoutNs: Int64
    package var startNs: Int64
    /// The number of this loop's first flow among all of its stream, for the log.
    package var firstFlow = 0
    /// The session of flow 0; the others follow it.
    package var firstSession: UInt16
    package var firstSequence: UInt64
    /// Most overdue datagrams of one flow that may leave back to back; the others are skipped.
    package var maxBurst = 1
    /// Messages per system call, at most: 1 is one call a datagram.
    package var batch = 64
    /// Datagrams per message: above 1 they leave as one super-packet (UDP_SEGMENT).
    package var segments = 1
    /// Messages per receive call, at most.
    package var receiveBatch = 64
    /// Runs of datagrams arrive coalesced in one message (UDP_GRO).
    package var coalesces = false
    /// Arrival is when the kernel received the datagram (SO_TIMESTAMPNS), not when this program
    /// came to read it.
    package var usesKernelTimestamps = false
    /// Where the datagrams of each part of the flows go on sockets that are not connected there.
    package var destinations: [SocketAddress] = []
    /// Which part each flow belongs to; empty where there is one.
    package var partOfFlow: [Int] = []
    /// How the losses of each part are kept by time.
    package var parts: PartLosses.Grid?
    /// What a reset does to the flow that it comes to.
    package var onReset = RetryPolicy.always
    /// The network of the plan alters datagrams: what comes from the peer and is no probe is an
    /// altered one, whatever it claims to be.
    package var expectsAltered = false
    /// The session of the first flow in the warm-up that was before; nil where there was none.
    package var warmUpSession: UInt16?
    /// No answer is awaited: the responder is a sink.
    package var isOneWay = false
    /// Nothing can come after the last answer (our own responder, nothing between): the drain
    /// ends with it.
    package var endsWithLastAnswer = false
    /// How much longer than the timeout the drain lasts while answers are missing.
    package var latePatienceNs: Int64 = 0
    /// How long before a deadline the loop stops sleeping and watches the clock; 0 never spins.
    package var spinNs: Int64 = 50_000
    package var intervalNs: Int64 = 1_000_000_000
    package var maxIntervals = 1
    package var maxOutages = OutageList.capacity
    package var recordsIntervals = false
    /// The room that the flows are members of, while they are measured.
    package var room: RoomPhase?
    /// Probes that each flow's sequence window holds: a power of two.
    package var windowCapacity: Int

    package init(
        flows: Int, payloadBytes: Int, rate: Rate, countLimit: Int? = nil,
        durationNs: Int64? = nil, timeoutNs: Int64, startNs: Int64, firstSession: UInt16 = 0,
        firstSequence: UInt64 = 0, windowCapacity: Int
    ) {
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.rate = rate
        self.countLimit = countLimit
        self.durationNs = durationNs
        self.timeoutNs = timeoutNs
        self.startNs = startNs
        self.firstSession = firstSession
        self.firstSequence = firstSequence
        self.windowCapacity = windowCapacity
    }

    /// Slots of a paced phase; `nil` at `rate: max` without a count.
    var slots: Int? {
        if let countLimit { return countLimit }
        guard case .paced(let pps) = rate, let durationNs else { return nil }
        return Int((Double(durationNs) * pps / 1e9).rounded())
    }

    /// When slot `index` is due. Slots of a stream are spread over its flows in turn.
    @inline(__always)
    func dueNs(_ index: Int, streamPps: Double) -> Int64 {
        startNs &+ Int64(Double(index) * (1e9 / streamPps))
    }

    /// The last slot that is due at `nowNs`, at or after the start; the inverse of `dueNs`.
    func lastSlot(dueAtNs nowNs: Int64, streamPps: Double) -> Int {
        var slot = Int(Double(nowNs - startNs) * (streamPps / 1e9))
        // Rounding may be off by one, or by a few where slots are shorter than a nanosecond.
        while slot > 0, dueNs(slot, streamPps: streamPps) > nowNs { slot -= 1 }
        while dueNs(slot + 1, streamPps: streamPps) <= nowNs { slot += 1 }
        return slot
    }

    /// The measured time as far as the plan says its end.
    var measured: Range<Int64> { startNs..<(durationNs.map { startNs + $0 } ?? .max) }

    /// The measured time, which rates are over: from the start of the first slot to the end of the
    /// plan.
    ///
    /// A duration ends when the plan says. A count ends when the last datagram has been sent; with
    /// a rate no earlier than its last slot. What is stopped before ends with the stop.
    func measured(sendingEndNs: Int64, wasStopped: Bool) -> Range<Int64> {
        var endNs = sendingEndNs
        if let durationNs {
            endNs = wasStopped ? min(endNs, startNs + durationNs) : startNs + durationNs
        } else if case .paced(let pps) = rate, let countLimit, !wasStopped {
            endNs = max(endNs, dueNs(countLimit, streamPps: pps))
        }
        return startNs..<max(startNs, endNs)
    }

    func part(of flow: Int) -> Int { partOfFlow.isEmpty ? 0 : partOfFlow[flow] }

    var statistics: StreamConfiguration {
        let isPaced = if case .paced = rate { true } else { false }
        var configuration = StreamConfiguration(
            timeoutNs: timeoutNs, payloadBytes: payloadBytes, startNs: startNs,
            intervalNs: intervalNs, maxIntervals: maxIntervals,
            recordsIntervals: recordsIntervals, hasIntendedTimes: isPaced, direction: .roundTrip,
            parts: parts)
        configuration.maxOutages = maxOutages
        return configuration
    }
}
