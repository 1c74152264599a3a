// The last bit of `log` and `exp` differs between the mathematical libraries of different machines,
// and a fate must not. The functions in this file use only + − × ÷ and the square root, whose
// results IEEE 754 prescribes to the last bit; Swift never contracts a × b + c into one rounding on
// its own.

/// Returns the natural logarithm of a normal number above 0, within 2 units of the last place or
/// 10^-16.
func portableLog(_ value: Double) -> Double {
    var exponent = Double(value.exponent)
    var significand = value.significand
    if significand > 1.4142135623730951 {
        significand /= 2
        exponent += 1
    }
    // ln m = 2 artanh t = 2 (t + t³/3 + t⁵/5 + …) with |t| < 0.172: 11 terms leave 10^-19.
    let t = (significand - 1) / (significand + 1)
    let x = t * t
    var sum = (((1.0 / 21 * x + 1.0 / 19) * x + 1.0 / 17) * x + 1.0 / 15) * x + 1.0 / 13
    sum = (((sum * x + 1.0 / 11) * x + 1.0 / 9) * x + 1.0 / 7) * x + 1.0 / 5
    sum = (sum * x + 1.0 / 3) * x + 1
    return exponent * ln2High + (2 * t * sum + exponent * ln2Low)
}

/// Returns e to the power of a number from −700 to 700; a number beyond counts as the nearer end.
func portableExp(_ value: Double) -> Double {
    let power = min(max(value, -700), 700)
    let exponent = (power / (ln2High + ln2Low)).rounded()
    let x = (power - exponent * ln2High) - exponent * ln2Low
    // The Taylor series with |x| < 0.347: up to the 14th power it leaves 10^-18.
    var sum = (x / 87_178_291_200 + 1.0 / 6_227_020_800) * x + 1.0 / 479_001_600
    sum = ((sum * x + 1.0 / 39_916_800) * x + 1.0 / 3_628_800) * x + 1.0 / 362_880
    sum = (((sum * x + 1.0 / 40_320) * x + 1.0 / 5_040) * x + 1.0 / 720) * x + 1.0 / 120
    sum = (((sum * x + 1.0 / 24) * x + 1.0 / 6) * x + 0.5) * x + 1
    sum = sum * x + 1
    // 2 to the power of −1,010 to 1,010 is a normal number: its bits are its exponent's alone.
    return sum * Double(bitPattern: UInt64(1_023 + Int(exponent)) << 52)
}

/// ln 2 in two parts, the first short enough that its product with an exponent is exact.
private let ln2High = 6.93147180369123816490e-01
private let ln2Low = 1.90821492927058770002e-10
