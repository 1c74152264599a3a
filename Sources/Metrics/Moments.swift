/// The exact part of a distribution of integers: count, sum, sum of squares, least and greatest.
///
/// Integers throughout, so that the order of recording and of merging cannot change a figure.
struct Moments: Equatable {
    /// Values at or beyond 2^56 (two years in ns) are a programmer's error; below it the squares
    /// of 2^16 such values, or of 2^53 values below 2^37, fit in 128 bits.
    static let magnitudeLimit: UInt64 = 1 << 56

    private(set) var count = 0
    private(set) var sum: Int128 = 0
    private(set) var squares: UInt128 = 0
    private(set) var least = Int64.max
    private(set) var greatest = Int64.min

    /// Adds `count` (1 … 2^26) copies of a value whose magnitude is below 2^37.
    ///
    /// `&+` and `&*`: the limits above keep every sum in range.
    @inline(__always)
    mutating func recordSmall(_ value: Int64, count copies: Int) {
        let square = value.magnitude.multipliedFullWidth(by: value.magnitude)
        count &+= copies
        sum &+= Int128(truncatingIfNeeded: value &* Int64(truncatingIfNeeded: copies))
        squares &+=
            (UInt128(truncatingIfNeeded: square.high) &<< 64
                | UInt128(truncatingIfNeeded: square.low))
            &* UInt128(truncatingIfNeeded: copies)
        if value < least { least = value }
        if value > greatest { greatest = value }
    }

    /// Adds `copies` of any value below the limit, checking every step.
    mutating func recordAny(_ value: Int64, count copies: Int) {
        precondition(value.magnitude < Self.magnitudeLimit, "a time span of more than two years")
        count += copies
        sum += Int128(value) * Int128(copies)
        squares += UInt128(value.magnitude) * UInt128(value.magnitude) * UInt128(copies)
        least = min(least, value)
        greatest = max(greatest, value)
    }

    mutating func merge(_ other: Moments) {
        count += other.count
        sum += other.sum
        squares += other.squares
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    var mean: Double? { count == 0 ? nil : Double(sum) / Double(count) }

    /// Population standard deviation.
    ///
    /// The squares are moved to the integer part of the mean before they become floating point:
    /// `E[x²] − E[x]²` in doubles would cancel a spread of 10 ns around 1 s to nothing.
    var standardDeviation: Double? {
        guard count > 0 else { return nil }
        let whole = sum / Int128(count)
        let centred = Int128(squares) - 2 * whole * sum + Int128(count) * whole * whole
        let rest = Double(sum - whole * Int128(count)) / Double(count)
        return max(0, Double(centred) / Double(count) - rest * rest).squareRoot()
    }
}
