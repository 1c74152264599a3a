import Metrics

/// What is known of a responder that was killed, in the shape of what the living say.
extension ResponderResult {
    /// Of a responder of which nothing is left but what is added.
    package static func empty(streams: Int) -> ResponderResult {
        let nothing = ResponderStreamResult(
            received: 0, duplicates: 0, echoed: 0, echoFailed: 0, rejected: 0, firstReceivedNs: 0,
            lastReceivedNs: 0, figures: StreamFigures())
        return ResponderResult(
            streams: Array(repeating: nothing, count: streams), drops: 0, datagrams: 0,
            rejected: RejectedCounts(), stackNs: nil, resets: ResetFigures(), isAlive: false)
    }

    /// Adds what another instance counted, of other flows.
    package mutating func add(_ other: ResponderResult) {
        for index in streams.indices { streams[index].add(other.streams[index]) }
        drops += other.drops
        datagrams += other.datagrams
        rejected.add(other.rejected)
        resets.add(other.resets)
        isAlive = isAlive && other.isAlive
    }

    /// Adds what an earlier process at the same address counted.
    package mutating func add(_ counts: KilledCounts, drops more: Int) {
        for (index, count) in counts.streams.enumerated() where index < streams.count {
            streams[index].received += count.received
            streams[index].duplicates += count.duplicates
            streams[index].echoed += count.echoed
            streams[index].echoFailed += count.echoFailed
            streams[index].rejected += count.rejected
        }
        datagrams += counts.lanes.datagrams
        rejected.add(counts.lanes.rejected)
        resets.add(counts.lanes.resets)
        drops += more
    }
}

extension ResponderStreamResult {
    fileprivate mutating func add(_ other: ResponderStreamResult) {
        received += other.received
        duplicates += other.duplicates
        echoed += other.echoed
        echoFailed += other.echoFailed
        rejected += other.rejected
    }
}

extension ResponderFlow {
    /// Received, and not known to have been answered: in the responder's hands.
    package var inHand: Int { max(0, received - echoed - echoFailed - rejected) }
}
