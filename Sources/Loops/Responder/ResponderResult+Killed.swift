import Metrics

/// The result of a killed responder, in the form of a survivor's result.
extension ResponderResult {
    /// Returns an empty result, to which counts are added.
    package static func empty(streams: Int) -> ResponderResult {
        let nothing = ResponderStreamResult(counts: ResponderCounts(), figures: StreamFigures())
        return ResponderResult(
            streams: Array(repeating: nothing, count: streams), drops: 0, datagrams: 0,
            rejected: RejectedCounts(), receiveErrors: [:], stackNs: nil, resets: ResetFigures(),
            isAlive: false)
    }

    /// Adds the counts of another instance, which has other flows.
    package mutating func add(_ other: ResponderResult) {
        for index in streams.indices {
            streams[index].counts.add(other.streams[index].counts)
            streams[index].splitFlows += other.streams[index].splitFlows
        }
        drops = .sum([drops, other.drops])
        receiveErrors.merge(other.receiveErrors, uniquingKeysWith: +)
        datagrams += other.datagrams
        rejected.add(other.rejected)
        resets.add(other.resets)
        isAlive = isAlive && other.isAlive
        stalls.add(other.stalls)
        held = nil
    }

    /// Adds the counts of an earlier process at the same address.
    package mutating func add(_ counts: KilledCounts, drops more: Int?) {
        for (index, count) in counts.streams.enumerated() where index < streams.count {
            streams[index].counts.add(count)
        }
        datagrams += counts.lanes.datagrams
        receiveErrors.merge(counts.receiveErrors, uniquingKeysWith: +)
        rejected.add(counts.lanes.rejected)
        resets.add(counts.lanes.resets)
        drops = .sum([drops, more])
    }
}
