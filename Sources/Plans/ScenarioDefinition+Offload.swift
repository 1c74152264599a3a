extension ScenarioDefinition {
    /// Whether `auto` of a sender's `gso` and `gro` means that they are used, where the kernel
    /// has them (UDP_SEGMENT and UDP_GRO, udp(7)).
    ///
    /// A super-packet is queued, delayed and dropped as one: with 64 segments to a packet a queue
    /// that drops one in a thousand makes bursts of 64 losses out of single ones, and nothing
    /// overtakes within it. So the offloads carry throughput and are never chosen where the
    /// fate of single datagrams is the subject. All of this has to hold:
    ///
    /// - The sender runs at `max`. A paced one has its datagrams leave one by one, each in its
    ///   slot.
    /// - No threshold of the scenario is on a figure of loss, duplication or reordering, which
    ///   includes the accounts of the ledger that hold lost datagrams.
    /// - Two segments fit into one buffer.
    /// - All networks of the scenario are `loopback`: the MTU and the devices on a path are
    ///   unknown, and the other kinds deal with datagrams one by one. One other network
    ///   decides for all, since a scenario compares what is sent alike.
    package func usesOffloadByDefault(for sender: SenderDefinition) -> Bool {
        sender.rate == .max
            && sender.payloadBytes <= PlanLimits.segmentPayload.steps.upperBound
            && networks.allSatisfy(\.carriesSegments)
            && !thresholds.contains { $0.figure.isOnFateOfDatagrams }
    }
}

extension NetworkDefinition {
    /// Whether everything that datagrams cross here is known to take super-packets as they are.
    fileprivate var carriesSegments: Bool {
        switch kind {
        case .loopback: true
        case .emulated, .namespace, .path: false
        }
    }
}

extension Figure {
    /// Whether the figure tells which datagrams were lost, doubled or overtaken.
    fileprivate var isOnFateOfDatagrams: Bool {
        switch reportPath.first {
        case "delivered", "loss", "duplication", "reordering": true
        case "ledger": reportPath.last.map(FigureCatalog.accountsOfLoss.contains) ?? false
        case "socket": reportPath.last == "drops"
        default: false
        }
    }
}
