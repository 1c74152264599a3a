/// Places and lengths of a picture as text.
enum PlaceText {
    /// Returns a number with one decimal at most, which is a tenth of a pixel. A number that is
    /// none is 0.
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        let sign = tenths < 0 ? "-" : ""
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }

    /// Returns a share of the width as `12.3%`, with two decimals.
    static func percent(_ share: Double) -> String {
        guard share.isFinite, abs(share) < 1e6 else { return "0%" }
        let hundredths = Int((share * 10_000).rounded())
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        guard rest != 0 else { return "\(sign)\(whole)%" }
        return "\(sign)\(whole)." + (rest < 10 ? "0" : "") + "\(rest)%"
    }
}
