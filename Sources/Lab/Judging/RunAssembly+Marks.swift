import Loops
import Metrics
import Plans
import Reports

/// The marks of each direction of a stream.
///
/// They are stated only where each first copy was seen with its mark: if a responder was killed, or
/// a kernel reports no marks, those of the others would pass for those of all.
extension RunAssembly {
    func addMarks(
        _ index: Int, _ result: SenderResult, _ ledger: Ledger, to report: inout StreamReport
    ) {
        let sender = scenario.senders[index]
        let sent = sender.options.trafficClass
        guard layout.readsMarks(sender) else { return }
        if let there = forwardMarks(index, result, ledger) {
            report.forward = report.forward ?? WayReport()
            report.forward?.marks = MarksReport(there, sent: sent)
        }
        guard let back = result.marks, back.count == ledger.received else { return }
        report.backward = report.backward ?? WayReport()
        if [.echo, .stamp].contains(layout.responderKind) {
            report.backward?.marks = MarksReport(back, sent: sent)
        } else if Self.isCodepointGranted(result, ledger) {
            report.backward?.marks = MarksReport(back, codepoint: sent >> 2)
        } else {
            report.backward?.marks = MarksReport(back, sent: nil)
        }
    }

    /// Returns the marks with which probes arrived: of all, as udplab's responders count them, or
    /// of the answered ones, as a STAMP reflector tells each of them (RFC 8972 §4.4).
    private func forwardMarks(
        _ index: Int, _ result: SenderResult, _ ledger: Ledger
    ) -> MarkCounts? {
        let parts = layout.measuredParts(index).map { part in
            outcome.responder(ofPart: part, layout)?.totals.flatMap { totals in
                totals.streams.indices.contains(part) ? totals.streams[part].marks : nil
            }
        }
        let there = parts.reduce(MarkCounts?.some(MarkCounts())) { sum, part in
            guard var sum, let part else { return nil }
            sum.add(part)
            return sum
        }
        if let there, there.count == ledger.responderReceived { return there }
        guard let told = result.stamp?.facts?.marks, told.count > 0,
            told.count == ledger.received
        else { return nil }
        return told
    }

    /// Whether a STAMP reflector says of each answer that it was sent with the probes' codepoint.
    private static func isCodepointGranted(_ result: SenderResult, _ ledger: Ledger) -> Bool {
        guard let facts = result.stamp?.facts else { return false }
        return facts.marks.count == ledger.received && facts.counts.codepointRefused == 0
    }
}
