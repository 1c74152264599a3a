import Impairment
import Loops
import Metrics
import Plans

extension NamespaceNetwork {
    /// Returns the assignment of the network's holder.
    func assignment(
        streams: [NetworkAssignment.Sessions], kernelHasNetem: Bool
    ) -> NetworkAssignment {
        let usesNetem = usesNetem(ifThere: kernelHasNetem)
        var order = NetworkAssignment()
        order.forward = NetworkAssignment.Way(forward, usesNetem: usesNetem)
        order.backward = NetworkAssignment.Way(backward, usesNetem: usesNetem)
        order.mtuBytes = mtuBytes
        order.icmpRatelimitMs = icmpRatelimitMs
        order.streams = streams
        return order
    }
}

extension NetworkAssignment.Way {
    /// Makes the impairments that the kernel carries out.
    init(_ impairment: Impairment, usesNetem: Bool) {
        self.init()
        if case .bernoulli(let probability)? = impairment.loss {
            lossPerBillion = probability.billionths
        }
        rateBitsPerSecond = impairment.bottleneck.map { Int($0.bitsPerSecond) }
        queueBytes = impairment.bottleneck.map { Int($0.queueBytes) }
        guard usesNetem else { return }
        if case .constant(let ns)? = impairment.delay { delayNs = Int(ns) }
        jitterNs = Int(impairment.jitter?.amountNs ?? 0)
        duplicatePerBillion = impairment.duplicate?.probability.billionths ?? 0
    }
}

extension NetworkWayResult {
    /// The drops of the network by expected stream: by its rule, which distinguishes streams, and
    /// by its queues, as far as the counts before and behind them prove the stream.
    var injected: [Int] {
        guard !entered.isEmpty else { return [] }
        let missing = zip(entered, arrived).map { $0 - $1 } + [enteredOther - arrivedOther]
        let refused = LedgerBuilder.provenOverflow(missing: missing, drops: queueDrops)
        return zip(lost, refused).map { $0 + $1 }
    }
}
