import Harness
import Impairment
import JSON
import Testing

@testable import Lab
@testable import Metrics
@testable import Plans
@testable import Reports

/// What began an outage, where several causes overlap, and how long its signs took.
@Suite struct OutageTimesTests {
    private static func times(
        _ outages: [Outage], _ causes: [OutageCause], instances: Int = 1
    ) -> OutageTimes {
        OutageTimes(outages: outages, causes: causes, originNs: 0, instances: instances)
    }

    private static func outage(
        _ startNs: Int64, _ endNs: Int64?, detectedNs: Int64? = nil, part: Int = 0
    ) -> Outage {
        var outage = Outage(
            flow: 0, startNs: startNs, endNs: endNs, detectedNs: detectedNs,
            recoveredNs: endNs.map { $0 + 1 }, probes: 9)
        outage.part = part
        return outage
    }

    @Test("T17 a kill within a refuse window is not what the window's first reset is a sign of")
    func t17KillWithinWindow() throws {
        let times = Self.times(
            [Self.outage(305, 815, detectedNs: 306)],
            [
                OutageCause(fromNs: 400, untilNs: 800, instance: 0),
                OutageCause(fromNs: 300, untilNs: 600),
            ])
        #expect(times.timeToDetect?.ns == 6)
        #expect(times.timeToRecover?.ns == 516)
        let report = try #require(times.reports().first)
        #expect(report.causeNs == 300)
        #expect(report.returnedNs == 800)
        #expect(times.warnings == [])
    }

    @Test("T17 a cause that came after the first reset is none, and the first probe counts")
    func t17CauseAfterItsSign() {
        let times = Self.times(
            [Self.outage(305, 815, detectedNs: 306)],
            [OutageCause(fromNs: 400, untilNs: nil, instance: 0)])
        #expect(times.timeToDetect?.ns == 1)
        #expect(times.timeToRecover?.ns == 511)
        #expect(times.reports().map(\.causeNs) == [nil])
        #expect(times.reports().map(\.returnedNs) == [nil])
    }

    @Test("T17 another instance's trouble is no cause")
    func t17OtherInstance() {
        let times = Self.times(
            [Self.outage(305, 815, part: 1)],
            [OutageCause(fromNs: 300, untilNs: 800, instance: 0)], instances: 2)
        #expect(times.reports().map(\.causeNs) == [nil])
        #expect(times.reports().map(\.instance) == [2])
    }

    @Test("T17 what is not known of one outage is null, and a warning says so")
    func t17UnknownOrder() {
        var odd = Self.outage(305, 815)
        odd.recoveredNs = 304
        let times = Self.times([Self.outage(10, 20), odd], [])
        #expect(times.timeToRecover == nil)
        #expect(
            times.warnings == [
                "the time to recover of one outage is not known: its sign came before its cause"
            ])
    }

    @Test("windows of a network last from its switch to the next one")
    func windows() {
        var first = Impairments(forward: Impairment(), backward: Impairment())
        first.forward.refusals = [TimeWindow(fromNs: 10, untilNs: 50)]
        var second = first
        second.forward.refusals = []
        second.backward.blackholes = [
            TimeWindow(fromNs: 0, untilNs: 5), TimeWindow(fromNs: 20, untilNs: 40),
        ]
        let causes = OutageCause.windows(
            of: [(first, 100), (second, 130)], originNs: 100)
        #expect(
            causes == [
                OutageCause(fromNs: 110, untilNs: 130), OutageCause(fromNs: 130, untilNs: 140),
            ])
    }

    @Test("a port that a policy closed is open again with the next process")
    func ends() {
        let start = ConductedEvent(
            event: TimelineEvent(
                atNs: 0, action: .start, subject: "echo", instances: nil, network: nil),
            instance: 1, atNs: 30, detail: "")
        #expect(
            OutageCause.ends([10, 40], events: [start], instance: 1) == [
                OutageCause(fromNs: 10, untilNs: 30, instance: 1),
                OutageCause(fromNs: 40, untilNs: nil, instance: 1),
            ])
    }

    // MARK: - The sweep

    @Test("T17 a thousand random overlaps: every duration is ≥ 0 or null, and all of it is written")
    func t17Sweep() throws {
        var (measured, withCause) = (0, 0)
        for seed in 0..<UInt64(Sweep.seeds(1_000, wide: 100_000)) {
            var world = RandomOutages(seed: seed)
            let times = world.times()
            var report = ResetsReport()
            report.outages = times.reports()
            report.timeToDetectNs = times.timeToDetect
            report.timeToRecoverNs = times.timeToRecover
            #expect(times.warnings == [], "seed \(seed)")
            let value = try JSONCoding.encode(report)
            #expect(
                ReportFormat.problems(in: value, as: ReportFormat.resets) == [], "seed \(seed)")
            for outage in report.outages {
                let isInOrder =
                    outage.startNs <= outage.endNs ?? .max
                    && outage.startNs <= outage.detectedNs ?? .max
                    && outage.causeNs ?? .min <= outage.detectedNs ?? .max
                    && outage.causeNs ?? .min <= outage.recoveredNs ?? .max
                    && outage.causeNs ?? .min <= outage.returnedNs ?? .max
                #expect(isInOrder, "seed \(seed): \(outage)")
                if outage.causeNs != nil { withCause += 1 }
            }
            if times.timeToDetect != nil { measured += 1 }
        }
        // A sweep that meets no outage shows nothing.
        #expect(measured > 100)
        #expect(withCause > 500)
    }
}
