import Testing

@testable import Reports

@Suite("Quantities for people")
struct UnitTextTests {
    @Test(
        arguments: [
            (0, "0 ns"), (7, "7 ns"), (12.5, "12.5 ns"), (999, "999 ns"), (999.7, "1.00 µs"),
            (1_000, "1.00 µs"), (12_345, "12.3 µs"), (999_499, "999 µs"), (999_500, "1.00 ms"),
            (1_204_000, "1.20 ms"), (61_200_000, "61.2 ms"), (1e9, "1.00 s"), (59.96e9, "60.0 s"),
            (3.6e12, "3,600 s"), (-800, "-800 ns"), (-12_345, "-12.3 µs"), (-0.001, "0 ns"),
            (-0.0, "0 ns"), (.nan, "–"), (nil, "–"),
        ] as [(Double?, String)])
    func times(ns: Double?, text: String) {
        #expect(UnitText.time(ns: ns) == text)
    }

    @Test(
        arguments: [
            (0, "0 pps"), (500, "500 pps"), (499.98, "500 pps"), (0.25, "0.25 pps"),
            (1_250_000, "1.25 Mpps"), (999_600, "1.00 Mpps"), (5e12, "5,000 Gpps"), (nil, "–"),
        ] as [(Double?, String)])
    func packetRates(pps: Double?, text: String) {
        #expect(UnitText.packetRate(pps) == text)
    }

    @Test(
        arguments: [
            (0, "0 %"), (1, "100 %"), (0.0012, "0.12 %"), (0.02, "2 %"), (0.123, "12.3 %"),
            (0.000_000_1, "< 0.001 %"), (0.000_15, "0.015 %"), (0.999_999, "> 99.9 %"),
            (2.5, "250 %"), (-0.0, "0 %"), (.infinity, "–"), (nil, "–"),
        ] as [(Double?, String)])
    func ratios(ratio: Double?, text: String) {
        #expect(UnitText.ratio(ratio) == text)
    }

    @Test(
        arguments: [
            (0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000"),
            (Int.min, "-9,223,372,036,854,775,808"), (nil, "–"),
        ] as [(Int?, String)])
    func counts(count: Int?, text: String) {
        #expect(UnitText.count(count) == text)
    }

    @Test func longCountsAreShortened() {
        #expect(UnitText.shortCount(999_999_999) == "999,999,999")
        #expect(UnitText.shortCount(1_234_567_890) == "1.23 G")
        #expect(UnitText.shortCount(nil) == "–")
    }

    @Test func aValueIsShownInTheUnitOfItsField() {
        #expect(UnitText.text(45_100, unit: .nanoseconds) == "45.1 µs")
        #expect(UnitText.text(0.02, unit: .ratio) == "2 %")
        #expect(UnitText.text(12, unit: .count) == "12")
        #expect(UnitText.text(1.5, unit: nil) == "1.5")
        #expect(UnitText.text(12_345, unit: .count) == "12,345")
        #expect(UnitText.text(640_000, unit: .bitsPerSecond) == "640 kbit/s")
        #expect(UnitText.text(400, unit: .bytes) == "400 B")
        #expect(UnitText.text(nil, unit: .bytes) == "–")
    }
}
