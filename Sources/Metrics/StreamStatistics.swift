/// The figures of one stream on one thread, shared by that thread's flows.
///
/// Fixed memory: about 1.6 MiB and 8 KiB an interval. Nothing is allocated after the start until
/// ``summary()``. One thread owns the statistics; for the whole stream the threads' statistics are
/// merged, in any order, with the same result as if one thread had recorded all.
package struct StreamStatistics: ~Copyable {
    package let configuration: StreamConfiguration

    /// Probes sent.
    package internal(set) var sentCount = 0
    /// First copies within the timeout.
    package internal(set) var inTimeCount = 0
    /// First copies after the timeout.
    package internal(set) var lateCount = 0
    /// Requests whose first answer was not the right one.
    package internal(set) var wrongCount = 0
    /// Probes settled without a copy.
    package internal(set) var neverCount = 0
    package internal(set) var duplicateCount = 0
    /// Datagrams with at least one duplicate.
    var replicatedCount = 0
    package internal(set) var discarded = DiscardedFigures()

    var delays = DelayHistogram()
    var intendedDelays = DelayHistogram()
    var delayVariation = SignedDelayHistogram()
    var pacingErrors = SignedDelayHistogram()
    var losses = LossTotals()
    var reordering = ReorderingTotals()
    var intervals: IntervalSeries
    let stages: StageSeries
    /// The runs of lost probes; nil if they are not recorded.
    var lossRuns: LossRunList?
    /// The outages of a sender's flows.
    package var outages: OutageList
    /// The probes that the stream's parts sent and lost, over time.
    var parts: PartLosses?
    private var jitterSumNs = 0.0
    private var jitterFlowCount = 0

    package init(configuration: StreamConfiguration) {
        precondition(configuration.timeoutNs > 0, "a timeout above zero")
        precondition(configuration.payloadBytes >= 0, "a payload of 0 B or more")
        self.configuration = configuration
        parts = configuration.parts.map { PartLosses($0, startNs: configuration.startNs) }
        lossRuns =
            configuration.maxLossRuns > 0
            ? LossRunList(capacity: configuration.maxLossRuns) : nil
        outages = OutageList(capacity: configuration.maxOutages)
        intervals = IntervalSeries(
            startNs: configuration.startNs, lengthNs: configuration.intervalNs,
            capacity: configuration.recordsIntervals ? configuration.maxIntervals : 1,
            endNs: configuration.endNs)
        stages = StageSeries(
            startNs: configuration.startNs, lengthsNs: configuration.stageLengthsNs)
    }

    /// The losses of the stream's parts; nil if the configuration has none.
    package var partLosses: PartLosses? { parts }

    /// First copies, in time or late.
    package var receivedCount: Int { inTimeCount + lateCount }

    /// Counts `count` ≥ 1 probes sent together at `sentNs`, of which the k-th (from 0) was due at
    /// `intendedNs + k × intendedStepNs`.
    ///
    /// A ``ProbeWindow`` calls this; a sender towards a sink has no window and calls it itself.
    @inline(__always)
    package mutating func recordSent(
        count: Int, sentNs: Int64, intendedNs: Int64, intendedStepNs: Int64 = 0
    ) {
        sentCount &+= count
        intervals.recordSent(count, atNs: sentNs)
        if !stages.isEmpty { stages.recordSent(count, atNs: sentNs) }
        guard configuration.hasIntendedTimes else { return }
        var errorNs = sentNs - intendedNs
        for _ in 0..<count {
            pacingErrors.record(errorNs)
            errorNs -= intendedStepNs
        }
    }

    /// Counts a probe that the kernel refused, for the stages.
    package mutating func recordFailed(atNs timeNs: Int64) {
        if !stages.isEmpty { stages.recordSkipped(1, dueNs: timeNs, stepNs: 0) }
    }

    /// Counts probes that a reset kept from being sent, for the intervals.
    package mutating func recordRefused(_ count: Int, atNs timeNs: Int64) {
        intervals.recordRefused(count, atNs: timeNs)
        if !stages.isEmpty { stages.recordRefused(count, atNs: timeNs) }
    }

    /// Counts `count` ≥ 1 slots that were not reached in time, of which the k-th (from 0) was due
    /// at `dueNs + k × stepNs`, for the intervals.
    package mutating func recordSkipped(_ count: Int, dueNs: Int64, stepNs: Double = 0) {
        intervals.recordSkipped(count, dueNs: dueNs, stepNs: stepNs)
        if !stages.isEmpty { stages.recordSkipped(count, dueNs: dueNs, stepNs: stepNs) }
    }

    /// Returns the totals so far and the delays since the last call; allocates nothing, takes some
    /// microseconds.
    package mutating func intervalSnapshot() -> LiveFigures {
        var figures = totals
        (figures.p50Ns, figures.p99Ns) = intervals.percentilesSinceLastCall()
        return figures
    }

    /// The totals so far, without delays.
    package var totals: LiveFigures {
        var figures = LiveFigures()
        figures.sent = sentCount
        figures.received = receivedCount
        figures.lost = losses.count
        return figures
    }

    /// Returns the totals so far and the delays since the last call of this or of
    /// ``intervalSnapshot()``, for the load adjustment of RFC 9097.
    /// - Parameter expected: The probes up to the highest number that arrived, over all flows.
    package mutating func feedback(atNs: Int64, expected: Int) -> LoadFeedback {
        var feedback = LoadFeedback(atNs: atNs)
        feedback.expected = expected
        feedback.received = receivedCount
        feedback.reordered = reordering.reordered
        feedback.duplicates = duplicateCount
        _ = intervals.percentilesSinceLastCall()
        (feedback.delayLeastNs, feedback.delayMostNs) = intervals.extremesOfLastCall()
        return feedback
    }

    /// Adds another thread's statistics of the same stream.
    package mutating func merge(_ other: borrowing StreamStatistics) {
        precondition(
            configuration == other.configuration,
            "only statistics of one configuration can be merged")
        sentCount += other.sentCount
        inTimeCount += other.inTimeCount
        lateCount += other.lateCount
        wrongCount += other.wrongCount
        neverCount += other.neverCount
        duplicateCount += other.duplicateCount
        replicatedCount += other.replicatedCount
        discarded.add(other.discarded)
        delays.merge(other.delays)
        intendedDelays.merge(other.intendedDelays)
        delayVariation.merge(other.delayVariation)
        pacingErrors.merge(other.pacingErrors)
        losses.merge(other.losses)
        reordering.merge(other.reordering)
        intervals.merge(other.intervals)
        stages.merge(other.stages)
        if let more = other.lossRuns { lossRuns?.merge(more) }
        outages.merge(other.outages)
        if let more = other.parts { parts?.merge(more) }
        jitterSumNs += other.jitterSumNs
        jitterFlowCount += other.jitterFlowCount
    }

    func putJitter(into image: inout StatisticsImage) {
        image.put(Int(bitPattern: UInt(jitterSumNs.bitPattern)), jitterFlowCount)
    }

    mutating func addJitter(
        _ reader: inout StatisticsImageReader
    ) throws(StatisticsImage.Fault) {
        let sumNs = Double(bitPattern: UInt64(UInt(bitPattern: try reader.take())))
        guard sumNs.isFinite, sumNs >= 0 else {
            throw StatisticsImage.Fault(description: "a jitter of \(sumNs) ns")
        }
        jitterSumNs += sumNs
        jitterFlowCount += try reader.takeCount()
    }

    /// Adds the final estimate of a flow that has ended.
    mutating func recordJitter(_ jitter: JitterEstimator) {
        guard jitter.isDefined else { return }
        jitterSumNs += jitter.jitterNs
        jitterFlowCount += 1
    }

    mutating func discard(_ arrival: Arrival) {
        switch arrival {
        case .fromFuture: discarded.fromFuture += 1
        case .beyondWindow: discarded.beyondWindow += 1
        case .corrupt: discarded.corrupt += 1
        case .impossible: discarded.impossible += 1
        case .inTime, .late, .duplicate: preconditionFailure("these take part in the figures")
        }
    }
}

