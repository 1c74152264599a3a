import Metrics

/// The hosts that sent a stream together.
package struct FleetReport: Codable, Sendable, Equatable {
    /// The time between the first datagrams of the hosts that sent first and last; nil if fewer
    /// than two sent.
    package var startSpreadNs: Int?
    /// Jain's index over the hosts' datagrams in time per flow: 1 if all have as many, 1 / n if one
    /// of n has all. Nil if no datagram was in time.
    package var fairness: Double?
    package var hosts: [FleetHostReport]

    package init(hosts: [FleetHostReport]) {
        self.hosts = hosts
        let starts = hosts.compactMap(\.startNs)
        if starts.count > 1, let first = starts.min(), let last = starts.max() {
            startSpreadNs = last - first
        }
        fairness = Self.jain(
            hosts.map { Double($0.ledger?.inTime ?? 0) / Double(max(1, $0.flows)) })
    }

    /// Returns (Σx)² / (n · Σx²) (Jain, Chiu, Hawe 1984); nil if all are zero.
    static func jain(_ shares: [Double]) -> Double? {
        let squares = shares.reduce(0) { $0 + $1 * $1 }
        let sum = shares.reduce(0, +)
        return squares > 0 ? sum * sum / (Double(shares.count) * squares) : nil
    }
}

/// The share of one host in a stream.
package struct FleetHostReport: Codable, Sendable, Equatable {
    package var host: String
    package var flows: Int
    /// The send time of its first datagram, from the first measured slot, on the runner's clock.
    package var startNs: Int?
    /// Nil if the host was lost.
    package var ledger: Ledger?
    package var lossRatio: Double?
    /// The median and the 99th percentile of the round trip, or of the one-way delay.
    package var delayP50Ns: Int?
    package var delayP99Ns: Int?
    /// The share of the measured time in which the host stopped or descheduled the sender.
    package var stallShare: Double?
    package var sentPps: Double?
    package var receivedPps: Double?

    package init(host: String, flows: Int) {
        self.host = host
        self.flows = flows
    }
}
