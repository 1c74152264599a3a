import Load
import Loops
import Metrics
import Plans

/// The results of several hosts that send one stream, as one.
extension RunOutcome {
    /// The workers of a stream that several hosts send.
    struct Fleet: Sendable {
        /// In the order of the plan's hosts; those that were lost have no result.
        let members: [Member]
        /// The threads of each.
        let threads: [Int]
        /// The counts and figures of a sink, of all of them; nil if answers are awaited.
        var far: ResponderStreamResult?
    }

    /// Returns the outcome with one sender per stream.
    /// - Parameters:
    ///   - layout: The layout of the run, by sender.
    ///   - whole: The layout by stream.
    func gathered(_ layout: RunLayout, as whole: RunLayout) -> RunOutcome {
        let streams = layout.sendersOfStreams
        guard streams.count < senders.count else { return self }
        var outcome = self
        outcome.identity = whole.identity
        outcome.senders = []
        outcome.orders = []
        for (stream, members) in streams.enumerated() {
            outcome.orders.append(orders[members[0]])
            guard whole.scenario.senders[stream].fleet != nil else {
                outcome.senders.append(senders[members[0]])
                continue
            }
            let own = members.map { senders[$0] }
            outcome.fleets[stream] = Fleet(
                members: own, threads: members.map { layout.scenario.senders[$0].threads })
            outcome.senders.append(own[0].standing(for: own, result: nil))
            do throws(StatisticsImage.Fault) {
                let result = try sum(stream, own, whole)
                outcome.senders[stream] = own[0].standing(for: own, result: result)
                let far = try far(stream, whole)
                outcome.fleets[stream]?.far = far
            } catch {
                let name = whole.scenario.senders[stream].name
                outcome.failure =
                    outcome.failure
                    ?? RunFailure(
                        identity: whole.identity, error: error, worker: "sender \(name)")
            }
        }
        return outcome
    }

    /// The workers that sent, each for itself.
    var sendingWorkers: [Member] {
        var pids: Set<Int> = []
        // Towards a group there is a sender for each member, all of one worker.
        return senders.indices.flatMap { fleets[$0]?.members ?? [senders[$0]] }
            .filter { !identity.scenario.isGroup || pids.insert($0.pid).inserted }
    }

    /// Returns the result of a stream's hosts together; nil if none has one.
    private func sum(
        _ stream: Int, _ members: [Member], _ layout: RunLayout
    ) throws(StatisticsImage.Fault) -> WorkerResult? {
        let sender = layout.scenario.senders[stream]
        guard var sum = members.lazy.compactMap({ $0.result?.sender }).first,
            var whole = members.lazy.compactMap(\.result).first
        else { return nil }
        sum.empty()
        var statistics = StreamStatistics(configuration: layout.statistics(sender))
        var lists = FleetLists()
        for (number, member) in members.enumerated() {
            let flows = layout.flows(ofMember: number, ofStream: stream)
            guard let result = member.result?.sender else {
                sum.skip(flows: flows, hasWarmUp: layout.phases > 1)
                continue
            }
            let firstFlow = sum.sentByFlow.count
            sum.add(result)
            if let image = result.image { try statistics.add(image) }
            lists.add(result, firstFlow: firstFlow)
        }
        sum.figures = statistics.summary()
        lists.give(to: &sum, outages: layout.report.outages(in: layout.scenario))
        whole.sender = sum
        return whole
    }

    /// Returns what a sink said of a stream; nil if answers are awaited, or the sink said nothing.
    private func far(
        _ stream: Int, _ layout: RunLayout
    ) throws(StatisticsImage.Fault) -> ResponderStreamResult? {
        let sender = layout.scenario.senders[stream]
        guard layout.isOneWay(sender) else { return nil }
        var statistics = StreamStatistics(configuration: layout.statistics(sender))
        var sum: ResponderStreamResult?
        for part in layout.measuredParts(stream) {
            guard let own = responder(ofPart: part, layout)?.totals?.streams[part] else {
                return nil
            }
            if let image = own.image {
                let aheadNs = clockShift(part: part, layout)?.aheadNs ?? 0
                try statistics.add(
                    image, tooLongNs: layout.clockErrorNs(ofPart: part) + aheadNs)
            }
            sum?.counts.add(own.counts)
            sum?.splitFlows += own.splitFlows
            sum?.receivedByFlow += own.receivedByFlow
            sum = sum ?? own
        }
        sum?.figures = statistics.summary()
        return sum
    }
}

/// The lists of the hosts of a stream, with the flows numbered through.
private struct FleetLists {
    private var outages: [Outage] = []
    private var lossRuns: LossRunList?

    mutating func add(_ result: SenderResult, firstFlow: Int) {
        outages += result.outages.map { outage in
            var outage = outage
            outage.flow += firstFlow
            return outage
        }
        guard let runs = result.figures.lossRuns?.renumbered(from: firstFlow) else { return }
        if lossRuns == nil { lossRuns = runs } else { lossRuns?.merge(runs) }
    }

    func give(to sum: inout SenderResult, outages most: Int) {
        let inOrder = outages.sorted { ($0.startNs, $0.flow) < ($1.startNs, $1.flow) }
        sum.outages = Array(inOrder.prefix(most))
        sum.outagesLeftOut += max(0, inOrder.count - most)
        sum.figures.lossRuns = lossRuns
    }
}

extension RunOutcome.Member {
    /// Returns a worker that stands for those of several hosts.
    fileprivate func standing(
        for members: [RunOutcome.Member], result: WorkerResult?
    ) -> RunOutcome.Member {
        var ready = ready
        ready.addresses = members.flatMap(\.ready.addresses)
        return RunOutcome.Member(
            name: name, ready: ready, result: result, pid: pid, exit: exit, host: host)
    }
}

extension RunLayout {
    /// The configuration of a stream's statistics, with times from the start of each host's own.
    fileprivate func statistics(_ sender: SenderDefinition) -> StreamConfiguration {
        let spacing = spacing(sender)
        var configuration = StreamConfiguration(
            timeoutNs: Int64(scenario.timeoutNs), payloadBytes: replyBytes ?? sender.payloadBytes,
            startNs: 0,
            intervalNs: spacing.lengthNs, maxIntervals: spacing.capacity, recordsIntervals: true,
            hasIntendedTimes: sender.ratePps != nil,
            direction: isOneWay(sender) ? .oneWay : .roundTrip)
        configuration.stageLengthsNs = sender.schedule.stages.map(\.lengthNs)
        return configuration
    }

    /// Returns the number of flows of one host of a stream.
    fileprivate func flows(ofMember number: Int, ofStream stream: Int) -> Int {
        let last = phases - 1
        return parts.reduce(0) { sum, part in
            let isOwn = part.sender == stream && part.member == number && part.phase == last
            return sum + (isOwn ? part.flows.count : 0)
        }
    }
}
