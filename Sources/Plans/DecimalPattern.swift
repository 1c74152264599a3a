/// Regular expressions for decimal numbers above and below an end. With them the JSON Schema of a
/// plan expresses "1ms to 168h" for a string, in every unit, exactly as the reader does.
///
/// A number is written without sign, exponent or leading zero and with at most `decimals` decimals.
/// The expressions keep to the plain subset that JSON Schema asks for (no lookahead); a range is
/// two expressions, both of which must match.
struct DecimalPattern {
    /// The end, in units of 10^-decimals.
    let end: Int
    let decimals: Int

    /// An expression for numbers of the legal form and of at least `end`.
    var atLeast: String {
        let (whole, fraction) = split(end)
        let longer = "[1-9][0-9]{\(whole.count),}\(anyFraction)"
        var branches = [longer]
        branches += higherDigits(whole).map { $0 + anyFraction }
        branches += fractions(
            after: String(whole), digits: Array(fraction), isLower: true)
        return group(branches)
    }

    /// An expression for numbers of the legal form and of at most `end`.
    var atMost: String {
        let (whole, fraction) = split(end)
        var branches: [String] = []
        if whole.count > 1 {
            branches.append("(?:0|[1-9][0-9]{0,\(whole.count - 2)})\(anyFraction)")
        }
        branches += lowerDigits(whole).map { $0 + anyFraction }
        branches += fractions(
            after: String(whole), digits: Array(fraction), isLower: false)
        return group(branches)
    }

    /// Splits `value` into its digits before the point and, without trailing zeros, those after it.
    private func split(_ value: Int) -> (whole: [Character], fraction: [Character]) {
        var digits = Array(String(value))
        if digits.count <= decimals {
            digits = Array(repeating: "0", count: decimals + 1 - digits.count) + digits
        }
        var fraction = Array(digits.suffix(decimals))
        while fraction.last == "0" { fraction.removeLast() }
        return (Array(digits.dropLast(decimals)), fraction)
    }

    /// Returns expressions for greater whole parts of the same length.
    private func higherDigits(_ whole: [Character]) -> [String] {
        whole.indices.compactMap { index in
            guard let digit = range(above: whole[index]) else { return nil }
            return String(whole[..<index]) + digit + anyDigits(whole.count - index - 1)
        }
    }

    /// Returns expressions for smaller whole parts of the same length without a leading zero.
    private func lowerDigits(_ whole: [Character]) -> [String] {
        whole.indices.compactMap { index in
            let smallest: Character = index == 0 && whole.count > 1 ? "1" : "0"
            guard let digit = range(from: smallest, below: whole[index]) else { return nil }
            return String(whole[..<index]) + digit + anyDigits(whole.count - index - 1)
        }
    }

    /// Returns expressions for the whole part of the end itself, with the fractions on the legal
    /// side.
    private func fractions(
        after whole: String, digits: [Character], isLower: Bool
    ) -> [String] {
        guard decimals > 0 else { return [whole] }
        if digits.isEmpty { return [isLower ? whole + anyFraction : whole + zeroFraction] }
        var branches = isLower ? [] : [whole]
        for index in digits.indices {
            let digit =
                isLower ? range(above: digits[index]) : range(from: "0", below: digits[index])
            let left = decimals - index - 1
            if let digit {
                let prefix = String(digits[..<index])
                branches.append("\(whole)[.]\(prefix)\(digit)[0-9]{0,\(left)}")
            }
            // A shorter fraction is smaller than the end that it is a prefix of.
            if !isLower && index > 0 { branches.append("\(whole)[.]\(String(digits[..<index]))") }
        }
        let tail = isLower ? "[0-9]" : "0"
        let rest = decimals - digits.count
        branches.append("\(whole)[.]\(String(digits))\(tail){0,\(rest)}")
        return branches
    }

    private var anyFraction: String {
        decimals == 0 ? "" : "(?:[.][0-9]{1,\(decimals)})?"
    }

    private var zeroFraction: String {
        decimals == 0 ? "" : "(?:[.]0{1,\(decimals)})?"
    }

    private func anyDigits(_ count: Int) -> String {
        count == 0 ? "" : "[0-9]{\(count)}"
    }

    private func range(above digit: Character) -> String? {
        guard let value = digit.wholeNumberValue, value < 9 else { return nil }
        return value == 8 ? "9" : "[\(value + 1)-9]"
    }

    private func range(from smallest: Character, below digit: Character) -> String? {
        guard let first = smallest.wholeNumberValue, let value = digit.wholeNumberValue,
            value > first
        else { return nil }
        return value - 1 == first ? "\(first)" : "[\(first)-\(value - 1)]"
    }

    private func group(_ branches: [String]) -> String {
        "(?:" + branches.joined(separator: "|") + ")"
    }
}

extension QuantityRange {
    /// Two anchored expressions that together match exactly the texts that `read` accepts.
    var patterns: [String] {
        ["^\(expressions.atLeast)$", "^\(expressions.atMost)$"]
    }

    /// The patterns as groups without anchors. Each of them requires the legal form of the number.
    var expressions: (atLeast: String, atMost: String) {
        var lower: [String] = []
        var upper: [String] = []
        for unit in quantity.units {
            var scale = 1
            for _ in 0..<unit.decimals { scale *= 10 }
            // A step of the unit's last decimal: every unit's steps are a multiple of its scale.
            let grain = unit.steps / scale
            let first = (steps.lowerBound + grain - 1) / grain
            let last = steps.upperBound / grain
            lower.append(DecimalPattern(end: first, decimals: unit.decimals).atLeast + unit.symbol)
            upper.append(DecimalPattern(end: last, decimals: unit.decimals).atMost + unit.symbol)
        }
        return ("(?:\(lower.joined(separator: "|")))", "(?:\(upper.joined(separator: "|")))")
    }
}
