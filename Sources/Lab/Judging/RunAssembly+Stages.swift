import Load
import Loops
import Metrics
import Reports

extension RunAssembly {
    /// Returns the stages of a stream: sent is what the sender counted, and lost what the end that
    /// receives counted.
    func stages(
        _ sender: SenderDefinition, _ measured: StreamFigures, _ result: SenderResult,
        isOneWay: Bool
    ) -> [StageReport]? {
        let stages = sender.schedule.stages
        guard !stages.isEmpty, result.figures.stages.count == stages.count else { return nil }
        let hosts = sender.fleet.map { $0.sharesFlows ? 1 : $0.hosts.count } ?? 1
        return stages.indices.map { index in
            var figures = result.figures.stages[index]
            var lost: Int? = figures.lost + figures.wrong
            if isOneWay {
                let isKnown = measured.stages.count == stages.count
                lost = isKnown ? min(figures.sent, measured.stages[index].lost) : nil
                figures.delayP50Ns = isKnown ? measured.stages[index].delayP50Ns : nil
                figures.delayP99Ns = isKnown ? measured.stages[index].delayP99Ns : nil
            }
            return StageReport(
                figures, lengthNs: Int(stages[index].lengthNs),
                offeredPps: stages[index].pps * Double(sender.flows * hosts), lost: lost)
        }
    }
}
