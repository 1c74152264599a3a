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
        let options = scenario.senders[index].options
        guard options.readsMarks else { return }
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
        if let there, there.count == ledger.responderReceived {
            report.forward = report.forward ?? WayReport()
            report.forward?.marks = MarksReport(there, sent: options.trafficClass)
        }
        guard let back = result.marks, back.count == ledger.received else { return }
        let isOwn = [.echo, .stamp].contains(layout.responderKind)
        report.backward = report.backward ?? WayReport()
        report.backward?.marks = MarksReport(back, sent: isOwn ? options.trafficClass : nil)
    }
}
