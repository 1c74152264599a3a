import Datagrams
import Load
import Metrics

/// A phase of a sender's thread: the warm-up or the measurement. A loop reads its constants from
/// here once.
package struct SenderPhase: Sendable {
    package enum Rate: Sendable {
        /// An open loop: slots at fixed times, `streamPps` of them per second over all flows.
        case paced(streamPps: Double)
        /// A closed loop at the maximum rate; towards an echo with at most `window` outstanding per
        /// flow.
        case max(window: Int?)
    }

    /// The sender as the plan has it; in a warm-up with the length of that.
    package var sender: SenderDefinition
    /// The flows of this thread.
    package var flows: Int
    package var rate: Rate
    /// The probes that all flows of this thread together keep outstanding at `max`; nil if each has
    /// a window of its own, or none.
    package var sharedWindow: Int?
    /// The number of datagrams over all flows; `nil` if a duration is the limit.
    package var countLimit: Int?
    /// The duration; `nil` if the count is the limit.
    package var durationNs: Int64?
    package var timeoutNs: Int64
    package var startNs: Int64
    /// The number of this thread among those of the stream.
    package var lane = 0
    /// The number of this loop's first flow among all of its stream, for the log.
    package var firstFlow = 0
    /// The session of flow 0; the others follow it.
    package var firstSession: UInt16
    /// The maximum number of messages per system call: 1 is one call per datagram.
    package var batch = 64
    /// The number of datagrams per message: above 1 they are sent as one super-packet
    /// (UDP_SEGMENT).
    package var segments = 1
    /// The maximum number of messages per receive call.
    package var receiveBatch = 64
    /// Whether runs of datagrams arrive coalesced in one message (UDP_GRO).
    package var coalesces = false
    /// Whether the arrival is the time at which the kernel received the datagram (SO_TIMESTAMPNS),
    /// not at which this program read it.
    package var usesKernelTimestamps = false
    /// The longest wait for a full queue to take a datagram, after which its slot is skipped. A UDP
    /// socket's own queue empties; that of a Unix socket is its server's, which may never read.
    package var queuePatienceNs = Int64.max
    /// Whether the traffic class and the hop limit of each answer are counted.
    package var readsMarks = false
    /// The destinations of each part of the flows, on unconnected sockets.
    package var destinations: [SocketAddress] = []
    /// The part of each flow; empty if there is one part.
    package var partOfFlow: [Int] = []
    /// The grid for each part's losses over time.
    package var parts: PartLosses.Grid?
    /// Whether the plan's network alters datagrams: a datagram from the peer that is not a probe is
    /// then an altered one, whatever its content.
    package var expectsAltered = false
    /// The session of the first flow in the preceding warm-up; nil without one.
    package var warmUpSession: UInt16?
    /// The answers to the warm-up that each flow received; none without a warm-up.
    package var warmUpReceived: [Int] = []
    /// Whether the rate is only the first, and orders change it: over equal distances, and with a
    /// duration.
    package var isAdjusted = false
    /// Whether the counts of the answers are reported every `LoadFeedback.everyNs`.
    package var reportsFeedback = false
    /// Whether no answer is awaited, because the responder is a sink.
    package var isOneWay = false
    /// The payload of every answer in bytes; nil if each has the size of its probe.
    package var replyBytes: Int?
    /// The time without answers after which a closed loop takes its outstanding probes for lost.
    package var stallNs: Int64 = 100_000_000
    /// Whether nothing can arrive after the last answer (udplab's own responder without a network):
    /// the drain ends with it.
    package var endsWithLastAnswer = false
    /// The additional duration of the drain after the timeout while answers are missing.
    package var latePatienceNs: Int64 = 0
    /// The time before a deadline at which the loop stops sleeping and reads the clock; 0 never
    /// spins.
    package var spinNs: Int64 = 50_000
    package var intervalNs: Int64 = 1_000_000_000
    package var maxIntervals = 1
    package var maxOutages = OutageList.capacity
    package var recordsIntervals = false
    /// The maximum number of loss runs that are kept.
    package var maxLossRuns = 0
    /// The maximum number of probes of which the send and receive times are kept.
    package var maxEndTimes = 0
    /// The room that the flows are members of, during the measurement.
    package var room: RoomPhase?
    /// Whether the phase is the warm-up.
    package var isWarmUp = false
    /// Whether a flow has one request at a time, so that a slot may find it waiting for an answer.
    package var isOneAtATime = false
    /// The number of probes in each flow's sequence window, a power of two.
    package var windowCapacity: Int

    package init(
        _ sender: SenderDefinition, flows: Int, window: Int? = nil, timeoutNs: Int64,
        startNs: Int64, firstSession: UInt16 = 0, windowCapacity: Int
    ) {
        self.sender = sender
        self.flows = flows
        rate =
            sender.ratePps.map { .paced(streamPps: $0 * Double(flows)) } ?? .max(window: window)
        if case .count(let count) = sender.length { countLimit = count * flows }
        durationNs = sender.durationNs.map(Int64.init)
        isOneAtATime = sender.request?.isOneAtATime == true
        self.timeoutNs = timeoutNs
        self.startNs = startNs
        self.firstSession = firstSession
        self.windowCapacity = windowCapacity
    }

    package var payloadBytes: Int { sender.payloadBytes }

    /// The think time of a closed loop; nil without one.
    var think: ThinkTime? { sender.ratePps == nil ? sender.think : nil }

    /// The users of each flow, if they think.
    var usersPerFlow: Int { if case .max(let window?) = rate { window } else { 1 } }

    /// The payload of every answer, or of the largest.
    var answerBytes: Int { replyBytes ?? payloadBytes }

    package var firstSequence: UInt64 { UInt64(sender.startSequence) }

    /// The number of slots of a paced phase; `nil` at `rate: max` without a count. Those of a
    /// random schedule with a duration end with their times.
    var slots: Int? {
        if let countLimit { return countLimit }
        guard case .paced(let pps) = rate, let durationNs else { return nil }
        let schedule = sender.schedule
        switch schedule.arrivals {
        case .poisson: return .max
        case .trace:
            var times = times(streamPps: pps)
            return times.lastSlot(dueAtNs: startNs + durationNs - 1) + 1
        case .constant, .bursts:
            let datagrams =
                schedule.profile.map {
                    $0.datagrams(byNs: Double(durationNs)) * Double(flows)
                } ?? Double(durationNs) * pps / 1e9
            guard schedule.burst > 1 else { return Int(datagrams.rounded()) }
            // A burst that begins in time is a whole one.
            let burst = Double(schedule.burst)
            return Int((datagrams / burst - 1e-6).rounded(.up) * burst)
        }
    }

    /// Returns the due times of the slots of a paced phase.
    func times(streamPps: Double) -> SlotTimes {
        SlotTimes(
            startNs: startNs, streamPps: streamPps, flows: flows, schedule: sender.schedule,
            firstFlow: firstFlow, countPerFlow: countLimit.map { $0 / flows },
            endNs: durationNs.map { startNs + $0 } ?? .max)
    }

    /// The measured time as far as the plan determines its end.
    var measured: Range<Int64> { startNs..<(durationNs.map { startNs + $0 } ?? .max) }

    /// Returns the measured time, to which rates refer: from the start of the first slot to the end
    /// of the plan.
    ///
    /// A duration has a planned end. A count ends when the last datagram has been sent; with a rate
    /// no earlier than its last slot. A stop before that is the end.
    func measured(sendingEndNs: Int64, wasStopped: Bool) -> Range<Int64> {
        var endNs = sendingEndNs
        if let durationNs {
            endNs = wasStopped ? min(endNs, startNs + durationNs) : startNs + durationNs
        } else if case .paced(let pps) = rate, let countLimit, !wasStopped {
            var times = times(streamPps: pps)
            let due = times.dueNs(countLimit)
            if due < .max { endNs = max(endNs, due) }
        }
        return startNs..<max(startNs, endNs)
    }

    func part(of flow: Int) -> Int { partOfFlow.isEmpty ? 0 : partOfFlow[flow] }

    var statistics: StreamConfiguration {
        let isPaced = if case .paced = rate { true } else { false }
        var configuration = StreamConfiguration(
            timeoutNs: timeoutNs, payloadBytes: answerBytes, startNs: startNs,
            intervalNs: intervalNs, maxIntervals: maxIntervals,
            recordsIntervals: recordsIntervals, hasIntendedTimes: isPaced, direction: .roundTrip,
            parts: parts)
        configuration.maxOutages = maxOutages
        configuration.maxLossRuns = maxLossRuns
        configuration.endNs = durationNs.map { startNs + $0 }
        configuration.stageLengthsNs = sender.schedule.stages.map(\.lengthNs)
        return configuration
    }
}
