/// The delays of one interval in logarithmic bins: a column of a heat map.
///
/// An octave has four bins of equal width, drawn for a delay u in nanoseconds:
///
///     u in 0 … 7           one bin each                  bins 0 … 7
///     u in 2^(2+k) …       4 bins of width 2^k           bins 4·(k+1) …   (k = 1 … 34)
package struct DelayColumn: Codable, Sendable, Equatable {
    /// The number of bins: delays of 2^37 ns (137 s) and more are in the last.
    package static let binCount = 144

    /// The first bin that is not empty; 0 without delays.
    package var first: Int
    /// The counts of the bins from `first` to the last that is not empty.
    package var counts: [Int]

    package init(first: Int = 0, counts: [Int] = []) {
        self.first = first
        self.counts = counts
    }

    /// Returns the least delay of a bin in nanoseconds; of `binCount`, the end of the last bin.
    package static func lowerNs(ofBin bin: Int) -> Int {
        guard bin >= 8 else { return bin }
        let shift = bin / 4 - 1
        return (bin - 4 * shift) << shift
    }

    /// Returns the bin of a delay of 0 ns or more.
    package static func bin(of delayNs: Int) -> Int {
        let shift = Int.bitWidth - 3 - (delayNs | 7).leadingZeroBitCount
        return min(4 * shift + delayNs >> shift, binCount - 1)
    }

    /// Returns the column of the delays of both.
    package func joined(with other: DelayColumn) -> DelayColumn {
        guard !counts.isEmpty else { return other }
        guard !other.counts.isEmpty else { return self }
        let first = min(first, other.first)
        let end = max(self.first + counts.count, other.first + other.counts.count)
        var sum = [Int](repeating: 0, count: end - first)
        for (bin, count) in counts.enumerated() { sum[self.first - first + bin] += count }
        for (bin, count) in other.counts.enumerated() { sum[other.first - first + bin] += count }
        return DelayColumn(first: first, counts: sum)
    }
}
