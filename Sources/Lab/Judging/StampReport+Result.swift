import Loops
import Reports

extension StampReport {
    init(_ result: StampResult) {
        self.init(
            stateful: result.isStateful, untoldFlows: result.untoldFlows, absurd: result.absurd,
            ownErrorNs: result.ownErrorNs.map(Int.init),
            farErrorNs: result.farErrorNs.map(Int.init),
            oneWay: result.oneWay)
    }
}
