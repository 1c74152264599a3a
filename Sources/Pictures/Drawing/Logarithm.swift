import Glibc

/// Returns the logarithm to base ten.
func logarithm(_ value: Double) -> Double { log10(value) }

/// Returns a power of ten.
func powerOfTen(_ exponent: Double) -> Double { pow(10, exponent) }
