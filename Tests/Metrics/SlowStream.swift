@testable import Metrics

/// One flow as an observer saw it, and its metrics straight from their definitions: lists, loops
/// over loops, no state. Sequence numbers are indices from 0; nil is what never arrived.
struct SlowFlow {
    struct Probe {
        var sentNs: Int64
        var dueNs: Int64
    }

    struct Copy {
        var index: Int
        var receivedNs: Int64
        /// The oldest index that the window could still see when this copy came.
        var oldestVisible: Int
    }

    let probes: [Probe]
    let timeoutNs: Int64
    /// Whether the observer knows send times.
    let isDated: Bool
    /// First copies in arrival order.
    let first: [Copy]
    let duplicates: [Copy]
    /// Copies that came when their probe had left the window.
    let unseenCount: Int
    /// By index: whether lost. Worked out once, since others loop over it.
    private(set) var lost: [Bool] = []

    /// - Parameter copies: Every copy, in arrival order.
    init(probes: [Probe], copies: [Copy], timeoutNs: Int64, isDated: Bool) {
        self.probes = probes
        self.timeoutNs = timeoutNs
        self.isDated = isDated
        let visible = copies.filter { $0.index >= $0.oldestVisible }
        unseenCount = copies.count - visible.count
        var first: [Copy] = []
        var duplicates: [Copy] = []
        for copy in visible {
            if first.contains(where: { $0.index == copy.index }) {
                duplicates.append(copy)
            } else {
                first.append(copy)
            }
        }
        self.first = first
        self.duplicates = duplicates
        lost = probes.indices.map { index in
            !first.contains { $0.index == index && isInTime($0) }
        }
    }

    func delay(_ copy: Copy) -> Int64 { copy.receivedNs - probes[copy.index].sentNs }

    func isInTime(_ copy: Copy) -> Bool { !isDated || delay(copy) <= timeoutNs }

    /// Loss periods as closed ranges of indices.
    var periods: [ClosedRange<Int>] {
        var periods: [ClosedRange<Int>] = []
        for index in lost.indices where lost[index] {
            if index > 0, lost[index - 1], let open = periods.last {
                periods[periods.count - 1] = open.lowerBound...index
            } else {
                periods.append(index...index)
            }
        }
        return periods
    }

    /// D(i) − D(i−1) where both came while the window could still see the other.
    var variations: [Int64] {
        probes.indices.dropFirst().compactMap { index in
            guard let this = first.firstIndex(where: { $0.index == index }),
                let before = first.firstIndex(where: { $0.index == index - 1 })
            else { return nil }
            let second = this > before ? first[this] : first[before]
            guard second.oldestVisible <= index - 1 else { return nil }
            return delay(first[this]) - delay(first[before])
        }
    }

    var jitter: Double? {
        let delays = first.map(delay)
        guard delays.count > 1 else { return nil }
        var jitter = 0.0
        for (one, other) in zip(delays, delays.dropFirst()) {
            jitter += (Double(abs(other - one)) - jitter) / 16
        }
        return jitter
    }

    struct Reordered {
        /// Arrival position.
        var position: Int
        /// Arrival position of the discontinuity.
        var discontinuity: Int
        var degree: Int
        var bytes: Int
        var lateNs: Int64
    }

    /// RFC 4737 by the book; payloads of 100 B.
    var reordered: [Reordered] {
        first.indices.compactMap { i in
            guard let j = first[..<i].firstIndex(where: { $0.index > first[i].index }) else {
                return nil
            }
            var degree = 0
            while degree < i, first[i - 1 - degree].index > first[i].index { degree += 1 }
            return Reordered(
                position: i, discontinuity: j, degree: degree,
                bytes: first[j..<i].filter { $0.index > first[i].index }.count * 100,
                lateNs: first[i].receivedNs - first[j].receivedNs)
        }
    }

    /// Sizes of the sequence discontinuities (§3.4).
    var discontinuitySizes: [Int] {
        first.indices.dropFirst().compactMap { i in
            guard let highest = first[..<i].map(\.index).max() else { return nil }
            let size = first[i].index - (highest + 1)
            return size > 0 ? size : nil
        }
    }