extension StreamStatistics {
    /// Returns the figures of all settled probes: complete once every window has been closed.
    package func summary() -> StreamFigures {
        var figures = StreamFigures()
        figures.sent = sentCount
        figures.received = receivedCount
        figures.inTime = inTimeCount
        figures.late = lateCount
        figures.never = neverCount
        figures.wrong = wrongCount
        figures.loss = losses.figures(sent: sentCount, late: lateCount, never: neverCount)
        figures.duplication.count = duplicateCount
        figures.duplication.fraction = ratio(duplicateCount, of: receivedCount)
        figures.duplication.replicatedRate = ratio(replicatedCount, of: receivedCount)
        figures.reordering = reordering.figures(received: receivedCount)
        let most = configuration.maxBuckets
        let delay = delays.summary(buckets: most)
        switch configuration.direction {
        case .roundTrip:
            figures.rttNs = delay
            figures.rttIntendedNs =
                configuration.hasIntendedTimes ? intendedDelays.summary(buckets: most) : nil
        case .oneWay:
            figures.oneWayNs = delay
        }
        figures.pacingErrorNs =
            configuration.hasIntendedTimes ? pacingErrors.summary(buckets: most) : nil
        figures.ipdvNs = delayVariation.summary()
        figures.pdvNs = delay.shiftedToMinimum()
        figures.rtpJitterNs = jitterFlowCount > 0 ? jitterSumNs / Double(jitterFlowCount) : nil
        figures.discarded = discarded
        figures.lossRuns = lossRuns
        figures.stages = stages.figures()
        if configuration.recordsIntervals {
            figures.intervals = intervals.figures(
                awaitsAnswers: configuration.direction == .roundTrip)
            figures.intervalNs = intervals.lengthNs
        }
        return figures
    }
}

extension DiscardedFigures {
    mutating func add(_ other: DiscardedFigures) {
        fromFuture += other.fromFuture
        beyondWindow += other.beyondWindow
        corrupt += other.corrupt
        impossible += other.impossible
    }
}

// The statistics and windows are the sole owners of their buffers and refer to nothing shared:
// moving one to the thread that will use it moves all of it.
extension StreamStatistics: @unchecked Sendable {}
extension ProbeWindow: @unchecked Sendable {}
extension ArrivalWindow: @unchecked Sendable {}
