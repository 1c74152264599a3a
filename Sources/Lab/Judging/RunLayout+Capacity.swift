import Datagrams
import Load
import Metrics
import Plans

/// The load that is adjusted while it is sent, and its receiver.
extension RunLayout {
    /// The place of the sender whose load is adjusted; nil if there is none.
    var steeredSender: Int? {
        guard let search = scenario.search, search.kind == .rfc9097 else { return nil }
        return scenario.senders.firstIndex { $0.name == search.sender }
    }

    /// Whether the receiver of the adjusted load is the sender, to which answers come back.
    var steersByAnswers: Bool { responderKind != .sink }

    /// The expected stream of the adjusted load at a sink; nil if the answers are counted.
    var feedbackStream: Int? {
        guard !steersByAnswers, let steeredSender else { return nil }
        return measuredParts(steeredSender).first
    }

    /// Returns the table of the adjusted load, and its time; nil if there is none.
    /// - Parameters:
    ///   - startNs: The first slot of the run.
    ///   - targets: The addresses that the senders send to, whose family decides on the headers.
    func capacitySettings(
        startNs: Int64, targets: [SocketAddress]
    ) -> CapacityTest.Settings? {
        guard let search = scenario.search, let steeredSender else { return nil }
        let sender = scenario.senders[steeredSender]
        let isIPv6 = targets.first?.family == .ipv6
        let bits = Double(
            8 * (sender.payloadBytes + NamespaceNetwork.headerBytes(isIPv6: isIPv6)))
        let flows = Double(sender.flows)
        guard let pps = sender.ratePps, let rates = LoadRates(upTo: pps * flows * bits) else {
            return nil
        }
        let measuredNs = startNs + Int64(scenario.warmUpNs + sender.options.startAfterNs)
        return CapacityTest.Settings(
            startNs: measuredNs, endNs: measuredNs + Int64(sender.durationNs ?? 0),
            bitsPerPacket: bits, rates: rates,
            firstRow: search.leastPps.map { rates.row(atLeast: $0 * flows * bits) } ?? 0)
    }

    /// Returns the first rate of each flow of a sender; nil unless its load is adjusted.
    func firstPps(ofSender index: Int, targets: [SocketAddress]) -> Double? {
        guard index == steeredSender,
            let settings = capacitySettings(startNs: 0, targets: targets)
        else { return nil }
        return CapacityTest(settings).pps(ofRow: settings.firstRow)
            / Double(scenario.senders[index].flows)
    }
}
