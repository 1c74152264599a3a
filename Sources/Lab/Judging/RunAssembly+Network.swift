import Impairment
import Loops
import Plans
import Reports

extension RunAssembly {
    /// Returns the setup of the run's network, and its counts.
    func networkDetail() -> NetworkReport? {
        guard case .namespace(let network) = outcome.identity.network.kind,
            let ready = outcome.network?.ready.network
        else { return nil }
        let result = outcome.network?.result?.network
        let counts = result?.fault == nil ? result : nil
        let usesNetem = network.usesNetem(ifThere: layout.kernelHasNetem)
        var report = NetworkReport(
            kind: "namespace",
            madeAs: ready.isInUserNamespace
                ? NamespaceSupport.Way.userNamespace.rawValue : NamespaceSupport.Way.root.rawValue,
            mtuBytes: network.mtuBytes,
            forward: NetworkReport.Way(network.forward, counts?.forward, usesNetem: usesNetem),
            backward: NetworkReport.Way(network.backward, counts?.backward, usesNetem: usesNetem))
        report.icmpRatelimit = ready.icmpRatelimitMs
        report.icmpMsgsPerSec = ready.icmpMsgsPerSec
        return report
    }
}

extension NetworkReport.Way {
    /// Makes the report of a direction: the impairments requested of the kernel, the means, and the
    /// counts.
    fileprivate init(
        _ impairment: Impairment, _ counts: NetworkWayResult?, usesNetem: Bool
    ) {
        self.init()
        let order = NetworkAssignment.Way(impairment, usesNetem: usesNetem)
        func ratio(_ perBillion: Int) -> Double? {
            perBillion > 0 ? Double(perBillion) / 1e9 : nil
        }
        func time(_ ns: Int) -> Int? { ns > 0 ? ns : nil }
        rateBitsPerSecond = order.rateBitsPerSecond
        queueBytes = order.queueBytes
        rateBy = order.rateBitsPerSecond.map { _ in "tbf" }
        lossRatio = ratio(order.lossPerBillion)
        lossBy = lossRatio.map { _ in "nftables" }
        delayNs = time(order.delayNs)
        jitterNs = time(order.jitterNs)
        duplicateRatio = ratio(order.duplicatePerBillion)
        delayBy = impairment.beyondRules.isTransparent ? nil : usesNetem ? "netem" : "relay"
        guard let counts, !counts.entered.isEmpty else { return }
        entered = counts.entered.reduce(counts.enteredOther, +)
        lost = counts.lost.reduce(counts.lostOther, +)
        queueDrops = counts.queueDrops
    }
}
