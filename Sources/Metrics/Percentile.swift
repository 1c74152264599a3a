/// The percentiles of a report, as exact fractions.
enum Percentile: Int, CaseIterable {
    case p50 = 5_000
    case p75 = 7_500
    case p90 = 9_000
    case p95 = 9_500
    case p99 = 9_900
    case p999 = 9_990
    case p9999 = 9_999

    /// Returns the rank of the smallest x with F(x) ≥ p among `count` > 0 values (RFC 2330 §11.3):
    /// ⌈p × count⌉ in integers, where a binary fraction for 99.9 % would round.
    func rank(of count: Int) -> Int {
        let whole = count / 10_000
        let rest = count % 10_000
        return whole * rawValue + (rest * rawValue + 9_999) / 10_000
    }
}
