import Metrics
import Reports
import Testing

/// The knee by its stated rule.
@Suite struct KneeTests {
    static func stage(
        _ pps: Double, lost: Int? = 0, skipped: Int = 0, refused: Int = 0, p99: Int? = 1_000_000
    ) -> StageReport {
        let sent = Int(pps) - skipped - refused
        return StageReport(
            StageFigures(
                startNs: 0, sent: sent, skipped: skipped, refused: refused, lost: lost ?? 0,
                wrong: 0, delayP50Ns: p99.map { $0 / 2 }, delayP99Ns: p99),
            lengthNs: 1_000_000_000, offeredPps: pps, lost: lost)
    }

    static func knee(_ stages: [StageReport]) throws -> KneeReport {
        try #require(KneeReport(stages, tolerance: 0.05))
    }

    @Test("loss of more than 1 % ends it, and of 1 % does not")
    func loss() throws {
        let knee = try Self.knee([
            Self.stage(100), Self.stage(1_000, lost: 10), Self.stage(2_000, lost: 21),
        ])
        #expect(knee.stage == 1)
        #expect(knee.limit == .loss)
        #expect(knee.nextPps == 2_000)
        #expect(try Self.knee([Self.stage(100), Self.stage(200, refused: 10)]).limit == .loss)
        #expect(try Self.knee([Self.stage(100), Self.stage(200, lost: nil)]).limit == .loss)
    }

    @Test("a p99 of more than ten times that of the lowest rate ends it")
    func delay() throws {
        let knee = try Self.knee([
            Self.stage(100), Self.stage(200, p99: 10_000_000), Self.stage(300, p99: 10_000_001),
        ])
        #expect(knee.offeredPps == 200)
        #expect(knee.limit == .delay)
    }

    @Test("what this host left out is no knee of the network")
    func host() throws {
        let knee = try Self.knee([
            Self.stage(1_000), Self.stage(2_000, lost: 500, skipped: 101),
        ])
        #expect(knee.limit == .host)
        #expect(knee.offeredPps == 1_000)
        #expect(knee.sentence.contains("this host"))
    }

    @Test("a stage that a stop cut short has not held, and a Poisson process may be a little off")
    func cut() throws {
        var last = Self.stage(1_000)
        last.sent = 391
        let knee = try Self.knee([Self.stage(100), last])
        #expect(knee.limit == .host && knee.offeredPps == 100)
        last.sent = 700
        #expect(try Self.knee([Self.stage(100), last]).limit == nil)
        last.sent = 0
        #expect(try Self.knee([Self.stage(100), last]).limit == .host)
    }

    @Test("the order of the plan does not matter, and a stage alone has no knee")
    func order() throws {
        let stages = [Self.stage(300, lost: 30), Self.stage(100), Self.stage(200)]
        let knee = try Self.knee(stages)
        #expect(knee.stage == 2)
        #expect(knee.nextPps == 300)
        #expect(KneeReport([Self.stage(100)], tolerance: 0) == nil)
        let none = try Self.knee([Self.stage(100), Self.stage(200)])
        #expect(none.stage == 1 && none.limit == nil && none.nextPps == nil)
        let worst = try Self.knee([Self.stage(100, lost: 50), Self.stage(200)])
        #expect(worst.stage == nil && worst.offeredPps == nil && worst.limit == .loss)
    }
}
