/// Numbers and bytes taken from the front of an input. What is not there is zero, so that every
/// input has a meaning.
struct InputReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) { rest = octets[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// The low bits say which one.
    mutating func choice<Element>(_ elements: [Element]) -> Element {
        elements[Int(byte()) % elements.count]
    }

    mutating func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer {
        (0..<Integer.bitWidth / 8).reduce(0) { value, _ in
            value << 8 | Integer(truncatingIfNeeded: byte())
        }
    }

    mutating func octets(_ count: Int) -> [UInt8] {
        let taken = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }
}
