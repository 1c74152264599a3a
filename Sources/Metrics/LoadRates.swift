/// The table of offered load rates of RFC 9097 §8.1, in bits of IP packets per second:
///
///     row           0      1 … 1000            1001 … 1090
///     rate   0.5 Mbit/s    1 Mbit/s a row      100 Mbit/s a row, from 1.1 Gbit/s to 10 Gbit/s
package struct LoadRates: Sendable, Equatable {
    /// The row of 1 Gbit/s, from which on the rate goes up by one row at a time.
    package static let highSpeedRow = 1_000
    private static let rowsMost = 1_090

    /// The last row that is offered.
    package let last: Int

    /// Makes the table with the rows up to a rate; nil if the first one is above it.
    package init?(upTo bitsPerSecond: Double) {
        guard bitsPerSecond >= Self.bitsPerSecond(ofRow: 0) else { return nil }
        var row = 0
        while row < Self.rowsMost, Self.bitsPerSecond(ofRow: row + 1) <= bitsPerSecond * 1.000_001 {
            row += 1
        }
        last = row
    }

    package static func bitsPerSecond(ofRow row: Int) -> Double {
        if row == 0 { return 500_000 }
        let beyond = max(0, row - highSpeedRow)
        return Double(row - beyond) * 1e6 + Double(beyond) * 100e6
    }

    /// Returns the first row of at least a rate, and at most the last.
    package func row(atLeast bitsPerSecond: Double) -> Int {
        (0...last).first { Self.bitsPerSecond(ofRow: $0) >= bitsPerSecond } ?? last
    }
}
