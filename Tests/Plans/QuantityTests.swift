import Harness
import JSON
import Testing

@testable import Plans

@Suite struct QuantityTests {
    @Test(arguments: [
        ("10s", 10_000_000_000), ("0.1ms", 100_000), ("250us", 250_000), ("500ms", 500_000_000),
        ("1ns", 1), ("0ns", 0), ("1min", 60_000_000_000), ("0.0000000001min", 6),
        ("1h", 3_600_000_000_000), ("0.00000000001h", 36), ("1.5h", 5_400_000_000_000),
        ("168h", 604_800_000_000_000), ("0.000000001s", 1), ("1.000000000s", 1_000_000_000),
        ("0.3s", 300_000_000), ("4.35ms", 4_350_000),
        ("999999999.999999999s", 999_999_999_999_999_999),
    ])
    func durationsAreExactNanoseconds(text: String, nanoseconds: Int) throws {
        #expect(try Quantity.duration.steps(text) == nanoseconds)
    }

    @Test(arguments: [
        ("50pps", 50.0), ("20kpps", 20_000.0), ("1.5Mpps", 1_500_000.0), ("0.001pps", 0.001),
        ("0.1kpps", 100.0), ("33.333333pps", 33.333333), ("100Mpps", 1e8), ("0.000001pps", 1e-6),
    ])
    func ratesAreTheNearestDouble(text: String, pps: Double) throws {
        let steps = try Quantity.packetRate.steps(text)
        #expect(Double(steps) / Quantity.stepsPerPacketPerSecond == pps)
    }

    @Test(arguments: [
        ("160B", 160), ("64KiB", 65_536), ("1MiB", 1_048_576), ("1GiB", 1_073_741_824), ("0B", 0),
    ])
    func sizesAreExactBytes(text: String, bytes: Int) throws {
        #expect(try Quantity.size.steps(text) == bytes)
    }

    @Test(arguments: [
        ("10Mbit", 10_000_000), ("0.5kbit", 500), ("1Gbit", 1_000_000_000), ("9bit", 9),
    ])
    func bitRatesAreExact(text: String, bitsPerSecond: Int) throws {
        #expect(try Quantity.bitRate.steps(text) == bitsPerSecond)
    }

    @Test(arguments: [("0.1%", 0.001), ("100%", 1.0), ("2%", 0.02), ("33.3333333%", 0.333333333)])
    func percentagesAreTheNearestDouble(text: String, ratio: Double) throws {
        #expect(Double(try Quantity.percentage.steps(text)) / Quantity.stepsPerRatio == ratio)
    }

    @Test(arguments: [
        "", " ", "s", "10", "10 s", " 10s", "10s ", "10S", "10sec", "1e3s", "+1s", "-1s", ".5s",
        "5.s", "1.2.3s", "01s", "00.1s", "0x10s", "1_000s", "1,5s", "10m", "1.5ns", "0.0001us",
        "NaNs", "infs", "١s", "1\u{301}0s", "10s\n", "10s\0", "10\u{2009}s",
    ])
    func textsThatAreNoDurationAreRefused(text: String) {
        #expect(throws: JSONComplaint.self) { try Quantity.duration.steps(text) }
    }

    @Test func aUnitIsComparedByByte() {
        // U+212A, the Kelvin sign, equals "K" as a Swift character.
        #expect(throws: JSONComplaint.self) { try Quantity.size.steps("1\u{212A}iB") }
    }

    @Test func aNumberBeyondIntIsOutOfRangeAndNotClampedIntoIt() throws {
        let digits = String(repeating: "9", count: 40)
        #expect(try Quantity.duration.steps(digits + "s") == Int.max)
        #expect(try Quantity.duration.steps("999999999999999999h") == Int.max)
        #expect(throws: JSONComplaint.self) { try PlanLimits.duration.read(digits + "s") }
    }

