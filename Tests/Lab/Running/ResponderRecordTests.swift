import Testing

@testable import Lab
@testable import Loops
@testable import Plans

/// What is made of a responder that the timeline took away.
@Suite struct ResponderRecordTests {
    private static func event(_ action: TimelineEvent.Action, _ atNs: Int64) -> ConductedEvent {
        ConductedEvent(
            event: TimelineEvent(
                atNs: Int(atNs), action: action, subject: "echo", instances: nil, network: nil),
            instance: 0, atNs: atNs, detail: "")
    }

    private static func flow(
        received: Int, echoed: Int, echoFailed: Int = 0
    ) -> ResponderCounts {
        var flow = ResponderCounts()
        flow.received = received
        flow.echoed = echoed
        flow.echoFailed = echoFailed
        return flow
    }

    private static func record(_ counts: [[ResponderCounts]?]) -> ResponderRecord {
        var record = ResponderRecord()
        record.formers = counts.map {
            FormerResponder(
                member: RunOutcome.Member(
                    name: "responder echo", ready: Ready(), result: nil, pid: 1, exit: nil),
                counts: $0.map(KilledCounts.init(streams:)), drops: 2)
        }
        return record
    }

    @Test("an absence lasts from the first event that takes the responder away to its return")
    func absences() {
        let events = [
            Self.event(.pause, 10), Self.event(.kill, 20), Self.event(.network, 25),
            Self.event(.start, 30), Self.event(.stop, 40), Self.event(.start, 50),
            Self.event(.kill, 60),
        ]
        #expect(
            ResponderAbsence.all(events) == [
                ResponderAbsence(fromNs: 10, untilNs: 30),
                ResponderAbsence(fromNs: 40, untilNs: 50), ResponderAbsence(fromNs: 60),
            ])
        #expect(ResponderAbsence.all([Self.event(.network, 1)]) == [])
    }

    @Test("the counts of all processes add up, with those of one that died last as well")
    func totals() throws {
        let record = Self.record([
            [Self.flow(received: 5, echoed: 4)], [Self.flow(received: 7, echoed: 6, echoFailed: 1)],
        ])
        var living = ResponderResult.empty(streams: 1)
        living.add(KilledCounts(streams: [Self.flow(received: 1, echoed: 1)]), drops: 3)
        let all = try #require(record.totals(last: living, isAlive: true, streams: 1))
        #expect(all.streams[0].counts.received == 13)
        #expect(all.streams[0].counts.echoed == 11)
        #expect(all.streams[0].counts.echoFailed == 1)
        #expect(all.drops == 7)
        let dead = try #require(record.totals(last: nil, isAlive: false, streams: 1))
        #expect(dead.streams[0].counts.received == 12)
        #expect(!dead.isAlive)
    }

    @Test("where one process did not tell, nobody knows the sum")
    func unknown() {
        let record = Self.record([[Self.flow(received: 5, echoed: 5)], nil])
        #expect(
            record.totals(last: .empty(streams: 1), isAlive: true, streams: 1) == nil)
        #expect(Self.record([]).totals(last: nil, isAlive: true, streams: 1) == nil)
    }

    @Test("what a killed responder had in its hands died there unless somebody has the answer")
    func inHand() {
        let record = Self.record([[Self.flow(received: 64, echoed: 0)]])
        func correction(accounted: Int, drops: Int = 0) -> Int {
            record.correction(
                0, flows: 2, answered: 64, accounted: accounted, senderDrops: drops)
        }
        #expect(correction(accounted: 64) == 0)
        #expect(correction(accounted: 60) == -4)
        #expect(correction(accounted: 60, drops: 3) == -1)
        #expect(correction(accounted: 0) == -64)
        // A first probe behind a gap was answered and not counted: at most one of each flow.
        #expect(correction(accounted: 65) == 1)
        #expect(correction(accounted: 90) == 2)
    }

    @Test("T17 a copy that a second thread or process took for a first one is taken back")
    func t17CopiesCountOnce() {
        // 56 probes, 54 of them dropped by the relay: two reached the responder, one of them with
        // copies before and after a restart.
        let record = Self.record([[Self.flow(received: 2, echoed: 2)]])
        func correction(_ record: ResponderRecord, accounted: Int, copies: Bool) -> Int {
            record.correction(
                0, flows: 4, answered: 3, accounted: accounted, senderDrops: 0,
                countsCopies: copies)
        }
        #expect(correction(record, accounted: 2, copies: true) == -1)
        #expect(correction(record, accounted: 3, copies: true) == 0)
        #expect(correction(record, accounted: 2, copies: false) == 0)
        // Threads share the port of one process.
        #expect(correction(Self.record([]), accounted: 2, copies: true) == -1)
        #expect(correction(Self.record([]), accounted: 4, copies: true) == 0)
    }

    @Test("no more is taken back than was in its hands: the rest was lost on the way")
    func onTheWay() {
        let record = Self.record([[Self.flow(received: 64, echoed: 60)]])
        #expect(
            record.correction(0, flows: 1, answered: 100, accounted: 80, senderDrops: 0) == -4)
        #expect(
            Self.record([]).correction(0, flows: 1, answered: 9, accounted: 1, senderDrops: 0) == 0)
    }
}
