/// A time in which probes had no answer. Times are monotonic.
package struct Outage: Codable, Sendable, Equatable {
    /// The flow that saw it; of several flows the first.
    package var flow: Int
    /// Of the stream's flows, that saw it: each has an instance of the responder to itself.
    package var part = 0
    /// How many flows saw it.
    package var flows = 1
    /// When the first probe without an answer was sent.
    package var startNs: Int64
    /// When the first probe after it was sent, or could have been, that was not part of it; nil
    /// for an outage that the stream did not see the end of.
    package var endNs: Int64?
    /// When the sender could know: the first reset in it; nil when silence was the only sign.
    package var detectedNs: Int64?
    /// When the first answer came back after it.
    package var recoveredNs: Int64?
    /// Probes without an answer. Those that were not even sent are in the ledger's `refused`.
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

/// The outages that the flows of one stream saw: as many as there is room for, and how many more.
/// Nothing is allocated after `init`.
package struct OutageList: Sendable {
    /// Of one stream; many streams share what a run may have.
    package static let capacity = 256

    private let capacity: Int

    package private(set) var outages: [Outage] = []
    package private(set) var leftOut = 0
    /// When a flow saw a reset for the first time since its last answer.
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

    /// A flow saw the first reset since its last answer.
    package mutating func recordReset(flow: Int, atNs timeNs: Int64) {
        if resets.count < Self.capacity { resets.append((flow, timeNs)) }
    }

    /// A flow that was stopped sends again.
    package mutating func recordResumed(flow: Int, atNs timeNs: Int64) {
        guard let index = outages.lastIndex(where: { $0.flow == flow && $0.endNs == nil }) else {
            return
        }
        outages[index].endNs = timeNs
    }

    /// A flow has an answer again.
    package mutating func recordRecovered(flow: Int, atNs timeNs: Int64) {
        let index = outages.lastIndex {
            $0.flow == flow && $0.endNs != nil && $0.recoveredNs == nil && $0.startNs < timeNs
        }
        if let index { outages[index].recoveredNs = timeNs }
    }

    /// Adds those of another thread.
    package mutating func merge(_ other: OutageList) {
        for outage in other.outages { add(outage) }
        for reset in other.resets { recordReset(flow: reset.flow, atNs: reset.timeNs) }
        leftOut += other.leftOut
    }

    /// The outages of the stream in order of time. What different flows saw at one time is one
    /// outage, and so is what the same flow saw in pieces: a probe now and then that was tried in
    /// vain makes no new one.
    /// - Parameters:
    ///   - joinNs: Outages that are no further apart are one.
    ///   - part: Of the stream, that a flow belongs to: what flows of different parts saw are
    ///     different outages.
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
            // One flow has not come back: the outage has not ended for all.
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
