/// Consecutive lost probes of one flow that were all late, or that all never arrived.
package struct LossRun: Sendable, Equatable {
    /// The number of the flow among those of the window's owner.
    package var flow: Int
    /// The sequence number of the first probe.
    package var first: Int
    package var count: Int
    /// The send times of the first and the last probe. At a far side that of the last settled probe
    /// that arrived before them; 0 at one that does not use the probes' stamps.
    package var sentNs: Int64
    package var lastSentNs: Int64
    package var isLate: Bool

    package init(
        flow: Int, first: Int, count: Int, sentNs: Int64, lastSentNs: Int64, isLate: Bool
    ) {
        self.flow = flow
        self.first = first
        self.count = count
        self.sentNs = sentNs
        self.lastSentNs = lastSentNs
        self.isLate = isLate
    }
}

/// The runs of losses of one stream's flows, up to a capacity, and the number of further ones.
/// Nothing is allocated between `init` and the merge.
package struct LossRunList: Sendable {
    private let capacity: Int
    package private(set) var runs: [LossRun] = []
    package private(set) var runsLeftOut = 0
    package private(set) var probesLeftOut = 0

    init(capacity: Int) {
        self.capacity = capacity
        runs.reserveCapacity(capacity)
    }

    mutating func add(_ run: LossRun) {
        if runs.count < capacity {
            runs.append(run)
        } else {
            runsLeftOut += 1
            probesLeftOut += run.count
        }
    }

    /// Returns the runs with the flows numbered from another one on.
    package func renumbered(from firstFlow: Int) -> LossRunList {
        var list = self
        for index in list.runs.indices { list.runs[index].flow += firstFlow }
        return list
    }

    /// Adds the runs of another thread or host: those of both are kept.
    package mutating func merge(_ other: LossRunList) {
        runs += other.runs
        runsLeftOut += other.runsLeftOut
        probesLeftOut += other.probesLeftOut
    }
}

extension LossRunList: Equatable {
    package static func == (one: Self, other: Self) -> Bool {
        one.runs == other.runs && one.runsLeftOut == other.runsLeftOut
            && one.probesLeftOut == other.probesLeftOut
    }
}

/// The runs as numbers, six a run, which makes the worker's result a third as long.
extension LossRunList: Codable {
    private enum Key: String, CodingKey { case numbers, runsLeftOut, probesLeftOut }
    private static let width = 6

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let numbers = try container.decode([Int].self, forKey: .numbers)
        guard numbers.count % Self.width == 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .numbers, in: container, debugDescription: "six numbers a run")
        }
        runs = stride(from: 0, to: numbers.count, by: Self.width).map { start in
            LossRun(numbers: numbers[start..<start + Self.width])
        }
        capacity = runs.count
        runsLeftOut = try container.decode(Int.self, forKey: .runsLeftOut)
        probesLeftOut = try container.decode(Int.self, forKey: .probesLeftOut)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        var numbers: [Int] = []
        for run in runs {
            numbers += [run.flow, run.first, run.count]
            numbers += [Int(run.sentNs), Int(run.lastSentNs), run.isLate ? 1 : 0]
        }
        try container.encode(numbers, forKey: .numbers)
        try container.encode(runsLeftOut, forKey: .runsLeftOut)
        try container.encode(probesLeftOut, forKey: .probesLeftOut)
    }
}

extension LossRun {
    fileprivate init(numbers: ArraySlice<Int>) {
        let first = numbers.startIndex
        self.init(
            flow: numbers[first], first: numbers[first + 1], count: numbers[first + 2],
            sentNs: Int64(numbers[first + 3]), lastSentNs: Int64(numbers[first + 4]),
            isLate: numbers[first + 5] != 0)
    }
}

/// The open run of losses of one flow. Probes that arrived need no call.
struct LossRunTracker {
    private var open: LossRun?

    /// Records probes `first ..< first + count` (count ≥ 1), beyond all before, as lost.
    mutating func recordLost(
        first: UInt64, count: Int, sentNs: Int64, isLate: Bool, flow: Int,
        into list: inout LossRunList?
    ) {
        guard list != nil else { return }
        if var run = open, run.isLate == isLate, run.first + run.count == Int(first) {
            run.count += count
            run.lastSentNs = sentNs
            open = run
            return
        }
        close(into: &list)
        open = LossRun(
            flow: flow, first: Int(first), count: count, sentNs: sentNs, lastSentNs: sentNs,
            isLate: isLate)
    }

    /// Closes the open run, at the end of the flow.
    mutating func close(into list: inout LossRunList?) {
        if let run = open { list?.add(run) }
        open = nil
    }
}
