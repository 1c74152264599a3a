import Testing

@testable import Metrics

/// The statements of a host's synchronization about its clocks, and which of them are believed.
@Suite struct ClockStatementTests {
    private static func statement(_ wallAheadNs: Int64 = 1_000) -> ClockStatement {
        ClockStatement(wallAheadNs: wallAheadNs, readErrorNs: 20)
    }

    @Test("of the kernel's errors the largest is taken")
    func kernel() {
        var statement = Self.statement()
        statement.take(kernel: (mostNs: 12_000_000, estimatedNs: 300_000))
        #expect(statement.errorNs == 12_000_000)
        #expect(statement.doubt == nil && !statement.isPTP)
    }

    @Test(
        "errors of 0 are those of programs that do not know them, and too large ones are none",
        arguments: [(0, 0), (400_000, 0), (0, 16_000_000_000), (5, 6), (16_000_000_000, 5)]
            as [(Int64, Int64)])
    func absurd(mostNs: Int64, estimatedNs: Int64) {
        var statement = Self.statement()
        statement.take(kernel: (mostNs, estimatedNs))
        #expect(statement.errorNs == nil)
        #expect(statement.doubt?.contains("\(mostNs) ns") == true)
    }

    @Test("a clock that is not synchronized has no error")
    func unsynchronized() {
        var statement = Self.statement()
        statement.take(kernel: nil)
        #expect(statement.errorNs == nil && statement.doubt == "is not synchronized")
    }

    private static func chrony(
        _ reference: String = "C0000201,192.0.2.1", stratum: Int = 3,
        offset: String = "-0.000010000", leap: String = "Normal"
    ) -> String {
        "\(reference),\(stratum),1764529000.123456789,\(offset),0.000002,0.000015,-12.3,0.001,0.02,"
            + "0.004000000,0.000300000,64.2,\(leap)\n"
    }

    @Test("chrony's bound is the offset, half of the root delay and the root dispersion")
    func tracking() {
        var statement = Self.statement()
        statement.take(kernel: nil)
        let isTaken = statement.take(chrony: Self.chrony())
        #expect(isTaken)
        // 10 µs, 4 ms / 2 and 300 µs.
        #expect((2_310_000...2_310_001).contains(statement.errorNs ?? 0))
        #expect(statement.doubt == nil && !statement.isPTP)
    }

    @Test("a clock of the hardware is told by chrony's reference")
    func hardware() {
        var statement = Self.statement()
        let isTaken = statement.take(chrony: Self.chrony("50484330,PHC0", stratum: 1))
        #expect(isTaken)
        #expect(statement.isPTP)
    }

    @Test(
        "what chrony says without a source, or in another form, is not taken",
        arguments: [
            chrony("7F7F0101,", stratum: 10), chrony("00000000,", stratum: 0),
            chrony(leap: "Not synchronised"), chrony(offset: "x"), chrony(offset: "nan"),
            chrony(offset: "17"), "506 Cannot talk to daemon\n", "", ",,,,,,,,,,,,,",
        ])
    func unfit(text: String) {
        var statement = Self.statement()
        statement.take(kernel: (12_000, 3_000))
        let isTaken = statement.take(chrony: text)
        #expect(!isTaken)
        #expect(statement.errorNs == 12_000)
    }

    @Test("over a time the larger error holds, and NTP if either was")
    func over() {
        var (one, other) = (Self.statement(), Self.statement(1_030))
        (one.errorNs, one.isPTP) = (50, true)
        (other.errorNs, other.isPTP) = (70, false)
        let both = one.until(other)
        #expect(both.errorNs == 70 && !both.isPTP && both.doubt == nil)
        other.errorNs = nil
        other.doubt = "is not synchronized"
        #expect(one.until(other).errorNs == nil)
        #expect(other.until(one).doubt == "is not synchronized")
    }

    @Test("a wall clock that was stepped contradicts itself", arguments: [1_041, .min] as [Int64])
    func stepped(wallAheadNs: Int64) {
        var (one, other) = (Self.statement(), Self.statement(wallAheadNs))
        (one.errorNs, other.errorNs) = (50, 50)
        #expect(one.until(other).errorNs == nil)
        #expect(one.until(other).doubt == "had its wall clock stepped")
    }
}
