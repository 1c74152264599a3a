import Load

/// The rules for a search of the kind `rfc9097`, whose load is adjusted while it is sent.
enum CapacityRules {
    /// The length of a test: two sub-intervals of a second or more, and bounded, because it
    /// congests its path (RFC 9097 §8).
    private static let lengthNs = 2_000_000_000...300_000_000_000
    /// The largest payload: one datagram in 150 ms at the first row of the table, so that its
    /// absence is a sign.
    private static let payloadMost = 9_000
    /// The first row of the table in bits of IP packets per second.
    private static let leastBitsPerSecond = 500_000.0

    /// Returns the reason why a sender's load cannot be adjusted; nil if it can.
    static func obstacle(to sender: SenderDefinition) -> String? {
        let name = "the sender \(sender.name.quoted)"
        guard let pps = sender.ratePps else {
            return "\(name) needs a \"rate\" that ends the table of rates, such as \"1Gbit\": "
                + "\"max\" has no schedule that could be adjusted"
        }
        if !sender.schedule.isUniform || sender.sizes != nil || sender.request != nil {
            return "\(name) has to send probes of one size at equal distances: the rates of "
                + "rfc9097 are those of one datagram"
        }
        if sender.payloadBytes > payloadMost {
            return "\(name) sends \(sender.payloadBytes) B a datagram: of more than "
                + "\(payloadMost) B too few are sent at 0.5 Mbit/s"
        }
        if sender.threads > 1 || sender.host != nil || sender.fleet != nil {
            return "\(name) has to send from one thread of this host: rfc9097 adjusts its rate "
                + "twenty times a second"
        }
        if let length = sender.durationNs, !lengthNs.contains(length) {
            return "rfc9097 takes a \"duration\" of 2s to 5min: it is the best of its seconds "
                + "(RFC 9097 has 10s)"
        }
        let bits = Double(8 * (sender.payloadBytes + RateLayer.ip.rawValue))
        if pps * Double(sender.flows) * bits < leastBitsPerSecond {
            return "the rates of rfc9097 begin with 0.5 Mbit/s of IP packets, and the highest of "
                + "\(name) is below that"
        }
        return nil
    }

    /// Returns the reason why what answers cannot be the receiver of an adjusted load; nil if it
    /// can.
    static func obstacle(to scenario: ScenarioDefinition) -> String? {
        if let own = scenario.responder?.own,
            ![.echo, .sink].contains(own.behaviour) || own.threads > 1
        {
            return "rfc9097 needs an echo or a sink of one thread, whose counts are taken twenty "
                + "times a second"
        }
        if (scenario.responder?.instances ?? 1) > 1 || scenario.isGroup {
            return "rfc9097 needs one receiver: give the responder one instance"
        }
        let crossesHosts = scenario.networks.contains { $0.hostPath != nil }
        if crossesHosts || scenario.responder?.host != nil {
            return "rfc9097 is for this host alone: its feedback goes from worker to worker, and "
                + "not to another host. Use \"zero-loss\" between hosts"
        }
        return nil
    }
}