    /// Distances to the nearest earlier reordering discontinuity known at that time (§4.5).
    var gaps: [Int] {
        var known: Set<Int> = []
        var gaps: [Int] = []
        for packet in reordered where known.insert(packet.discontinuity).inserted {
            if let before = known.filter({ $0 < packet.discontinuity }).max() {
                gaps.append(packet.discontinuity - before)
            }
        }
        return gaps
    }

    /// Lengths of the reordering-free runs that a reordered arrival ended (§4.6).
    var freeRuns: [Int] {
        let ends = reordered.map(\.position)
        return zip(ends, [-1] + ends).map { $0 - $1 - 1 }
    }
}

/// The figures of several flows, by definition; percentiles exact.
struct SlowStream {
    var flows: [SlowFlow]
    var configuration: StreamConfiguration
    /// How many copies each discarding outcome had.
    var discarded = DiscardedFigures()

    private func all<T>(_ values: (SlowFlow) -> [T]) -> [T] { flows.flatMap(values) }

    private func share(_ part: Int, _ whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }

    private func mean(_ values: [Int]) -> Double? { share(values.reduce(0, +), values.count) }

    var delays: [Int64] { all { flow in flow.isDated ? flow.first.map(flow.delay) : [] } }
    var variations: [Int64] { all { $0.isDated ? $0.variations : [] } }
    var lateTimes: [Int64] { all { $0.reordered.map(\.lateNs) } }
    var intendedDelays: [Int64] {
        all { flow in
            flow.first.map { copy in
                let probe = flow.probes[copy.index]
                return copy.receivedNs - min(probe.dueNs, probe.sentNs)
            }
        }
    }
    var pacingErrors: [Int64] { all { $0.probes.map { $0.sentNs - $0.dueNs } } }

    /// All but the distributions of times, the jitter and the intervals.
    func figures() -> StreamFigures {
        var figures = StreamFigures()
        figures.sent = all(\.probes).count
        figures.received = all(\.first).count
        figures.late = flows.map { flow in flow.first.count { !flow.isInTime($0) } }.reduce(0, +)
        figures.inTime = figures.received - figures.late
        figures.never = figures.sent - figures.received
        figures.loss = loss(sent: figures.sent, late: figures.late)
        figures.duplication.count = all(\.duplicates).count
        figures.duplication.fraction = share(figures.duplication.count, figures.received)
        let replicated = flows.map { Set($0.duplicates.map(\.index)).count }.reduce(0, +)
        figures.duplication.replicatedRate = share(replicated, figures.received)
        figures.reordering = reordering(received: figures.received)
        figures.discarded = discarded
        return figures
    }

    private func loss(sent: Int, late: Int) -> LossFigures {
        var figures = LossFigures()
        let lost = all { flow in flow.lost.filter { $0 } }.count
        let periods = all { $0.periods.map(\.count) }
        let gaps = all { flow in
            zip(flow.periods, flow.periods.dropFirst()).map { $1.lowerBound - $0.upperBound }
        }
        figures.count = lost
        figures.ratio = share(lost, sent)
        figures.late = late
        figures.never = lost - late
        figures.periods = periods.count
        figures.longestBurst = periods.max() ?? 0
        figures.meanBurst = mean(periods)
        figures.lengthCounts = (1...16).map { length in periods.count { $0 == length } }
        figures.longerCount = periods.count { $0 > 16 }
        figures.gapMean = mean(gaps)
        figures.gapMin = gaps.min()
        figures.gapMax = gaps.max()
        figures.noticeableDistance = 99
        let distances = all { flow in
            let lost = flow.lost.indices.filter { flow.lost[$0] }
            return zip(lost, lost.dropFirst()).map { $1 - $0 }
        }
        figures.noticeableRate = share(distances.count { $0 <= 99 }, lost)
        let successors = all { flow in
            zip(flow.lost, flow.lost.dropFirst()).filter { $0.0 }.map { $0.1 }
        }
        figures.conditionalProbability = share(successors.count { $0 }, successors.count)
        return figures
    }

