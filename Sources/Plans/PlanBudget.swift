import JSON
import Load

/// The resources of a plan, computed before anything is started (P19, S4).
package struct PlanBudget: Sendable, Equatable {
    /// The datagrams that all senders of all runs schedule, warm-up included; nil if a sender sends
    /// for a duration at `max`, or there is a battery.
    package let datagrams: Int?
    /// The payload of these datagrams in bytes; nil if `datagrams` is.
    package let payloadBytes: Int?
    /// The sequence windows of the run that needs most, in bytes.
    package let memoryBytes: Int
    /// The memory of all workers of the run that needs most, without the windows of its senders.
    package let workerBytes: Int
    /// The file descriptors of the process, runner or worker, that needs most. Every sender is a
    /// worker, and so is every instance of the responder.
    package let descriptorsNeeded: Int
    /// The time of all runs, one after the other: warm-up, sending and the wait for the last
    /// answer. Nil if a sender counts datagrams at `max`, or there is a battery.
    package let runTimeNs: Int?

    /// The memory of an idle worker.
    package static let bytesOfAnyWorker = 16 << 20
    /// The statistics of one stream on one thread, without intervals.
    package static let statisticsBytes = 2 << 20
    /// The memory of an `IntervalSeries` per interval.
    package static let intervalBytes = 8 << 10

    /// The memory of one slot of a sequence window.
    package static let slotBytes = 32
    /// The assumed rate of a stream at `max`, all flows together. With offload a stream sends
    /// twenty times that, and has no larger windows: a closed loop with a full window waits for its
    /// answers, which slows it down and falsifies no figure.
    package static let rateAssumedAtMaxPps = 1_000_000
    /// The memory limit for the windows of a stream at `max`, all flows together, however long the
    /// timeout is. Only thousands of flows take more, `slotsMin` for each.
    package static let windowBytesAtMax = 64 << 20
    /// The smallest window, which holds the largest batch. It is also that of a slow flow, whose
    /// late answers it identifies for longer than twice the timeout.
    package static let slotsMin = 256
    /// The slots for which the slow flows of one stream have the smallest window: with more flows
    /// it is smaller, because it keeps no flow from sending one datagram after the other.
    package static let slotsOfSlowFlows = 1 << 18
    /// The descriptors of any process: standard streams, control pipe, event and timer descriptors,
    /// a report, temporary descriptors of a spawn, spares.
    package static let descriptorsOfAnyProcess = 24
    /// The runner's descriptors per worker: standard input, output and error, and the pidfd.
    package static let descriptorsPerWorker = 4
    /// The epoll(7) descriptor of a further data thread. That of the first thread is among
    /// `descriptorsOfAnyProcess`.
    package static let descriptorsPerFurtherThread = 1
    /// The maximum number of ports of ephemeral-port senders that a relay remembers, with a socket
    /// each.
    package static let passingPortsLimit = 16_384
    /// The sockets that a battery has open at the same time, with some to spare.
    package static let descriptorsOfBattery = 128

    package static func of(_ plan: Plan) -> PlanBudget {
        let report = ReportBudget.of(plan)
        let runs = plan.scenarios.flatMap(RunBudget.all)
        let (datagrams, payload) = (total(runs, \.datagrams), total(runs, \.payloadBytes))
        return PlanBudget(
            datagrams: datagrams.map(Int.init(clamping:)),
            payloadBytes: payload.map(Int.init(clamping:)),
            memoryBytes: runs.map(\.memoryBytes).max() ?? 0,
            workerBytes: plan.scenarios.flatMap(\.placements).map { $0.workerBytes(report) }.max()
                ?? 0,
            descriptorsNeeded: runs.map(\.descriptors).max() ?? 0,
            runTimeNs: total(runs, \.timeNs).map(Int.init(clamping:)))
    }

    /// Returns the sum over all runs of all scenarios; nil if one value is unknown.
    fileprivate static func total(
        _ runs: [RunBudget], _ part: KeyPath<RunBudget, Int128?>
    ) -> Int128? {
        var sum: Int128 = 0
        for run in runs {
            guard let value = run[keyPath: part] else { return nil }
            sum += value * Int128(run.count)
        }
        return sum
    }
}

/// The resources of one run of a scenario. Products of legal values exceed 64 bits.
private struct RunBudget {
    let count: Int
    let datagrams: Int128?
    let payloadBytes: Int128?
    let memoryBytes: Int
    let descriptors: Int
    let timeNs: Int128?

