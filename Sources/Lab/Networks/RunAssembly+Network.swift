import Plans
import Reports
import Workers

extension RunAssembly {
    /// How the run's network was made, and what it counted.
    func networkDetail() -> NetworkReport? {
        guard case .namespace(let network) = outcome.identity.network.kind,
            let ready = outcome.network?.ready.network
        else { return nil }
        let result = outcome.network?.result?.network
        let counts = result?.fault == nil ? result : nil
        var report = NetworkReport(
            kind: "namespace",
            madeAs: ready.isInUserNamespace
                ? NamespaceSupport.Way.userNamespace.rawValue : NamespaceSupport.Way.root.rawValue,
            mtuBytes: network.mtuBytes,
            forward: NetworkReport.Way(network.forward, counts?.forward),
            backward: NetworkReport.Way(network.backward, counts?.backward))
        report.icmpRatelimit = ready.icmpRatelimitMs
        report.icmpMsgsPerSec = ready.icmpMsgsPerSec
        return report
    }
}

extension NetworkReport.Way {
    fileprivate init(_ way: NamespaceNetwork.Way, _ counts: NetworkWayResult?) {
        self.init()
        func ratio(_ perBillion: Int) -> Double? {
            perBillion > 0 ? Double(perBillion) / 1e9 : nil
        }
        func time(_ ns: Int) -> Int? { ns > 0 ? ns : nil }
        rateBitsPerSecond = way.rateBitsPerSecond
        queueBytes = way.queueBytes
        rateBy = way.rateBitsPerSecond.map { _ in "tbf" }
        lossRatio = ratio(way.lossPerBillion)
        lossBy = lossRatio.map { _ in "nftables" }
        delayNs = time(way.delayNs)
        jitterNs = time(way.jitterNs)
        reorderRatio = ratio(way.reorderPerBillion)
        duplicateRatio = ratio(way.duplicatePerBillion)
        delayBy = way.needsNetem ? "netem" : nil
        guard let counts, !counts.entered.isEmpty else { return }
        entered = counts.entered.reduce(counts.enteredOther, +)
        lost = counts.lost.reduce(counts.lostOther, +)
        queueDrops = counts.queueDrops
    }
}
