/// A period in which probes had no answer. Times are monotonic.
package struct Outage: Codable, Sendable, Equatable {
    /// The flow with the outage; of several flows the first.
    package var flow: Int
    /// The part of the stream's flows with the outage: each part has its own responder instance.
    package var part = 0
    /// The number of flows with the outage.
    package var flows = 1
    /// The send time of the first probe without an answer.
    package var startNs: Int64
    /// The time at which the first probe after the outage was sent, or could have been; nil if the
    /// stream ended before the outage.
    package var endNs: Int64?
    /// The time of the first reset in the outage, which is when the sender could detect it; nil if
    /// silence was the only sign.
    package var detectedNs: Int64?
    /// The time of the first answer after the outage.
    package var recoveredNs: Int64?
    /// The probes without an answer. Probes that were not sent are in the ledger's `refused`.
    package var probes: Int

    package init(
        flow: Int, startNs: Int64, endNs: Int64? = nil, detectedNs: Int64? = nil,
        recoveredNs: Int64? = nil, probes: Int = 0
    ) {
        self.flow = flow
        self.startNs = startNs
        self.endNs = endNs
        self.detectedNs = detectedNs
        self.recoveredNs = recoveredNs
        self.probes = probes
    }
}

/// The outages of one stream's flows, up to a capacity, and the number of further ones. Nothing is
/// allocated after `init`.
package struct OutageList: Sendable {
    /// The capacity for one stream; many streams share the capacity of a run.
    package static let capacity = 256

    private let capacity: Int

    package private(set) var outages: [Outage] = []
    package private(set) var leftOut = 0
    /// The first reset of each flow since its last answer.
    private var resets: [(flow: Int, timeNs: Int64)] = []

    package init(capacity: Int = Self.capacity) {
        precondition(capacity > 0, "room for an outage")
        self.capacity = capacity
        outages.reserveCapacity(capacity)
        resets.reserveCapacity(Self.capacity)
    }

    package mutating func add(_ outage: Outage) {
        if outages.count < capacity { outages.append(outage) } else { leftOut += 1 }
    }

    /// Records the first reset of a flow since its last answer.
    package mutating func recordReset(flow: Int, atNs timeNs: Int64) {
        if resets.count < Self.capacity { resets.append((flow, timeNs)) }
    }

    /// Records that a stopped flow sends again.
    package mutating func recordResumed(flow: Int, atNs timeNs: Int64) {
        guard let index = outages.lastIndex(where: { $0.flow == flow && $0.endNs == nil }) else {
            return
        }
        outages[index].endNs = timeNs
    }

    /// Records that a flow has an answer again.
    package mutating func recordRecovered(flow: Int, atNs timeNs: Int64) {
        let index = outages.lastIndex {
            $0.flow == flow && $0.endNs != nil && $0.recoveredNs == nil && $0.startNs < timeNs
        }
        if let index { outages[index].recoveredNs = timeNs }
    }

    /// Adds the outages of another thread.
    package mutating func merge(_ other: OutageList) {
        for outage in other.outages { add(outage) }
        for reset in other.resets { recordReset(flow: reset.flow, atNs: reset.timeNs) }
        leftOut += other.leftOut
    }

    /// Returns the outages of the stream in order of time. Outages of different flows at one time
    /// are merged, and so are consecutive outages of one flow, as an occasional probe without an
    /// answer begins no new outage.
    /// - Parameters:
    ///   - joinNs: Outages no further apart than this are merged.
    ///   - part: The part of the stream that a flow belongs to: outages of different parts are not
    ///     merged.
    package func merged(joinNs: Int64, part: (Int) -> Int = { _ in 0 }) -> [Outage] {
        var all: [Outage] = []
        for number in Set(outages.map { part($0.flow) }) {
            var ofPart = OutageList(capacity: capacity)
            for outage in outages where part(outage.flow) == number { ofPart.add(outage) }
            ofPart.resets = resets.filter { part($0.flow) == number }
            all += ofPart.mergedAsOne(joinNs: joinNs).map { outage in
                var outage = outage
                outage.part = number
                return outage
            }
        }
        return all.sorted { ($0.startNs, $0.part) < ($1.startNs, $1.part) }
    }

    private func mergedAsOne(joinNs: Int64) -> [Outage] {
        var merged: [Outage] = []
        var flows: [Set<Int>] = []
        for outage in outages.sorted(by: { $0.startNs < $1.startNs }) {
            guard let last = merged.last, outage.startNs - (last.endNs ?? .max) <= joinNs else {
                merged.append(outage)
                flows.append([outage.flow])
                continue
            }
            let index = merged.count - 1
            flows[index].insert(outage.flow)
            merged[index] = Self.union(last, outage)
        }
        for index in merged.indices {
            merged[index].flows = flows[index].count
            merged[index].detectedNs = detection(of: merged[index])
        }
        return merged
    }

    private static func union(_ first: Outage, _ second: Outage) -> Outage {
        var union = first
        union.probes += second.probes
        guard let end = first.endNs, let other = second.endNs else {
            // One flow has not recovered: the outage has not ended for all.
            union.endNs = nil
            union.recoveredNs = nil
            return union
        }
        union.endNs = max(end, other)
        let ends = other >= end ? second : first
        union.recoveredNs = ends.recoveredNs
        return union
    }

    private func detection(of outage: Outage) -> Int64? {
        let endNs = outage.endNs ?? .max
        return resets.map(\.timeNs).filter { $0 >= outage.startNs && $0 <= endNs }.min()
    }
}