    /// Returns the resources of a run on each network of a scenario.
    static func all(_ scenario: ScenarioDefinition) -> [RunBudget] {
        scenario.placements.map(RunBudget.init)
    }

    private init(_ scenario: ScenarioDefinition) {
        let senders = scenario.sendersAtMost
        count = scenario.repeats
        let counts = senders.map { sender in
            sender.datagramsPerFlow.map { perFlow in
                Int128(sender.flows)
                    * (Int128(perFlow) + Int128(sender.warmUpDatagrams(scenario.warmUpNs)))
            }
        }
        let known = counts.compactMap { $0 }
        // The datagrams of a battery depend on its server, those of a search on its trials.
        let areKnown =
            known.count == counts.count && scenario.battery == nil && scenario.search == nil
        datagrams = areKnown ? known.reduce(0, +) : nil
        payloadBytes =
            areKnown
            ? zip(known, senders).map { $0 * Int128($1.payloadBytes) }.reduce(0, +) : nil
        memoryBytes = senders.filter { $0.host == nil }
            .memoryBytes(timeoutNs: scenario.timeoutNs)
        descriptors = Self.descriptors(scenario)
        let lengths = senders.compactMap(\.expectedEndNs)
        let fixed = scenario.warmUpNs + scenario.timeoutNs
        let longest = Int128(fixed + (lengths.max() ?? 0))
        // Of a search it is the most: the last trial begins within its time.
        timeNs =
            lengths.count == senders.count && scenario.battery == nil
            ? longest + Int128(scenario.search?.withinNs ?? 0) : nil
    }

    /// Returns the descriptors of the process that needs most: a sender has a socket per flow, a
    /// responder one per thread, the relay of an emulated network one per port that sends to it and
    /// one to listen, the runner the streams of all workers.
    private static func descriptors(_ scenario: ScenarioDefinition) -> Int {
        let hasRelay = scenario.networks.contains(where: \.hasRelay)
        let ports = scenario.senders.map(\.flows).reduce(0, +) + scenario.passingPorts
        let responderThreads = scenario.responder?.threads ?? 1
        let instances = scenario.responder?.instances ?? 1
        let sockets =
            scenario.senders.map { (count: $0.flows, threads: $0.threads) }
            + Array(
                repeating: (count: responderThreads, threads: responderThreads), count: instances)
            + (hasRelay ? [(count: ports + 1, threads: 1)] : [])
        let workers = sockets.map { worker in
            worker.count + (worker.threads - 1) * PlanBudget.descriptorsPerFurtherThread
        }
        let trials = scenario.battery == nil ? 0 : PlanBudget.descriptorsOfBattery
        let runner = sockets.count * PlanBudget.descriptorsPerWorker + trials
        return PlanBudget.descriptorsOfAnyProcess + max(workers.max() ?? 0, runner)
    }
}

extension ScenarioDefinition {
    /// Returns the memory of the workers of a run without their windows. A thread has statistics of
    /// its own for each stream that it serves.
    fileprivate func workerBytes(_ report: ReportBudget) -> Int {
        let intervals = senders.map {
            report.spacing(of: $0, in: self).capacity * PlanBudget.intervalBytes
        }
        let ofSenders = zip(senders, intervals).map { sender, intervals in
            sender.host != nil
                ? 0
                : PlanBudget.bytesOfAnyWorker
                    + sender.threads * (2 * PlanBudget.statisticsBytes + intervals)
        }
        let phases = warmUpNs > 0 ? 2 : 1
        var ofThread = senders.count * phases * PlanBudget.statisticsBytes
        if responder?.isSink == true { ofThread += intervals.reduce(0, +) }
        if responder?.replyDelay != nil { ofThread += OwnResponder.heldBytesMost }
        let ofResponder =
            PlanBudget.bytesOfAnyWorker + (responder?.threads ?? 1) * ofThread
        let relay = networks.contains(where: \.hasRelay) ? PlanBudget.bytesOfAnyWorker : 0
        let instances = (0..<(responder?.instances ?? 0)).count {
            responder?.host(ofInstance: $0) == nil
        }
        return ofSenders.reduce(0, +) + instances * ofResponder + relay
    }

    /// The sessions of a run: one per flow and phase.
    fileprivate var sessions: Int {
        senders.reduce(0) { $0 + $1.flows } * (warmUpNs > 0 ? 2 : 1)
    }

