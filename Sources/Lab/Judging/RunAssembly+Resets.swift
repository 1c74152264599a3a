import Load
import Loops
import Metrics
import Plans
import Reports

extension RunAssembly {
    /// Returns the resets and outages of one stream.
    func resets(_ index: Int, _ result: SenderResult) -> ResetsReport {
        let sender = scenario.senders[index]
        var report = ResetsReport()
        report.seen = result.resets.seen
        report.retried = result.retried
        report.refused = result.accounts.refused
        report.unattributed = result.resets.unattributed
        report.queueOverflow = result.resets.queueOverflow
        report.eatenByStaleError = result.resets.eatenByStaleError
        report.retries = RetriesReport(result.resets.retries)
        report.flowsEnded = result.resets.ended
        report.endedNs = result.resets.endedNs.map(onAxis)
        report.timesNs = result.resets.timesNs.map(onAxis)
        report.timesLeftOut = result.resets.timesLeftOut
        guard sender.kind == .probes else { return report }
        report.policy = sender.onReset.name
        report.socket = sender.socket.rawValue
        if let pps = sender.ratePps { report.resolutionNs = Int64(1e9 / pps) }
        // A sink does not answer.
        guard !layout.isOneWay(sender) else { return report }
        let due = result.accounts.sent + result.accounts.refused
        report.availability = due > 0 ? Double(result.figures.inTime) / Double(due) : nil
        let times = outageTimes(result)
        report.outages = times.reports()
        report.outagesLeftOut = result.outagesLeftOut
        report.collateral = collateral(result)
        report.collateralLoss = report.collateral?.loss
        report.timeToDetectNs = times.timeToDetect
        report.timeToRecoverNs = times.timeToRecover
        return report
    }

    /// Returns the resets of udplab's own responder.
    func resets(
        _ result: ResponderResult, _ own: OwnResponder
    ) -> ResponderResetsReport {
        var report = ResponderResetsReport(
            policy: own.onReset.name, socket: own.socket.rawValue)
        report.seen = result.resets.seen
        report.unattributed = result.resets.unattributed
        report.queueOverflow = result.resets.queueOverflow
        report.eatenByStaleError = result.resets.eatenByStaleError
        report.retries = RetriesReport(result.resets.retries)
        report.responderAlive = result.isAlive
        report.ended = result.resets.ended
        report.endedNs = result.resets.endedNs.map(onAxis)
        report.timesNs = result.resets.timesNs.map(onAxis)
        report.timesLeftOut = result.resets.timesLeftOut
        return report
    }

    /// Returns the events that resets caused: the workers that ended because of them, and those
    /// that did not return.
    func resetEvents() -> [TimelineReport] {
        responderEvents() + outcome.senders.flatMap(senderEvents)
    }

    private func responderEvents() -> [TimelineReport] {
        guard let own = layout.responder?.own else { return [] }
        let policy = own.onReset.name
        return outcome.responders.flatMap { responder -> [TimelineReport] in
            guard let resets = responder.totals?.resets else { return [] }
            return resets.endedNs.map { timeNs in
                // A process that was started later knows nothing of earlier ones.
                let sinceNs = responder.record.events.last {
                    $0.event.action == .start && $0.atNs <= timeNs
                }?.atNs
                let before = resets.timesNs.count { $0 >= sinceNs ?? .min && $0 <= timeNs }
                // Beyond the capacity only the first times are known.
                let orMore = resets.timesLeftOut > 0 ? " or more" : ""
                return TimelineReport(
                    atNs: Int(onAxis(timeNs)), event: "responder_ended",
                    subject: responder.member?.name,
                    detail: "its policy \"\(policy)\" ended it and closed its port after "
                        + "\(before)\(orMore) failed \(before == 1 ? "step" : "steps")")
            }
        }
    }

    /// Returns the losses of healthy flows during disturbances of others: of other instances of the
    /// responder, and by ephemeral-port senders.
    private func collateral(_ result: SenderResult) -> CollateralReport? {
        guard let losses = result.partLosses else { return nil }
        let strikes = outcome.senders.indices.compactMap { index -> Range<Int64>? in
            guard scenario.senders[index].kind == .hitAndRun,
                let other = outcome.senders[index].result?.sender, other.accounts.sent > 0
            else { return nil }
            return other.firstSentNs..<other.lastSentNs + 1
        }
        return CollateralLoss(
            losses: losses, flows: result.sentByFlow.count,
            absences: outcome.responders.map(\.record.absences), strikes: strikes,
            timeoutNs: Int64(scenario.timeoutNs)
        ).report()
    }

