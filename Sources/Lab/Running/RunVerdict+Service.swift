import Plans
import Reports

/// Whether the service answered, and went on answering.
///
/// A service of the user's that does not is a finding (`fail`), unless the plan itself took it
/// away. Of udplab's own responder nobody wants to know: if it does not answer, this host or the
/// plan is why.
extension RunVerdict {
    /// An outage to the end of this share of what was scheduled, and of so many probes, is no
    /// series of losses: with every second datagram lost it is one in a thousand runs.
    private static let silentShareLeast = 0.1
    private static let silentProbesLeast = 10

    /// - Parameter isHostLimited: Whether this host kept datagrams from being sent or taken in:
    ///   then silence proves nothing, and a reset does.
    func serviceFindings(_ run: RunReport, isHostLimited: Bool, _ judgement: inout Judgement) {
        let side = AnsweringSide(of: scenario, onNetwork: run.network)
        for stream in run.streams {
            if let cause = unsent(stream) ?? silence(stream, side, isHostLimited) {
                judgement.add(cause)
                continue
            }
            // Of hit-and-run senders no answer is awaited.
            guard stream.kind == .probes else { continue }
            if let refusal = refusal(stream) {
                let sentence = "\(stream.sender): \(refusal)"
                if let planned = side.plannedTrouble {
                    judgement.note("\(sentence): \(planned)")
                } else if side.isOfUser {
                    let to = stream.addresses.remote
                    judgement.add(Cause(.fail, "\(sentence): nobody listened at \(to) any more"))
                } else {
                    judgement.add(
                        Cause(.inconclusive, "\(sentence), and nothing in the plan closes the port")
                    )
                }
            } else if let end = endOfAnswers(stream, in: run, side, isHostLimited) {
                judgement.add(Cause(.fail, "\(stream.sender): \(end)"))
            }
        }
    }

    /// Zero throughput never passes: a stream of which nothing left says so.
    private func unsent(_ stream: StreamReport) -> Cause? {
        let ledger = stream.ledger
        guard ledger.sent == 0 else { return nil }
        let why = ledger.skipped > 0 ? ", because this host's processors were the limit" : ""
        return Cause(.inconclusive, "\(stream.sender): nothing was sent\(why)")
    }

    /// Nor does a stream of which nothing came back.
    private func silence(
        _ stream: StreamReport, _ side: AnsweringSide, _ isHostLimited: Bool
    ) -> Cause? {
        guard stream.kind == .probes, stream.ledger.received == 0 else { return nil }
        let to = stream.addresses.remote
        let resets = stream.resets.seen
        // What a network of the plan's dropped never was the service's to answer.
        let reachedNobody = stream.ledger.lostUnsplit == 0 && resets == 0
        let isFailure =
            side.isOfUser && side.plannedTrouble == nil && !reachedNobody
            && (resets > 0 || !isHostLimited)
        return Cause(
            isFailure ? .fail : .inconclusive,
            resets > 0
                ? "\(stream.sender): nobody listens at \(to): nothing was answered, and "
                    + "\(UnitText.count(resets)) resets (ICMP port unreachable) came back"
                : "\(stream.sender): nothing was answered from \(to)")
    }

    /// What did not leave because of resets, where it is more than is tolerated.
    private func refusal(_ stream: StreamReport) -> String? {
        let ledger = stream.ledger
        if exceedsTolerance(ledger.refused, of: ledger.scheduled) {
            return "\(UnitText.count(ledger.refused)) of \(UnitText.count(ledger.scheduled)) "
                + "datagrams were refused (ECONNREFUSED) and did not leave"
        }
        // At `max` nobody knows what a flow that has ended would have sent.
        let ended = stream.resets.flowsEnded
        guard stream.pacing.intendedPps == nil, ended > 0 else { return nil }
        return "resets ended \(UnitText.count(ended)) of \(UnitText.count(stream.flows)) flows, "
            + "which sent nothing from then on"
    }

    /// A service of the user's that answered, and from some time on no more.
    private func endOfAnswers(
        _ stream: StreamReport, in run: RunReport, _ side: AnsweringSide, _ isHostLimited: Bool
    ) -> String? {
        guard side.isOfUser, side.plannedTrouble == nil, run.relay == nil,
            let last = stream.resets.outages.last(where: { $0.endNs == nil })
        else { return nil }
        let to = stream.addresses.remote
        let probes = "the last \(UnitText.count(last.probes)) probes had no answer"
        let scheduled = stream.ledger.scheduled
        if last.detectedNs != nil, exceedsTolerance(last.probes, of: scheduled) {
            return "nobody listens at \(to) any more: \(probes), and resets (ICMP port "
                + "unreachable) came back"
        }
        guard !isHostLimited, last.flows == stream.flows, run.networkDetail == nil,
            last.probes >= Self.silentProbesLeast,
            Double(last.probes) > Self.silentShareLeast * Double(scheduled)
        else { return nil }
        return "nothing is answered from \(to) any more: \(probes)"
    }
}