    /// The number of ports that ephemeral-port senders use within the timeout, as far as a relay
    /// remembers them: each burst has a port of its own.
    package var passingPorts: Int {
        let ports = senders.filter { $0.kind == .hitAndRun }.reduce(0.0) { sum, sender in
            guard case .perFlow(let pps) = sender.rate else { return .infinity }
            let passing = pps * Double(timeoutNs) / 1e9
            let datagrams = min(passing, sender.datagramsPerFlow.map(Double.init) ?? passing)
            let bursts = (datagrams / Double(max(1, sender.burst))).rounded(.up)
            return sum + bursts * Double(sender.flows)
        }
        return Int(min(ports, Double(PlanBudget.passingPortsLimit)))
    }
}

extension SenderDefinition {
    /// The datagrams that each flow schedules: `count`, or the slots at k / rate for k = 0, 1, …
    /// before the end of the duration, which are ⌈rate × duration⌉; of a random schedule the most
    /// that are to be expected. Nil at `max` for a duration.
    package var datagramsPerFlow: Int? {
        switch length {
        case .count(let count): count
        case .durationNs(let duration): ratePps.map { most(Self.slots($0, duration)) }
        }
    }

    /// Returns the most datagrams of a flow where a mean of `mean` is due: bursts are whole, and
    /// the number of a Poisson process is above its mean by eight deviations once in 10^15.
    private func most(_ mean: Int) -> Int {
        switch schedule.arrivals {
        case .constant: mean
        case .trace: mean + schedule.datagramsAhead
        case .bursts(let size): (mean + size - 1) / size * size
        case .poisson: mean + Int(8 * Double(mean).squareRoot()) + 8
        }
    }

    /// The time for which the flows send, without warm-up. Nil for a count at `max`.
    package var expectedDurationNs: Int? {
        switch length {
        case .durationNs(let duration): duration
        case .count(let count):
            ratePps.map {
                Int(clamping: (Int128(count) * 1_000_000_000 * Self.stepsPerPps) / Self.steps($0))
            }
        }
    }

    /// The time from the first measured slot of the run to the end of the flows; nil for a count at
    /// `max`.
    package var expectedEndNs: Int? { expectedDurationNs.map { $0 + options.startAfterNs } }

    /// Returns the slots of each flow's sequence window, a power of two: the datagrams of twice the
    /// timeout, and at most those of the whole run.
    ///
    /// At `max` the rate is an assumption, and the windows of the stream together keep within
    /// `PlanBudget.windowBytesAtMax`: a flow that has filled its window before its probes are
    /// answered or lost waits.
    package func windowSlots(timeoutNs: Int) -> Int {
        // The one unanswered request of a flow leaves the window before the next.
        if request?.isOneAtATime == true { return 1 }
        let slots = slotsOfRate(timeoutNs)
        return request?.numberBits == 16 ? min(slots, RequestRules.windowOf16Bits) : slots
    }

    private func slotsOfRate(_ timeoutNs: Int) -> Int {
        switch peakPps {
        case let pps?:
            return windowSlots(pps, timeoutNs)
        case nil:
            let share = PlanBudget.windowBytesAtMax / PlanBudget.slotBytes / flows
            let most = max(share, PlanBudget.slotsMin).roundedDownToPowerOfTwo
            let pps = Double(PlanBudget.rateAssumedAtMaxPps) / Double(flows)
            return min(windowSlots(pps, timeoutNs), most)
        }
    }

    private func windowSlots(_ pps: Double, _ timeoutNs: Int) -> Int {
        let passing = most(Self.slots(pps, 2 * timeoutNs))
        let needed = min(passing, datagramsPerFlow ?? .max)
        return max(needed, slotsMin).roundedUpToPowerOfTwo
    }

    /// The smallest window of a flow. At `max` a batch has to fit in.
    private var slotsMin: Int {
        guard peakPps != nil else { return PlanBudget.slotsMin }
        let share = (PlanBudget.slotsOfSlowFlows / flows).roundedDownToPowerOfTwo
        return min(PlanBudget.slotsMin, share)
    }

    /// Returns the datagrams per flow before the measurement, as far as they are known.
    fileprivate func warmUpDatagrams(_ warmUpNs: Int) -> Int {
        guard case .perFlow(let pps) = rate else { return 0 }
        return Self.slots(pps, warmUpNs)
    }

    private static let stepsPerPps = Int128(Quantity.stepsPerPacketPerSecond)

    /// Returns the exact steps of a rate.
    private static func steps(_ pps: Double) -> Int128 {
        Int128((pps * Quantity.stepsPerPacketPerSecond).rounded())
    }

    /// Returns ⌈rate × time⌉.
    private static func slots(_ pps: Double, _ timeNs: Int) -> Int {
        let divisor = stepsPerPps * 1_000_000_000
        return Int(clamping: (steps(pps) * Int128(timeNs) + divisor - 1) / divisor)
    }
}

