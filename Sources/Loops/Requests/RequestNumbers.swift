import Load

/// Decimal numbers in a datagram, without allocating.
enum Decimal {
    /// Writes a number without leading zeros. Returns the number of digits.
    @inline(__always)
    static func write(_ number: UInt64, to place: UnsafeMutableRawPointer) -> Int {
        var digits = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            digits &+= 1
        }
        write(number, to: place, digits: digits)
        return digits
    }

    /// Writes the last `digits` digits of a number.
    @inline(__always)
    static func write(_ number: UInt64, to place: UnsafeMutableRawPointer, digits: Int) {
        var rest = number
        var offset = digits
        while offset > 0 {
            offset &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            place.storeBytes(
                of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit), toByteOffset: offset,
                as: UInt8.self)
            rest = quotient
        }
    }

    /// Reads the number that begins the bytes: as many digits as there are, without leading zeros.
    /// - Returns: The number and its digits; nil if there is none, or it is no sequence number.
    @inline(__always)
    static func read(
        _ place: UnsafeRawPointer, length: Int
    ) -> (number: UInt64, digits: Int)? {
        var number: UInt64 = 0
        var digits = 0
        while digits < length {
            let digit = place.load(fromByteOffset: digits, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            guard digits < BytePattern.Piece.decimalBytesMost, digits == 0 || number > 0 else {
                return nil
            }
            number = number &* 10 &+ UInt64(digit)
            digits &+= 1
        }
        return digits > 0 ? (number, digits) : nil
    }
}

/// Random content that is derived from a number, so that it can be made again.
enum RandomOctets {
    private static let letters: StaticString = "abcdefghijklmnopqrstuvwxyz012345"

    /// Writes `count` bytes: of all values, or of 32 letters and digits.
    static func write(
        to place: UnsafeMutableRawPointer, count: Int, isText: Bool, seed: UInt64
    ) {
        var state = seed
        var offset = 0
        while offset < count {
            // SplitMix64 (Steele, Lea, Flood 2014).
            state &+= 0x9e37_79b9_7f4a_7c15
            var image = state
            image = (image ^ image >> 30) &* 0xbf58_476d_1ce4_e5b9
            image = (image ^ image >> 27) &* 0x94d0_49bb_1331_11eb
            image ^= image >> 31
            for _ in 0..<min(8, count - offset) {
                let octet = UInt8(truncatingIfNeeded: image)
                place.storeBytes(
                    of: isText ? letters.utf8Start[Int(octet & 31)] : octet,
                    toByteOffset: offset, as: UInt8.self)
                image >>= 8
                offset &+= 1
            }
        }
    }
}

extension Hexadecimal {
    /// Returns eight digits.
    static func digits(of value: UInt32) -> [UInt8] {
        Array(text((0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }).utf8)
    }
}
