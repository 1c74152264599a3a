import Load
import Reports

extension ScenarioDefinition {
    /// Whether `auto` for a sender's `gso` and `gro` uses them, where the kernel has them
    /// (UDP_SEGMENT and UDP_GRO, udp(7)).
    ///
    /// A super-packet is queued, delayed and dropped as one: with 64 segments per packet, a queue
    /// that drops one in a thousand causes bursts of 64 losses instead of single losses, and there
    /// is no reordering within the packet. So offloads serve throughput and are never chosen where
    /// the outcome of single datagrams is measured. The conditions are:
    ///
    /// - The sender runs at `max`. A paced sender sends its datagrams one by one, each in its slot.
    /// - No threshold of the scenario is on a figure of loss, duplication or reordering, which
    ///   includes the accounts of the ledger that hold lost datagrams.
    /// - Two segments fit into one buffer.
    /// - All networks of the scenario are `loopback`: the MTU and the devices on a path are
    ///   unknown, and the other kinds handle datagrams one by one. One other network decides for
    ///   all, since a scenario compares networks under the same load.
    package func usesOffloadByDefault(for sender: SenderDefinition) -> Bool {
        sender.rate == .max && sender.request == nil && sender.think == nil
            && sender.payloadBytes <= PlanLimits.segmentPayload.steps.upperBound
            && networks.allSatisfy(\.carriesSegments)
            && !thresholds.contains { $0.figure.isOnFateOfDatagrams }
    }
}

extension NetworkDefinition {
    /// Whether the network is known to carry super-packets unchanged.
    fileprivate var carriesSegments: Bool {
        switch kind {
        case .loopback: true
        case .emulated, .namespace, .path, .between: false
        }
    }
}

extension Figure {
    /// Whether the figure counts lost, duplicated or reordered datagrams.
    fileprivate var isOnFateOfDatagrams: Bool {
        switch reportPath.first {
        case "delivered", "loss", "duplication", "reordering": true
        case "ledger": reportPath.last.map(FigureCatalog.accountsOfLoss.contains) ?? false
        case "socket": reportPath.last == "drops"
        default: false
        }
    }
}