    private func reordering(received: Int) -> ReorderingFigures {
        var figures = ReorderingFigures()
        let reordered = all(\.reordered)
        let extents = reordered.map { $0.position - $0.discontinuity }
        figures.count = reordered.count
        figures.ratio = share(reordered.count, received)
        figures.extent = .init(
            max: extents.max(), mean: mean(extents), unknown: 0,
            lookBackRuns: ReorderingTracker.lookBackRuns)
        figures.nReordering.n1 = share(reordered.count { $0.degree >= 1 }, received)
        figures.nReordering.n2 = share(reordered.count { $0.degree >= 2 }, received)
        figures.nReordering.n3 = share(reordered.count { $0.degree >= 3 }, received)
        figures.nReordering.max = reordered.map(\.degree).max() ?? 0
        figures.byteOffset = .init(
            max: reordered.map(\.bytes).max(), mean: mean(reordered.map(\.bytes)))
        let sizes = all(\.discontinuitySizes)
        figures.discontinuities = .init(
            count: sizes.count, sizeMean: mean(sizes), sizeMax: sizes.max())
        let gaps = all(\.gaps)
        figures.gaps = .init(
            discontinuities: flows.map { Set($0.reordered.map(\.discontinuity)).count }
                .reduce(0, +),
            count: gaps.count, mean: mean(gaps), min: gaps.min(), max: gaps.max())
        let runs = all(\.freeRuns)
        figures.freeRuns.count = runs.count
        figures.freeRuns.inOrder = received - reordered.count
        figures.freeRuns.squares = Double(runs.map { $0 * $0 }.reduce(0, +))
        figures.freeRuns.mean = share(received - reordered.count, runs.count)
        if let mean = figures.freeRuns.mean {
            figures.freeRuns.variation =
                figures.freeRuns.squares / Double(received - reordered.count) / mean
        }
        return figures
    }

    var jitterNs: Double? {
        let jitters = flows.filter(\.isDated).compactMap(\.jitter)
        return jitters.isEmpty ? nil : jitters.reduce(0, +) / Double(jitters.count)
    }

    /// The intervals, percentiles exact. A far side dates a lost probe like the last one before
    /// it that arrived, or at the start.
    func intervals(seenFromFarSide: Bool) -> [IntervalFigures] {
        func interval(_ timeNs: Int64) -> Int { Int(timeNs / configuration.intervalNs) }
        let sent = all { flow in flow.datedProbes(seenFromFarSide: seenFromFarSide) }
        let received = all(\.first).map(\.receivedNs)
        let duplicates = all(\.duplicates).map(\.receivedNs)
        let reordered = all { flow in
            flow.reordered.map { flow.first[$0.position].receivedNs }
        }
        let last = (sent.map(\.timeNs) + received + duplicates).map(interval).max() ?? 0
        return (0...last).map { index in
            let delays = all { flow in
                flow.first.filter { interval($0.receivedNs) == index }.map(flow.delay)
            }
            let sentThen = sent.count { interval($0.timeNs) == index }
            let lostThen = sent.count { $0.isLost && interval($0.timeNs) == index }
            let share =
                sentThen > 0 ? Double(sentThen - lostThen) / Double(sentThen) : nil
            return IntervalFigures(
                startNs: index * Int(configuration.intervalNs), sent: sentThen,
                received: received.count { interval($0) == index }, lost: lostThen,
                duplicates: duplicates.count { interval($0) == index },
                reordered: reordered.count { interval($0) == index },
                rttP50Ns: slowPercentile(delays, 5_000), rttP99Ns: slowPercentile(delays, 9_900),
                availability: configuration.direction == .roundTrip ? share : nil)
        }
    }
}

extension SlowFlow {
    func datedProbes(seenFromFarSide: Bool) -> [(timeNs: Int64, isLost: Bool)] {
        let arrived = first.map(\.index)
        return probes.indices.map { index in
            guard seenFromFarSide else { return (probes[index].sentNs, lost[index]) }
            let before = (0...index).last { arrived.contains($0) }
            return (before.map { probes[$0].sentNs } ?? 0, lost[index])
        }
    }
}

/// The smallest x with F(x) ≥ p, by counting.
func slowPercentile(_ values: [Int64], _ tenThousandths: Int) -> Int? {
    values.sorted().first { x in
        values.count { $0 <= x } * 10_000 >= tenThousandths * values.count
    }.map { Int($0) }
}
