/// The exact moments of a distribution of integers: sum, sum of squares, least and greatest.
///
/// All sums are integers, so that the order of recording and of merging cannot change a figure.
/// Sums grow in 64 bits, and are moved into 128 when the next value would not fit: that halves the
/// stores of a record, which dominate its cost.
struct Moments {
    /// The limit of a magnitude. Values at or beyond 2^56 (two years in ns) are a programmer's
    /// error; below it 2^16 squares fit in 128 bits, and below the 2^37 of the buckets 2^53 do.
    static let magnitudeLimit: UInt64 = 1 << 56

    private var sumHere: Int64 = 0
    private var sumMoved: Int128 = 0
    private var squaresHere: UInt64 = 0
    private var squaresMoved: UInt128 = 0
    private(set) var least = Int64.max
    private(set) var greatest = Int64.min

    private var sum: Int128 { sumMoved + Int128(sumHere) }
    private var squares: UInt128 { squaresMoved + UInt128(squaresHere) }

    /// Adds `copies` ≥ 1 of a value.
    @inline(__always)
    mutating func record(_ value: Int64, count copies: Int) {
        let magnitude = value.magnitude
        let (square, isWide) = magnitude.multipliedReportingOverflow(by: magnitude)
        let (allSquares, areWide) = square.multipliedReportingOverflow(by: UInt64(copies))
        let (squaresNext, isFull) = squaresHere.addingReportingOverflow(allSquares)
        let (allValues, isFar) = value.multipliedReportingOverflow(by: Int64(copies))
        let (sumNext, isOver) = sumHere.addingReportingOverflow(allValues)
        if isWide || areWide || isFull || isFar || isOver {
            recordWide(value, count: copies)
        } else {
            squaresHere = squaresNext
            sumHere = sumNext
        }
        if value < least { least = value }
        if value > greatest { greatest = value }
    }

    /// Corrects a run that was recorded as `run.count` copies of its greatest delay: subtracts k ×
    /// step from the k-th (from 0).
    ///
    ///     Σ (g − ks)  = n·g − s·T₁                      T₁ = n(n−1)/2
    ///     Σ (g − ks)² = n·g² − 2·g·s·T₁ + s²·T₂         T₂ = n(n−1)(2n−1)/6
    mutating func spread(_ run: DelayRun) {
        let (step, copies) = (Int128(run.stepNs), Int128(run.count))
        let ones = copies * (copies - 1) / 2
        let twos = ones * (2 * copies - 1) / 3
        sumMoved -= step * ones
        // Never below zero: the subtracted value is part of what the record has just added.
        squaresMoved =
            squares - UInt128(2 * Int128(run.greatestNs) * step * ones - step * step * twos)
        squaresHere = 0
        if run.leastNs < least { least = run.leastNs }
    }

    @inline(never)
    private mutating func recordWide(_ value: Int64, count copies: Int) {
        precondition(value.magnitude < Self.magnitudeLimit, "a time span of more than two years")
        let magnitude = UInt128(value.magnitude)
        sumMoved += Int128(sumHere) + Int128(value) * Int128(copies)
        sumHere = 0
        squaresMoved += UInt128(squaresHere) + magnitude * magnitude * UInt128(copies)
        squaresHere = 0
    }

    mutating func merge(_ other: Moments) {
        sumMoved += other.sum
        squaresMoved += other.squares
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    /// Returns the mean of `count` values recorded.
    func mean(of count: Int) -> Double? { count == 0 ? nil : Double(sum) / Double(count) }

    /// Returns the population standard deviation of `count` values recorded.
    ///
    /// The squares are moved to the integer part of the mean before they become floating point:
    /// `E[x²] − E[x]²` in doubles would cancel a spread of 10 ns around 1 s to nothing.
    func standardDeviation(of count: Int) -> Double? {
        guard count > 0 else { return nil }
        let whole = sum / Int128(count)
        let centred = Int128(squares) - 2 * whole * sum + Int128(count) * whole * whole
        let rest = Double(sum - whole * Int128(count)) / Double(count)
        return max(0, Double(centred) / Double(count) - rest * rest).squareRoot()
    }
}

extension Moments {
    func put(into image: inout StatisticsImage) {
        image.put(wide: sum)
        image.put(wide: squares)
        image.put(least, greatest)
    }

    /// Adds the moments of `count` values of another host.
    /// - Parameter tooLong: By how much each value was recorded too great.
    mutating func add(
        _ reader: inout StatisticsImageReader, count: Int, tooLong: Int64 = 0
    ) throws(StatisticsImage.Fault) {
        var other = Moments()
        let sum = try reader.takeWide()
        let squares = try reader.takeWideCount()
        (other.least, other.greatest) = (try reader.takeTime(), try reader.takeTime())
        // Values of an hour and more are none of a probe's, and their squares would not fit.
        guard sum.magnitude <= UInt128(count) << 42, squares <= UInt128(count) << 84 else {
            throw StatisticsImage.Fault(
                description: "a sum of \(sum) of \(count) times in an image of statistics")
        }
        let (n, s) = (Int128(count), Int128(tooLong))
        other.sumMoved = sum - n * s
        // Σ (x − s)² = Σ x² − 2·s·Σ x + n·s²
        other.squaresMoved = UInt128(max(0, Int128(squares) - 2 * s * sum + n * s * s))
        if count > 0 {
            other.least &-= tooLong
            other.greatest &-= tooLong
        }
        merge(other)
    }
}
