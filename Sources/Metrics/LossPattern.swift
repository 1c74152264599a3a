/// The loss pattern of one flow (RFC 3357), fed with its losses in sequence order.
///
/// Holds only the last loss and the open period; complete periods are added to the stream's
/// ``LossTotals``. Probes that arrived need no call.
struct LossPattern {
    private var lastLost: UInt64?
    private var burstLength = 0

    /// Records probes `first ..< first + count` (count ≥ 1), beyond all before, as lost.
    mutating func recordLost(first: UInt64, count: Int, into totals: inout LossTotals) {
        totals.count += count
        var adjacent = count - 1
        if let last = lastLost {
            precondition(first > last, "losses are settled in sequence order")
            let distance = first - last
            if distance == 1 {
                adjacent += 1
            } else {
                closePeriod(into: &totals)
                totals.recordGap(distance)
                if distance <= UInt64(totals.noticeableDistance) { totals.noticeable += 1 }
            }
        }
        totals.adjacent += adjacent
        totals.noticeable += adjacent
        burstLength += count
        lastLost = first + UInt64(count) - 1
    }

    /// Closes the open period, at the end of the flow before `end`.
    mutating func close(end: UInt64, into totals: inout LossTotals) {
        closePeriod(into: &totals)
        // The very last probe has no successor that could be lost too.
        if let last = lastLost, last + 1 == end { totals.withoutSuccessor += 1 }
    }

    private mutating func closePeriod(into totals: inout LossTotals) {
        if burstLength > 0 { totals.recordPeriod(length: burstLength) }
        burstLength = 0
    }
}

/// The loss patterns of a stream's flows, summed.
struct LossTotals {
    /// The δ of RFC 3357 §6.1; 99 is that section's example.
    let noticeableDistance: Int
    /// Periods up to this length are counted by length.
    static let countedLengths = 16

    var count = 0
    /// Losses whose preceding probe was lost too.
    var adjacent = 0
    var noticeable = 0
    /// Losses that were the last probe of their flow.
    var withoutSuccessor = 0
    private var periods = 0
    private var periodsLength = 0
    private var longest = 0
    private var lengthCounts = InlineArray<16, Int>(repeating: 0)
    private var longerCount = 0
    private var gapCount = 0
    private var gapSum: UInt64 = 0
    private var gapMin = UInt64.max
    private var gapMax: UInt64 = 0

    init(noticeableDistance: Int = 99) {
        precondition(noticeableDistance > 0, "a positive distance")
        self.noticeableDistance = noticeableDistance
    }

    mutating func recordPeriod(length: Int) {
        periods += 1
        periodsLength += length
        longest = max(longest, length)
        if length <= Self.countedLengths {
            lengthCounts[length - 1] += 1
        } else {
            longerCount += 1
        }
    }

    mutating func recordGap(_ distance: UInt64) {
        gapCount += 1
        gapSum += distance
        gapMin = min(gapMin, distance)
        gapMax = max(gapMax, distance)
    }

    mutating func merge(_ other: LossTotals) {
        count += other.count
        adjacent += other.adjacent
        noticeable += other.noticeable
        withoutSuccessor += other.withoutSuccessor
        periods += other.periods
        periodsLength += other.periodsLength
        longest = max(longest, other.longest)
        for index in lengthCounts.indices { lengthCounts[index] += other.lengthCounts[index] }
        longerCount += other.longerCount
        gapCount += other.gapCount
        gapSum += other.gapSum
        gapMin = min(gapMin, other.gapMin)
        gapMax = max(gapMax, other.gapMax)
    }

    /// Returns the figures of `sent` probes, of which `late` came too late and `never` not at all.
    func figures(sent: Int, late: Int, never: Int) -> LossFigures {
        var figures = LossFigures()
        figures.count = late + never
        figures.ratio = ratio(late + never, of: sent)
        figures.late = late
        figures.never = never
        figures.periods = periods
        figures.longestBurst = longest
        figures.meanBurst = ratio(periodsLength, of: periods)
        figures.lengthCounts = lengthCounts.indices.map { lengthCounts[$0] }
        figures.longerCount = longerCount
        if gapCount > 0 {
            figures.gapMean = Double(gapSum) / Double(gapCount)
            figures.gapMin = Int(gapMin)
            figures.gapMax = Int(gapMax)
        }
        figures.noticeableDistance = noticeableDistance
        figures.noticeableRate = ratio(noticeable, of: count)
        figures.conditionalProbability = ratio(adjacent, of: count - withoutSuccessor)
        return figures
    }
}

extension LossTotals {
    func put(into image: inout StatisticsImage) {
        image.put(count, adjacent, noticeable, withoutSuccessor)
        image.put(periods, periodsLength, longest, longerCount)
        for index in lengthCounts.indices { image.put(lengthCounts[index]) }
        image.put(gapCount)
        for gap in [gapSum, gapMin, gapMax] { image.put(Int(truncatingIfNeeded: gap)) }
    }

    mutating func add(_ reader: inout StatisticsImageReader) throws(StatisticsImage.Fault) {
        var other = LossTotals(noticeableDistance: noticeableDistance)
        other.count = try reader.takeCount()
        other.adjacent = try reader.takeCount()
        other.noticeable = try reader.takeCount()
        other.withoutSuccessor = try reader.takeCount()
        other.periods = try reader.takeCount()
        other.periodsLength = try reader.takeCount()
        other.longest = try reader.takeCount()
        other.longerCount = try reader.takeCount()
        for index in lengthCounts.indices { other.lengthCounts[index] = try reader.takeCount() }
        other.gapCount = try reader.takeCount()
        other.gapSum = UInt64(truncatingIfNeeded: try reader.take())
        other.gapMin = UInt64(truncatingIfNeeded: try reader.take())
        other.gapMax = UInt64(truncatingIfNeeded: try reader.take())
        merge(other)
    }
}

/// Returns `part` / `whole`; nil if `whole` is 0 (rows L14, L15).
func ratio(_ part: Int, of whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
}
