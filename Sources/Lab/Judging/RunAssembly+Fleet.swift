import Loops
import Metrics
import Plans
import Reports

/// The hosts of a stream, each for itself.
extension RunAssembly {
    /// Returns the hosts that sent a stream; nil for a stream of one host.
    func fleet(_ index: Int, _ whole: SenderResult) -> FleetReport? {
        guard let fleet = outcome.fleets[index],
            let names = scenario.senders[index].fleet?.hosts
        else { return nil }
        var partsOfHosts: [[Int]] = Array(repeating: [], count: names.count)
        var flowsOfHosts = Array(repeating: 0, count: names.count)
        for (place, part) in layout.parts.enumerated() where part.sender == index {
            if part.isMeasured { partsOfHosts[part.member].append(place) }
            if part.phase == layout.phases - 1 { flowsOfHosts[part.member] += part.flows.count }
        }
        let hosts = names.indices.map { number in
            host(
                FleetHostReport(host: names[number], flows: flowsOfHosts[number]),
                fleet.members[number], threads: fleet.threads[number], partsOfHosts[number], whole)
        }
        return FleetReport(hosts: hosts)
    }

    private func host(
        _ start: FleetHostReport, _ member: RunOutcome.Member, threads: Int, _ parts: [Int],
        _ whole: SenderResult
    ) -> FleetHostReport {
        guard let result = member.result?.sender, let first = parts.first else { return start }
        var host = start
        let sender = scenario.senders[layout.parts[first].sender]
        let isOneWay = layout.isOneWay(sender)
        let ledger = ledger(
            parts, of: result, in: whole, member.ready, isOneWay: isOneWay, sender.request)
        host.ledger = ledger
        if ledger.sent > 0 {
            host.startNs = Int(result.firstSentNs - axisNs - aheadNs(ofSenderOf: first))
        }
        let received = isOneWay ? ledger.responderReceived : ledger.received
        if ledger.sent > 0 {
            host.lossRatio = Double(ledger.sent - ledger.inTime) / Double(ledger.sent)
        }
        let delays = isOneWay ? farDelays(parts) : result.figures.rttNs
        host.delayP50Ns = delays?.p50
        host.delayP99Ns = delays?.p99
        let allNs = result.measuredNs * Int64(threads)
        host.stallShare = allNs > 0 ? Double(result.stalls.measuredNs) / Double(allNs) : nil
        host.sentPps = ThroughputReport.rate(ledger.sent, overNs: result.measuredNs)
        host.receivedPps = received.flatMap {
            ThroughputReport.rate($0, overNs: result.measuredNs)
        }
        return host
    }

    /// Returns by how much the clock of a part's sender was ahead of the runner's.
    private func aheadNs(ofSenderOf part: Int) -> Int64 {
        guard let host = layout.sendingHost(ofPart: part), let clock = outcome.clocks[host] else {
            return 0
        }
        return clock.ahead(atNs: axisNs)?.ns ?? 0
    }

    /// Returns the one-way delays of a host, of which one part has all.
    private func farDelays(_ parts: [Int]) -> DelaySummary? {
        guard parts.count == 1, let part = parts.first,
            let stream = outcome.responder(ofPart: part, layout)?.totals?.streams[part]
        else { return nil }
        let shift = outcome.clockShift(part: part, layout)
        let tooLongNs = layout.clockErrorNs(ofPart: part) + (shift?.aheadNs ?? 0)
        let delays = stream.figures.oneWayNs?.shortened(byNs: Int(tooLongNs))
        return Int64(delays?.p50 ?? 0) >= shift?.errorNs ?? 0 ? delays : nil
    }
}