    private func senderEvents(_ member: RunOutcome.Member) -> [TimelineReport] {
        guard let result = member.result?.sender else { return [] }
        var events: [TimelineReport] = []
        if let firstNs = result.resets.endedNs.first {
            let flows = result.resets.ended
            events.append(
                TimelineReport(
                    atNs: Int(onAxis(firstNs)), event: "flows_ended",
                    subject: member.name,
                    detail: "resets ended \(flows) \(flows == 1 ? "flow" : "flows"): this is "
                        + "when the first of them ended"))
        }
        for outage in result.outages where outage.endNs == nil {
            let isAll = outage.flows == result.sentByFlow.count
            let flows = outage.flows == 1 ? "a flow" : "\(outage.flows) flows"
            events.append(
                TimelineReport(
                    atNs: Int(onAxis(outage.startNs)), event: "responder_lost",
                    subject: member.name,
                    detail: isAll
                        ? "nothing was answered from here to the end"
                        : "\(flows) had no answer from here to the end"))
        }
        return events
    }

    /// Returns the timeline's events with their actual times.
    func conducted() -> [TimelineReport] {
        outcome.events.map { conducted in
            TimelineReport(
                atNs: Int(onAxis(conducted.atNs)),
                plannedNs: conducted.event.atNs,
                event: conducted.event.action.rawValue,
                subject: conducted.instance.map(layout.name(ofInstance:))
                    ?? conducted.event.subject,
                detail: conducted.detail)
        }
    }

    /// Returns sentences on the timeline's events that were not carried out, such as the start of a
    /// program that was not ready when the senders had finished.
    func unconducted() -> [String] {
        var standings = outcome.responders.map { _ in ResponderStanding.running }
        return scenario.timeline.compactMap { event in
            let affected =
                event.action == .network ? 1 : event.happen(to: &standings).count
            let conducted = outcome.events.count { $0.event == event }
            guard conducted < affected else { return nil }
            let time = UnitText.time(ns: event.atNs)
            return
                "the timeline's \"\(event.action.rawValue)\" of \(event.subject) at \(time) was "
                + "not carried out before the senders had finished"
        }
    }

    /// Returns the outages of a stream with all known causes.
    func outageTimes(_ result: SenderResult) -> OutageTimes {
        OutageTimes(
            outages: result.outages, causes: windows() + outcome.responders.indices.flatMap(causes),
            originNs: axisNs, instances: layout.instances)
    }

    private func causes(_ instance: Int) -> [OutageCause] {
        let responder = outcome.responders[instance]
        let absences = responder.record.absences.map { OutageCause($0, instance: instance) }
        // The end of one thread of several leaves the others' flows unaffected.
        guard layout.responder?.threads == 1, let resets = responder.totals?.resets else {
            return absences
        }
        return absences
            + OutageCause.ends(
                resets.endedNs, events: responder.record.events, instance: instance)
    }

    /// Returns the windows of the relay's networks: the scenario's, and those that the timeline
    /// switched to.
    private func windows() -> [OutageCause] {
        let switched = outcome.events.compactMap { conducted in
            conducted.event.network.map { ($0, conducted.atNs) }
        }
        let networks = [(outcome.identity.network, outcome.startNs)] + switched
        return OutageCause.windows(
            of: networks.compactMap { network, sinceNs in
                network.relayImpairments(kernelHasNetem: layout.kernelHasNetem).map {
                    ($0, sinceNs)
                }
            }, originNs: axisNs)
    }

    /// The time to which the times of the report are relative, as in the plan: the first measured
    /// slot. Times before it, in the warm-up, are below zero.
    var axisNs: Int64 { outcome.startNs + Int64(scenario.warmUpNs) }

    func onAxis(_ timeNs: Int64) -> Int64 { timeNs - axisNs }
}

extension RetriesReport {
    init(_ counts: RetryCounts) {
        self.init(
            attempted: counts.attempted, succeeded: counts.succeeded, givenUp: counts.givenUp)
    }
}