extension [SenderDefinition] {
    /// Returns the memory of the sequence windows of all flows of all senders.
    fileprivate func memoryBytes(timeoutNs: Int) -> Int {
        map { $0.flows * $0.windowSlots(timeoutNs: timeoutNs) * PlanBudget.slotBytes }
            .reduce(0, +)
    }
}

extension Int {
    /// The smallest power of two that is not smaller than the number; legal windows stay below
    /// 2^40.
    fileprivate var roundedUpToPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (bitWidth - (self - 1).leadingZeroBitCount)
    }

    /// The greatest power of two that is not greater than the number, which is above zero.
    fileprivate var roundedDownToPowerOfTwo: Int {
        1 << (bitWidth - 1 - leadingZeroBitCount)
    }
}

// MARK: Limits

extension PlanBudget {
    /// Adds a problem for every scenario at `node` whose computed figures are out of bounds.
    static func check(
        _ senders: [SenderDefinition], timeoutNs: Int, at node: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = node["senders"]?.content else { return }
        for (sender, node) in zip(senders, nodes) { check(sender, at: node, problems) }
        let bytes = senders.memoryBytes(timeoutNs: timeoutNs)
        if bytes > PlanLimits.memoryBytesMax {
            problems.add(
                "the sequence windows of this scenario need \(bytes.inMiB), that is flows × rate "
                    + "× 2 × timeout, rounded up to a power of two, × \(slotBytes) B "
                    + "(legal: up to \(PlanLimits.memoryBytesMax.inMiB))", at: node)
            return
        }
        for (sender, node) in zip(senders, nodes) {
            let slots = sender.windowSlots(timeoutNs: timeoutNs)
            guard slots > PlanLimits.windowSlotsMax else { continue }
            problems.add(
                "the sequence window of a flow needs \(slots) slots, that is rate × 2 × timeout, "
                    + "rounded up to a power of two (legal: up to \(PlanLimits.windowSlotsMax)): "
                    + "spread the rate over more flows", at: node)
        }
    }

    private static func check(
        _ sender: SenderDefinition, at node: JSONNode, _ problems: JSONProblems
    ) {
        // The count at `max` is unknown; the greatest legal rate is beyond any machine.
        let most = PlanLimits.rate.steps.upperBound / 1_000_000
        let seconds = PlanLimits.duration.steps.upperBound / 1_000_000_000
        let datagrams = sender.datagramsPerFlow ?? most * seconds
        if datagrams > PlanLimits.sequenceMax - sender.startSequence {
            problems.add(
                "\(datagrams) datagrams per flow from sequence number \(sender.startSequence) on "
                    + "pass the last one, \(PlanLimits.sequenceMax)", at: node)
        }
        if case .count = sender.length, let time = sender.expectedDurationNs,
            !PlanLimits.duration.steps.contains(max(time, PlanLimits.duration.steps.lowerBound))
        {
            problems.add(
                "\(datagrams) datagrams at this rate take \(time / 3_600_000_000_000) hours "
                    + "(legal: \(PlanLimits.duration.text))", at: node["count"] ?? node)
        }
    }

    /// Adds a problem if all runs together take too long.
    static func checkTotal(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        for (index, scenario) in scenarios.enumerated() {
            let flows = scenario.placements.map(\.sessions).max() ?? 0
            guard flows > PlanLimits.sessionsOfRun else { continue }
            problems.add(
                "the flows of all senders of a run are \(flows)"
                    + (scenario.warmUpNs > 0 ? ", those of the warm-up counted again" : "")
                    + " (legal: up to \(PlanLimits.sessionsOfRun), as each has a number of 16 bits)",
                at: root["scenarios"]?.elements?[index] ?? root)
        }
        // Unknown times count as 0: the runner bounds each run.
        let runs = scenarios.flatMap(RunBudget.all)
        let sum = runs.map { ($0.timeNs ?? 0) * Int128($0.count) }.reduce(0, +)
        guard sum > Int128(PlanLimits.runTimeNsMax) else { return }
        let day: Int128 = 24 * 3_600_000_000_000
        problems.add(
            "all runs together take \(sum / day) days (legal: up to "
                + "\(Int128(PlanLimits.runTimeNsMax) / day) days)",
            at: root["scenarios"] ?? root)
    }
}

extension Int {
    /// A number of bytes for a message.
    fileprivate var inMiB: String { "\(self >> 20) MiB" }
}
