import Impairment
import Loops
import Plans
import Reports

/// The effects of a network's impairments that differ from their configured numbers, as sentences
/// for `check`, the relay and the warnings of a report.
package enum ImpairmentNotes {
    /// Returns the sentences on a network and on those that the scenario's timeline switches to.
    package static func sentences(
        _ scenario: ScenarioDefinition, on network: NetworkDefinition
    ) -> [String] {
        var sentences: [String] = []
        for network in scenario.networks(of: network) {
            let all = Self.sentences(network) + tooSlow(scenario, network)
            for sentence in all where !sentences.contains(sentence) { sentences.append(sentence) }
        }
        return sentences
    }

    /// Returns the sentences on flows that are too slow for reordering.
    private static func tooSlow(
        _ scenario: ScenarioDefinition, _ network: NetworkDefinition
    ) -> [String] {
        guard let impairments = impairments(of: network) else { return [] }
        return [(impairments.forward, "forward"), (impairments.backward, "backward")].flatMap {
            impairment, way -> [String] in
            guard let reorder = impairment.reorder, reorder.probability > .never else { return [] }
            return scenario.senders.compactMap { sender in
                guard case .perFlow(let pps) = sender.rate else { return nil }
                let neededNs = Double(reorder.depth) * 1e9 / pps
                guard neededNs > Double(RelayAssignment.overtakePatienceNs) else { return nil }
                return
                    "network \"\(network.name)\", \(way): \"reorder\" waits "
                    + "\(UnitText.time(ns: Int(RelayAssignment.overtakePatienceNs))) at most, and "
                    + "\(reorder.depth) later datagrams of a flow of \"\(sender.name)\" take "
                    + "\(UnitText.time(ns: neededNs)): what is held back is late and in order"
            }
        }
    }

    /// Returns the sentences on one network.
    package static func sentences(_ network: NetworkDefinition) -> [String] {
        let sentences = impairments(of: network).map { Self.sentences($0) } ?? []
        return sentences.map { "network \"\(network.name)\", \($0)" }
    }

    private static func impairments(of network: NetworkDefinition) -> Impairments? {
        switch network.kind {
        case .loopback, .path, .between: nil
        case .emulated(let forward, let backward):
            Impairments(forward: forward, backward: backward)
        case .namespace(let definition):
            Impairments(forward: definition.forward, backward: definition.backward)
        }
    }

    /// Returns the sentences on both directions: `forward: …`, `backward: …`, or `both ways: …` if
    /// they are equal.
    package static func sentences(_ impairments: Impairments) -> [String] {
        let (forward, backward) = (impairments.forward, impairments.backward)
        let ways = [(forward, "forward"), (backward, "backward")].map { impairment, way in
            (sentences(impairment), way)
        }
        if ways[0].0 == ways[1].0 { return ways[0].0.map { "both ways: \($0)" } }
        return ways.flatMap { sentences, way in sentences.map { "\(way): \($0)" } }
    }

    private static func sentences(_ impairment: Impairment) -> [String] {
        [delay(impairment), order(impairment)].compactMap(\.self)
    }

    /// Returns the sentences on a relay's result: the number of datagrams that it held in vain.
    package static func measured(_ result: RelayResult) -> [String] {
        let expired = [("forward", result.forward), ("backward", result.backward)]
            .filter { $0.1.accounts.reorderExpired > 0 }
            .map { "\(UnitText.count($0.1.accounts.reorderExpired)) \($0.0)" }
        guard !expired.isEmpty else { return [] }
        return [
            "\"reorder\" held datagrams back in vain (\(expired.joined(separator: ", "))): within "
                + "\(UnitText.time(ns: Int(RelayAssignment.overtakePatienceNs))) fewer later ones of "
                + "their flow came than \"depth\" says, as at a flow's end; they are that much later"
        ]
    }

    /// Returns the sentences on datagrams that waited for slower ones before them, if that raised
    /// the mean.
    /// - Parameter impairments: The impairments that were in force all the time.
    static func ordered(_ result: RelayResult, _ impairments: Impairments) -> [String] {
        [
            (result.forward, impairments.forward, "forward"),
            (result.backward, impairments.backward, "backward"),
        ].compactMap { result, impairment, way in
            guard impairment.keepsOrder, impairment.reorder == nil, impairment.bottleneck == nil,
                let delay = result.delayNs, delay.count >= countForMean, let seenNs = delay.mean
            else { return nil }
            let expectedNs = DelayMean(impairment).resultingNs
            guard seenNs > expectedNs * 1.1 else { return nil }
            return
                "\(way): the datagrams keep their order, so that many waited for slower ones before "
                + "them: the mean delay was \(UnitText.time(ns: seenNs)), not "
                + "\(UnitText.time(ns: expectedNs)); say \"keep_order\": false where that is not "
                + "meant"
        }
    }

    /// The minimum number of delays for a meaningful mean.
    private static let countForMean = 100

    private static func delay(_ impairment: Impairment) -> String? {
        let mean = DelayMean(impairment)
        guard mean.isShifted else { return nil }
        let resulting = UnitText.time(ns: mean.resultingNs)
        guard mean.askedNs.isFinite else {
            return
                "the delay has no mean of its own (\"shape\" up to 1 without \"cap\"): cut off at "
                + "\(UnitText.time(ns: Int(Impairment.delayMaxNs))), it is \(resulting)"
        }
        let asked = UnitText.time(ns: mean.askedNs)
        if mean.resultingNs < mean.askedNs {
            return
                "no delay is above \(UnitText.time(ns: Int(Impairment.delayMaxNs))): the mean is "
                + "\(resulting), not \(asked)"
        }
        let cause =
            impairment.jitter.map {
                "\"jitter\" \(UnitText.time(ns: Int($0.amountNs))) reaches below 0"
            } ?? "the distribution reaches below 0"
        return "\(cause), where the delay is 0: its mean is \(resulting), not \(asked)"
    }

    /// Returns a sentence if the share out of order is noticeably below the configured one.
    private static func order(_ impairment: Impairment) -> String? {
        guard let reorder = impairment.reorder else { return nil }
        let (chosen, share) = (reorder.probability.ratio, reorder.effectiveShare)
        guard chosen - share >= 0.005 else { return nil }
        return
            "\"reorder\" \(UnitText.ratio(chosen)) delivers \(UnitText.ratio(share)) out of order: "
            + "a datagram that overtakes one that waits is not held back itself"
    }
}