    @Test(arguments: [
        (Quantity.duration, "10m", "did you mean \"10min\"?"),
        (Quantity.duration, "10µs", "did you mean \"10us\"?"),
        (Quantity.duration, "10S", "did you mean \"10s\"?"),
        (Quantity.duration, "10", "\"10ms\" or \"10s\""),
        (Quantity.duration, "1,5s", "did you mean \"1.5s\"?"),
        (Quantity.duration, "1m30s", "did you mean \"90s\"?"),
        (Quantity.duration, "1h 1min", "did you mean \"61min\"?"),
        (Quantity.duration, "1s500ms", "did you mean \"1500ms\"?"),
        (Quantity.duration, "PT5S", "write a number and ns"),
        (Quantity.packetRate, "1,500pps", "did you mean \"1.500pps\" or \"1500pps\"?"),
        (Quantity.bitRate, "10MB/s", "\"80Mbit\" where B is a byte, \"10Mbit\" where it is a bit"),
        (Quantity.bitRate, "10Mb/s", "did you mean \"10Mbit\"?"),
        (Quantity.duration, "2d", "24h is a day"),
        (Quantity.packetRate, "10Mbps", "a packet rate is written \"20kpps\""),
        (Quantity.packetRate, "50Hz", "did you mean \"50pps\"?"),
        (Quantity.bitRate, "10Mbps", "did you mean \"10Mbit\"?"),
        (Quantity.bitRate, "10mbit", "did you mean \"10Mbit\"?"),
        (Quantity.size, "64KB", "did you mean \"64KiB\"?"),
        (Quantity.size, "64kib", "did you mean \"64KiB\"?"),
        (Quantity.percentage, "5 percent", "did you mean \"5%\"?"),
        (
            Quantity.percentage, "0.01",
            "\"1%\" where 0.01 is a ratio, \"0.01%\" where it is percent"
        ),
        (Quantity.percentage, "0.015", "\"1.5%\" where"),
        (Quantity.percentage, "0.5", "\"50%\" where"),
        (Quantity.percentage, "0.00120", "\"0.12%\" where"),
        (Quantity.percentage, "1", "\"100%\" where 1 is a ratio, \"1%\" where it is percent"),
        (Quantity.percentage, "5", "such as \"5%\""), (Quantity.percentage, "0", "such as \"0%\""),
        (Quantity.size, "1.5KiB", "did you mean \"1536B\"?"),
        (Quantity.size, "1.3KiB", "write a whole number"),
        (Quantity.size, "1.5B", "write a whole number"),
    ])
    func aWrongSpellingIsAnsweredWithTheRightOne(
        quantity: Quantity, text: String, hint: String
    ) {
        let complaint = #expect(throws: JSONComplaint.self) { try quantity.steps(text) }
        #expect(complaint?.message.contains(hint) == true)
    }

    @Test func everyRangeAcceptsItsEndsAndNothingNextToThem() throws {
        for range in Self.ranges {
            #expect(try range.read(range.lowerText) == range.steps.lowerBound)
            #expect(try range.read(range.upperText) == range.steps.upperBound)
            for steps in [range.steps.lowerBound - 1, range.steps.upperBound + 1] {
                for text in Self.spellings(of: steps, range.quantity) {
                    #expect(throws: JSONComplaint.self) { try range.read(text) }
                }
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func aQuantityReadsBackInEveryUnitThatCanWriteIt(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for range in Self.ranges {
            for _ in 0..<200 {
                let steps = Self.random(in: range.steps, &generator)
                for text in Self.spellings(of: steps, range.quantity) {
                    #expect(try range.read(text) == steps, "\(text), seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: [UInt64(4), 5])
    func thePatternsAcceptExactlyWhatIsRead(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for range in [PlanLimits.timeout, PlanLimits.rate, PlanLimits.payload] {
            let patterns = try range.patterns.map { try Regex($0) }
            for _ in 0..<150 {
                let text = Self.randomText(near: range, &generator)
                let isMatch = try patterns.allSatisfy { try $0.wholeMatch(in: text) != nil }
                let isRead = (try? range.read(text)) != nil
                #expect(isMatch == isRead, "\(text), seed \(seed)")
            }
        }
    }

    static let ranges = [
        PlanLimits.rate, PlanLimits.payload, PlanLimits.duration, PlanLimits.warmUp,
        PlanLimits.timeout, PlanLimits.readyTimeout, PlanLimits.receiveBuffer,
        PlanLimits.tolerance,
    ]

    /// `steps` in every unit that can write it without rounding.
    static func spellings(of steps: Int, _ quantity: Quantity) -> [String] {
        guard steps >= 0 else { return quantity.units.map { "-1\($0.symbol)" } }
        return quantity.units.compactMap { unit in
            var scale = 1
            for _ in 0..<unit.decimals { scale *= 10 }
            let grain = unit.steps / scale
            guard steps % grain == 0 else { return nil }
            let (whole, fraction) = (steps / grain).quotientAndRemainder(dividingBy: scale)
            guard unit.decimals > 0 else { return "\(whole)\(unit.symbol)" }
            let digits = String(fraction)
            let zeros = String(repeating: "0", count: unit.decimals - digits.count)
            return "\(whole).\(zeros)\(digits)\(unit.symbol)"
        }
    }

    /// Small and large numbers alike, and the ends.
    static func random(in range: ClosedRange<Int>, _ generator: inout SeededGenerator) -> Int {
        let bits = Int.random(in: 0...62, using: &generator)
        let value = Int.random(in: 0...(1 << bits), using: &generator)
        return min(max(range.lowerBound + value - 1, range.lowerBound), range.upperBound)
    }

    /// A number of a few digits around an end of the range, in any unit, sometimes malformed.
    static func randomText(
        near range: QuantityRange, _ generator: inout SeededGenerator
    ) -> String {
        let end = Bool.random(using: &generator) ? range.steps.lowerBound : range.steps.upperBound
        guard let unit = range.quantity.units.randomElement(using: &generator) else { return "" }
        let whole = end / unit.steps + Int.random(in: -2...2, using: &generator)
        let count = Int.random(in: 0...(unit.decimals + 1), using: &generator)
        let fraction = (0..<count).map { _ in
            String("000123456789".randomElement(using: &generator) ?? "0")
        }
        let point = count > 0 ? "." : ""
        let zero = Int.random(in: 0..<10, using: &generator) == 0 ? "0" : ""
        return "\(zero)\(whole)\(point)\(fraction.joined())\(unit.symbol)"
    }
}
