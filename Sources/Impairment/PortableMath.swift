// The last bit of `log` and `exp` differs between the mathematical libraries of different
// machines, and a fate must not. What stands here is made of + − × ÷ and the square root alone,
// whose results IEEE 754 prescribes to the last bit; Swift never contracts a × b + c into one
// rounding on its own.

/// The natural logarithm of a normal number above 0, within 2 units of the last place or 10^-16.
func portableLog(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
        significand /= 2
        exponent += 1
    }
    // ln m = 2 artanh t = 2 (t + t³/3 + t⁵/5 + …) with |t| < 0.172: 11 terms leave 10^-19.
    let t = (significand - 1) / (significand + 1)
    let square = t * t
    var sum = 0.0
    var divisor = 21.0
    while divisor >= 1 {
        sum = sum * square + 1 / divisor
        divisor -= 2
    }
    return exponent * ln2High + (2 * t * sum + exponent * ln2Low)
}

/// e to the power of a number from −700 to 700; beyond that as at the end.
func portableExp(_ x: Double) -> Double {
    let power = min(max(x, -700), 700)
    let exponent = (power / (ln2High + ln2Low)).rounded()
    let rest = (power - exponent * ln2High) - exponent * ln2Low
    // The Taylor series with |rest| < 0.347: up to the 14th power it leaves 10^-18.
    var sum = 1.0
    var divisor = 14.0
    while divisor >= 1 {
        sum = 1 + sum * rest / divisor
        divisor -= 1
    }
    return Double(sign: .plus, exponent: Int(exponent), significand: sum)
}

/// ln 2 in two parts, the first short enough that its product with an exponent is exact.
private let ln2High = 6.93147180369123816490e-01
private let ln2Low = 1.90821492927058770002e-10
