/// The reordering of a stream's flows (RFC 4737), summed.
struct ReorderingTotals: ~Copyable {
    /// Reordered arrivals; also x of §4.6.3, the number of reordering-free runs.
    private(set) var reordered = 0
    /// Reordering discontinuities (§4.5.3).
    var discontinuities = 0

    private var freeRunSquares: UInt128 = 0
    private var extentCount = 0
    private var extentSum: UInt128 = 0
    private var extentMax = 0
    private var unknownExtents = 0
    private var byteSum: UInt128 = 0
    private var byteMax = 0
    private var lateTimes = DelayHistogram()
    /// Arrivals that are at least 1-, 2-, 3-reordered (§5.3).
    private var degrees = InlineArray<3, Int>(repeating: 0)
    private var degreeMax = 0
    private var sequenceDiscontinuities = 0
    private var sequenceSizeSum: UInt128 = 0
    private var sequenceSizeMax: UInt64 = 0
    private var gapCount = 0
    private var gapSum: UInt128 = 0
    private var gapMin = Int.max
    private var gapMax = 0

    /// Records a reordered arrival, which ends a run of `length` ≥ 0 in-order ones.
    mutating func endFreeRun(length: Int) {
        reordered += 1
        freeRunSquares += UInt128(length) * UInt128(length)
    }

    mutating func recordExtent(_ extent: Int, bytes: Int, lateNs: Int64) {
        extentCount += 1
        extentSum += UInt128(extent)
        extentMax = max(extentMax, extent)
        byteSum += UInt128(bytes)
        byteMax = max(byteMax, bytes)
        lateTimes.record(lateNs)
    }

    mutating func recordUnknownExtent() {
        unknownExtents += 1
    }

    /// Records that the last `degree` ≥ 0 arrivals in a row had larger sequence numbers.
    mutating func recordDegree(_ degree: Int) {
        for index in 0..<min(degree, 3) { degrees[index] += 1 }
        degreeMax = max(degreeMax, degree)
    }

    mutating func recordSequenceDiscontinuity(size: UInt64) {
        sequenceDiscontinuities += 1
        sequenceSizeSum += UInt128(size)
        sequenceSizeMax = max(sequenceSizeMax, size)
    }

    mutating func recordGap(_ gap: Int) {
        gapCount += 1
        gapSum += UInt128(gap)
        gapMin = min(gapMin, gap)
        gapMax = max(gapMax, gap)
    }

    mutating func merge(_ other: borrowing ReorderingTotals) {
        reordered += other.reordered
        discontinuities += other.discontinuities
        freeRunSquares += other.freeRunSquares
        extentCount += other.extentCount
        extentSum += other.extentSum
        extentMax = max(extentMax, other.extentMax)
        unknownExtents += other.unknownExtents
        byteSum += other.byteSum
        byteMax = max(byteMax, other.byteMax)
        lateTimes.merge(other.lateTimes)
        for index in degrees.indices { degrees[index] += other.degrees[index] }
        degreeMax = max(degreeMax, other.degreeMax)
        sequenceDiscontinuities += other.sequenceDiscontinuities
        sequenceSizeSum += other.sequenceSizeSum
        sequenceSizeMax = max(sequenceSizeMax, other.sequenceSizeMax)
        gapCount += other.gapCount
        gapSum += other.gapSum
        gapMin = min(gapMin, other.gapMin)
        gapMax = max(gapMax, other.gapMax)
    }
}

extension ReorderingTotals {
    /// Returns the figures of `received` arrivals in all; the totals do not count in-order
    /// arrivals.
    func figures(received: Int) -> ReorderingFigures {
        var figures = ReorderingFigures()
        figures.count = reordered
        figures.ratio = ratio(reordered, of: received)
        figures.extent.max = extentCount > 0 ? extentMax : nil
        figures.extent.mean = mean(extentSum, of: extentCount)
        figures.extent.unknown = unknownExtents
        figures.extent.lookBackRuns = ReorderingTracker.lookBackRuns
        figures.nReordering.n1 = ratio(degrees[0], of: received)
        figures.nReordering.n2 = ratio(degrees[1], of: received)
        figures.nReordering.n3 = ratio(degrees[2], of: received)
        figures.nReordering.max = degreeMax
        figures.lateTimeNs = lateTimes.summary()
        figures.byteOffset.max = extentCount > 0 ? byteMax : nil
        figures.byteOffset.mean = mean(byteSum, of: extentCount)
        figures.discontinuities.count = sequenceDiscontinuities
        figures.discontinuities.sizeMean = mean(sequenceSizeSum, of: sequenceDiscontinuities)
        figures.discontinuities.sizeMax = sequenceDiscontinuities > 0 ? Int(sequenceSizeMax) : nil
        figures.gaps.discontinuities = discontinuities
        figures.gaps.count = gapCount
        figures.gaps.mean = mean(gapSum, of: gapCount)
        figures.gaps.min = gapCount > 0 ? gapMin : nil
        figures.gaps.max = gapCount > 0 ? gapMax : nil
        figures.freeRuns = freeRuns(inOrder: received - reordered)
        return figures
    }

    private func freeRuns(inOrder: Int) -> ReorderingFigures.FreeRuns {
        var figures = ReorderingFigures.FreeRuns()
        figures.count = reordered
        figures.inOrder = inOrder
        figures.squares = Double(freeRunSquares)
        figures.mean = ratio(inOrder, of: reordered)
        if let mean = figures.mean, inOrder > 0 {
            figures.variation = figures.squares / Double(inOrder) / mean
        }
        return figures
    }

    private func mean(_ sum: UInt128, of count: Int) -> Double? {
        count == 0 ? nil : Double(sum) / Double(count)
    }
}

extension ReorderingTotals {
    func put(into image: inout StatisticsImage) {
        image.put(reordered, discontinuities, extentCount, extentMax, unknownExtents, byteMax)
        for sum in [freeRunSquares, extentSum, byteSum, sequenceSizeSum, gapSum] {
            image.put(wide: sum)
        }
        for index in degrees.indices { image.put(degrees[index]) }
        image.put(degreeMax, sequenceDiscontinuities)
        image.put(Int(truncatingIfNeeded: sequenceSizeMax), gapCount, gapMin, gapMax)
        lateTimes.put(into: &image)
    }

    mutating func add(_ reader: inout StatisticsImageReader) throws(StatisticsImage.Fault) {
        var other = ReorderingTotals()
        other.reordered = try reader.takeCount()
        other.discontinuities = try reader.takeCount()
        other.extentCount = try reader.takeCount()
        other.extentMax = try reader.takeCount()
        other.unknownExtents = try reader.takeCount()
        other.byteMax = try reader.takeCount()
        other.freeRunSquares = try reader.takeWideCount()
        other.extentSum = try reader.takeWideCount()
        other.byteSum = try reader.takeWideCount()
        other.sequenceSizeSum = try reader.takeWideCount()
        other.gapSum = try reader.takeWideCount()
        for index in degrees.indices { other.degrees[index] = try reader.takeCount() }
        other.degreeMax = try reader.takeCount()
        other.sequenceDiscontinuities = try reader.takeCount()
        other.sequenceSizeMax = UInt64(truncatingIfNeeded: try reader.take())
        other.gapCount = try reader.takeCount()
        (other.gapMin, other.gapMax) = (try reader.take(), try reader.take())
        try other.lateTimes.add(&reader)
        merge(other)
    }
}
