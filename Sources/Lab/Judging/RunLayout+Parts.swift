import Load
import Loops
import Plans

/// The identification of a run's datagrams: sessions, and the parts to which they belong.
extension RunLayout {
    /// Returns the first session of sender `index`: of its warm-up, if there is one, which precede
    /// those of the measurement. Session 0 stays unused.
    func firstSession(_ index: Int) -> Int {
        scenario.senders[..<index].reduce(1) { $0 + $1.flows * phases }
    }

    /// The first session of each sender.
    private var firstSessions: [Int] {
        var next = 1
        return scenario.senders.map { sender in
            defer { next += sender.flows * phases }
            return next
        }
    }

    var phases: Int { scenario.warmUpNs > 0 ? 2 : 1 }

    func makeParts() -> [StreamPart] {
        var parts: [StreamPart] = []
        for (index, sender) in scenario.senders.enumerated() {
            let answering = instances(of: sender)
            guard !scenario.isGroup else {
                // Each member gets all flows.
                parts += answering.flatMap { member in
                    (0..<phases).map { phase in
                        StreamPart(
                            sender: index, phase: phase, isMeasured: phase == phases - 1,
                            instance: member, flows: 0..<sender.flows)
                    }
                }
                continue
            }
            let split = FlowParts(flows: sender.flows, count: answering.count)
            for phase in 0..<phases {
                for (share, instance) in answering.enumerated()
                where !split.flows(of: share).isEmpty {
                    parts.append(
                        StreamPart(
                            sender: index, phase: phase, isMeasured: phase == phases - 1,
                            instance: instance, flows: split.flows(of: share)))
                }
            }
        }
        return parts
    }

    /// Returns the number of datagrams that each flow of each part sent; none of a sender without a
    /// result.
    /// - Parameter instance: The instance of interest; the parts of others count as nothing sent.
    func sentByPart(_ results: [WorkerResult?], to instance: Int? = nil) -> [[Int]] {
        parts.map { part in
            guard let sender = results[part.sender]?.sender else { return [] }
            if let instance, part.instance != instance {
                return Array(repeating: 0, count: part.flows.count)
            }
            let sent = part.isMeasured ? sender.sentByFlow : sender.warmUpSentByFlow
            return sent.count >= part.flows.upperBound ? Array(sent[part.flows]) : []
        }
    }

    /// Returns the first answers of each part: of a warm-up as many as it sent, because nobody
    /// counts them.
    func answeredByPart(_ senders: [WorkerResult?]) -> [Int] {
        zip(parts, sentByPart(senders)).map { part, sent in
            guard part.isMeasured else { return sent.reduce(0, +) }
            let answers = senders[part.sender]?.sender?.receivedByFlow ?? []
            return answers.count >= part.flows.upperBound ? answers[part.flows].reduce(0, +) : 0
        }
    }

    /// Returns the parts of sender `index` in the measurement.
    func measuredParts(_ index: Int) -> [Int] {
        parts.indices.filter { parts[$0].sender == index && parts[$0].isMeasured }
    }

    /// Returns the streams that an instance of the responder expects. A member of a group expects
    /// none of the others' parts, which have the same sessions.
    func expectedStreams(ofInstance instance: Int) -> [ExpectedStreamOrder] {
        guard scenario.isGroup else { return expectedStreams }
        return expectedStreams.map { stream in
            var stream = stream
            if stream.instance != instance { stream.flows = 0 }
            return stream
        }
    }

    var expectedStreams: [ExpectedStreamOrder] {
        let firstSessions = firstSessions
        return parts.enumerated().map { index, part in
            let sender = scenario.senders[part.sender]
            let spacing = spacing(sender)
            var order = ExpectedStreamOrder(
                firstSession: firstSessions[part.sender] + part.phase * sender.flows
                    + part.flows.lowerBound,
                flows: part.flows.count, payloadBytes: sender.payloadBytes,
                firstSequence: part.isMeasured ? sender.startSequence : 0,
                timeoutNs: Int64(scenario.timeoutNs), windowCapacity: windowSlots(sender),
                intervalNs: spacing.lengthNs, maxIntervals: spacing.capacity,
                peersChange: sender.kind == .hitAndRun, instance: part.instance)
            order.areRequests = sender.request != nil
            order.verifies = sender.verifies || alters
            order.replyBytes = replyBytes
            order.isReversed =
                !identity.crossesHosts && identity.network.direction == .both
                && sender.instance == 1
            order.sizes = sender.sizes
            order.sizes?.seed = seed(of: sender)
            if readsMarks(sender) { order.trafficClass = sender.options.trafficClass }
            order.bound = bound(sender, isMeasured: part.isMeasured)
            order.clockErrorNs = clockErrorNs(ofPart: index)
            order.timeoutNs += 2 * order.clockErrorNs
            order.bound?.beginsNs -= order.clockErrorNs
            if part.isMeasured {
                order.beginsNs = Int64(scenario.warmUpNs + sender.options.startAfterNs)
                if isOneWay(sender) {
                    order.stageLengthsNs = sender.schedule.stages.map(\.lengthNs)
                }
                if case .durationNs(let ns) = sender.length { order.lengthNs = Int64(ns) }
                if sender.kind == .probes {
                    // What a relay numbers by its arrival is no list of a sender's losses.
                    order.maxLossRuns =
                        order.areRequests ? 0 : report.lossRuns(in: scenario)
                    order.maxEndTimes = maxEndTimes
                    order.keepsImage = sender.fleet != nil && isOneWay(sender)
                }
            }
            return order
        }
    }

    /// Returns the source address of each flow of each expected stream, as reported by the senders
    /// when they were ready.
    ///
    /// An ephemeral-port sender has a port for each burst: there the responder accepts every source
    /// with the key of the run. So it does of a sender behind a NAT: the first two probes of a flow
    /// tell the address that it has there.
    func sources(_ senders: [Ready]) -> [[String]] {
        parts.map { part in
            let sender = scenario.senders[part.sender]
            if identity.network.hostPath?.isBehindNAT(sender.host) == true { return [] }
            let addresses = senders[part.sender].addresses
            guard sender.kind == .probes, addresses.count == sender.flows else { return [] }
            return Array(addresses[part.flows])
        }
    }

    /// Returns the maximum number of datagrams of a flow by a time after the start of the run.
    private func bound(_ sender: SenderDefinition, isMeasured: Bool) -> SendingBound {
        var bound = SendingBound(
            ratePps: nil, count: nil, lengthNs: nil,
            burst: max(sender.burst, sender.schedule.datagramsAhead))
        bound.isRandom = sender.schedule.arrivals == .poisson
        var intervalNs: Int64 = 0
        if let pps = sender.peakPps {
            bound.ratePps = pps
            intervalNs = Int64(1e9 / pps)
        }
        guard isMeasured else {
            bound.lengthNs = Int64(scenario.warmUpNs)
            return bound
        }
        // A warm-up may be over two slots early: the last one is due before its end, and rounding.
        bound.beginsNs =
            max(0, Int64(scenario.warmUpNs) - 2 * intervalNs) + Int64(sender.options.startAfterNs)
        switch sender.length {
        case .durationNs(let ns): bound.lengthNs = Int64(ns)
        case .count(let count):
            // Without slots the flows of a thread share the datagrams of all of them.
            bound.count = sender.rate == .max ? count * sender.flows : count
        }
        return bound
    }

    /// The number of flows of each part.
    var flowsOfParts: [Int] { parts.map(\.flows.count) }
}
