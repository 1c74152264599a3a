import Harness
import Testing

@testable import STAMP

@Suite struct TimestampTests {
    /// 2026-01-01 00:00 UTC.
    private static let presentNs: Int64 = 1_767_225_600_000_000_000

    @Test func theEpochsAreThoseOfTheFormats() {
        #expect(TimestampFormat.ntp.stamp(wallNs: 0) == 2_208_988_800 << 32)
        #expect(TimestampFormat.ptp.stamp(wallNs: 0) == 0)
        #expect(TimestampFormat.ntp.stamp(wallNs: 500_000_000) & 0xffff_ffff == 1 << 31)
        #expect(TimestampFormat.ptp.stamp(wallNs: 1_500_000_000) == 1 << 32 | 500_000_000)
    }

    @Test(arguments: TimestampFormat.allCases)
    func eachNanosecondSurvives(format: TimestampFormat) {
        var generator = SeededGenerator(seed: 8762)
        for _ in 0..<200_000 {
            // Within 60 years of the present, across the NTP era of 2036.
            let wallNs = Self.presentNs + .random(in: -1 << 60...1 << 60, using: &generator)
            let stamp = format.stamp(wallNs: wallNs)
            let nearNs = wallNs + .random(in: -1 << 60...1 << 60, using: &generator)
            #expect(format.wallNs(stamp, near: nearNs) == wallNs, "\(wallNs)")
        }
        for wallNs: Int64 in [-1, 0, 1, 999_999_999, 2_085_978_495_999_999_999] {
            #expect(format.wallNs(format.stamp(wallNs: wallNs), near: wallNs) == wallNs)
        }
    }

    @Test func aPTPTimestampHasNoMoreThanASecondOfNanoseconds() {
        #expect(TimestampFormat.ptp.wallNs(999_999_999, near: 0) == 999_999_999)
        #expect(TimestampFormat.ptp.wallNs(1_000_000_000, near: 0) == nil)
        #expect(TimestampFormat.ptp.wallNs(.max, near: 0) == nil)
    }

    @Test func anEstimateNeverClaimsLessThanTheError() {
        var generator = SeededGenerator(seed: 4656)
        for _ in 0..<100_000 {
            let errorNs =
                Int64.random(in: 0..<1 << 61, using: &generator)
                >> Int64.random(in: 0..<61, using: &generator)
            for format in TimestampFormat.allCases {
                let estimate = ErrorEstimate(errorNs: errorNs, format: format)
                #expect(estimate.isSynchronized && estimate.format == format)
                let claimedNs = estimate.errorNs ?? 0
                #expect(claimedNs >= errorNs)
                // Eight bits: no more than 1/128 above it, and a nanosecond.
                #expect(claimedNs - errorNs <= errorNs / 128 + 1, "\(errorNs): \(claimedNs)")
            }
        }
    }

    @Test func theErrorOfAClockThatIsNotSynchronizedIsUnknown() {
        for format in TimestampFormat.allCases {
            for errorNs: Int64? in [nil, -1, .max] {
                let estimate = ErrorEstimate(errorNs: errorNs, format: format)
                #expect(!estimate.isSynchronized && estimate.format == format)
                #expect(estimate.errorNs == nil)
                #expect(estimate.bits & 0xff != 0, "a multiplier of 0 is no estimate")
            }
        }
    }

    @Test(
        arguments: [
            (0x8001, 1), (0x8100 | 0xff, 119), (0xa001, 1_000_000_000), (0xa000, nil),
            (0x0001, nil), (0xffff, nil), (0x9fff, 127_500_000_000),
            (0xbf01, 2_147_483_648_000_000_000), (0xbfff, nil),
            (0xbe01, 1_073_741_824_000_000_000),
        ] as [(Int, Int64?)])
    func estimatesOfOthersAreRead(bits: Int, errorNs: Int64?) {
        #expect(ErrorEstimate(bits: UInt16(bits)).errorNs == errorNs)
    }
}
