import Plans
import Reports

/// The verdict on the service: whether it answered, and continued to answer.
///
/// A user's service that does not is a finding (`fail`), unless the plan itself stopped it.
/// udplab's own responder is not under test: if it does not answer, this host or the plan is the
/// reason.
extension RunVerdict {
    /// The minimum share of the scheduled datagrams, and number of probes, of a final outage that
    /// counts as such and not as a series of losses: with every second datagram lost it occurs in
    /// one of a thousand runs.
    private static let silentShareLeast = 0.1
    private static let silentProbesLeast = 10

    /// Adds the findings on the service.
    /// - Parameter isHostLimited: Whether this host kept datagrams from being sent or received:
    ///   silence then proves nothing, but a reset does.
    func serviceFindings(_ run: RunReport, isHostLimited: Bool, _ judgement: inout Judgement) {
        let side = AnsweringSide(of: scenario, onNetwork: run.network)
        for stream in run.streams {
            if let cause = unsent(stream) ?? silence(stream, side, isHostLimited) ?? wrong(stream) {
                judgement.add(cause)
                continue
            }
            // No answer is awaited from ephemeral-port senders.
            guard stream.isFollowed else { continue }
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

    /// Returns the cause for a stream of which nothing was sent: zero throughput never passes.
    private func unsent(_ stream: StreamReport) -> Cause? {
        let ledger = stream.ledger
        guard ledger.sent == 0 else { return nil }
        let why =
            ledger.skipped > 0 ? ", because \(host(of: stream))'s processors were the limit" : ""
        return Cause(.inconclusive, "\(stream.sender): nothing was sent\(why)")
    }

    /// Returns the cause for a stream without any answer, which never passes either.
    private func silence(
        _ stream: StreamReport, _ side: AnsweringSide, _ isHostLimited: Bool
    ) -> Cause? {
        guard stream.isFollowed, stream.ledger.received == 0 else { return nil }
        let to = stream.addresses.remote
        let resets = stream.resets.seen
        // Datagrams that the plan's network dropped never reached the service.
        let reachedNobody = stream.ledger.lostUnsplit == 0 && resets == 0
        let isFailure =
            side.isOfUser && side.plannedTrouble == nil && !reachedNobody
            && (resets > 0 || !isHostLimited)
        return Cause(
            isFailure ? .fail : .inconclusive,
            resets > 0
                ? "\(stream.sender): nobody listens at \(to): nothing was answered, and "
                    + "\(UnitText.count(resets)) \(stream.resetsText) came back"
                : "\(stream.sender): nothing was answered from \(to)")
    }

    /// Returns the cause for a service whose answers were all wrong: to be answered is not enough.
    private func wrong(_ stream: StreamReport) -> Cause? {
        guard let count = stream.ledger.wrongAnswer, count > 0, count == stream.ledger.received
        else { return nil }
        let answer = stream.request?.firstWrongAnswer.map { "; the first begins \"\($0)\"" } ?? ""
        return Cause(
            .fail,
            "\(stream.sender): none of the \(UnitText.count(count)) answers was what was asked for"
                + answer)
    }

    /// Returns a sentence on datagrams that were not sent because of resets, if they exceed the
    /// tolerance.
    private func refusal(_ stream: StreamReport) -> String? {
        let ledger = stream.ledger
        if exceedsTolerance(ledger.refused, of: ledger.scheduled) {
            return "\(UnitText.count(ledger.refused)) of \(UnitText.count(ledger.scheduled)) "
                + "datagrams were refused (ECONNREFUSED) and did not leave"
        }
        // At `max` the number of datagrams that a flow did not send after its end is unknown.
        let ended = stream.resets.flowsEnded
        guard stream.pacing.intendedPps == nil, ended > 0 else { return nil }
        return "resets ended \(UnitText.count(ended)) of \(UnitText.count(stream.flows)) flows, "
            + "which sent nothing from then on"
    }

    /// Returns a sentence on a user's service that answered, and stopped answering at some time.
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
            return "nobody listens at \(to) any more: \(probes), and \(stream.resetsText) came back"
        }
        guard !isHostLimited, last.flows == stream.flows, run.networkDetail == nil,
            last.probes >= Self.silentProbesLeast,
            Double(last.probes) > Self.silentShareLeast * Double(scheduled)
        else { return nil }
        return "nothing is answered from \(to) any more: \(probes)"
    }
}
