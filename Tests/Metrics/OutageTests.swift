import Testing

@testable import Metrics

/// What is an outage, and how those of several flows become one.
struct OutageTests {
    /// Probes of one flow, 10 ns apart, `true` for an answer 3 ns after its probe.
    private func outages(_ answers: [Bool]) -> [Outage] {
        var list = OutageList()
        var tracker = OutageTracker()
        for (index, isAnswered) in answers.enumerated() {
            let sentNs = Int64(index) * 10
            if isAnswered {
                tracker.recordAnswered(
                    sentNs: sentNs, receivedNs: sentNs + 3, flow: 0, into: &list)
            } else {
                tracker.recordLost(sentNs: sentNs)
            }
        }
        tracker.close(flow: 0, into: &list)
        return list.outages
    }

    /// Every sequence of eight probes, against the definition.
    @Test("an outage is three or more probes in a row without an answer, for every sequence of 8")
    func exhaustive() {
        for bits in 0..<256 {
            let answers = (0..<8).map { bits & 1 << $0 != 0 }
            var expected: [Outage] = []
            var index = 0
            while index < 8 {
                guard let end = answers[index...].firstIndex(of: true) ?? Optional(8) else { break }
                if end - index >= 3 {
                    expected.append(
                        Outage(
                            flow: 0, startNs: Int64(index) * 10,
                            endNs: end < 8 ? Int64(end) * 10 : nil,
                            recoveredNs: end < 8 ? Int64(end) * 10 + 3 : nil,
                            probes: end - index))
                }
                index = end + 1
            }
            #expect(outages(answers) == expected, "\(answers)")
        }
    }

    @Test("flows that are out at one time share one outage, which lasts until the last is back")
    func union() {
        var list = OutageList()
        list.add(Outage(flow: 0, startNs: 100, endNs: 200, recoveredNs: 203, probes: 10))
        list.add(Outage(flow: 1, startNs: 105, endNs: 195, recoveredNs: 199, probes: 9))
        list.add(Outage(flow: 0, startNs: 500, endNs: 600, recoveredNs: 601, probes: 10))
        list.recordReset(flow: 1, atNs: 50)
        list.recordReset(flow: 1, atNs: 107)
        list.recordReset(flow: 0, atNs: 110)
        let merged = list.merged(joinNs: 20)
        #expect(merged.count == 2)
        #expect(merged[0].flows == 2)
        #expect(merged[0].startNs == 100)
        #expect(merged[0].endNs == 200)
        #expect(merged[0].recoveredNs == 203)
        #expect(merged[0].detectedNs == 107)
        #expect(merged[0].probes == 19)
        #expect(merged[1].flows == 1)
        #expect(merged[1].detectedNs == nil)
    }

    @Test("an outage whose end one flow did not see has not ended")
    func open() {
        var list = OutageList()
        list.add(Outage(flow: 0, startNs: 100, endNs: 200, recoveredNs: 203, probes: 10))
        list.add(Outage(flow: 1, startNs: 110, probes: 90))
        let merged = list.merged(joinNs: 20)
        #expect(merged.count == 1)
        #expect(merged[0].endNs == nil)
        #expect(merged[0].recoveredNs == nil)
    }

    @Test("a flow that pauses again and again is out once, and is back with its answer")
    func pauses() {
        var list = OutageList()
        for start in [100, 150, 240] as [Int64] {
            list.add(Outage(flow: 3, startNs: start))
            list.recordResumed(flow: 3, atNs: start + 40)
        }
        list.recordRecovered(flow: 3, atNs: 290)
        let merged = list.merged(joinNs: 60)
        #expect(merged == [Outage(flow: 3, startNs: 100, endNs: 280, recoveredNs: 290)])
    }

    @Test("what finds no room is counted")
    func bounded() {
        var list = OutageList()
        for index in 0..<300 {
            list.add(Outage(flow: 0, startNs: Int64(index) * 1_000, endNs: Int64(index) * 1_000))
        }
        #expect(list.outages.count == OutageList.capacity)
        #expect(list.leftOut == 300 - OutageList.capacity)
    }

    @Test("a window reports the outages of its flow as it settles its probes")
    func window() {
        var statistics = StreamStatistics(configuration: .test(timeoutNs: 1_000))
        var window = ProbeWindow(capacity: 8)
        for index in 0..<40 {
            window.send(atNs: Int64(index) * 100, into: &statistics)
            guard !(10..<20).contains(index) else { continue }
            _ = window.arrive(
                UInt64(index), stampNs: Int64(index) * 100, receivedNs: Int64(index) * 100 + 7,
                into: &statistics)
        }
        window.close(into: &statistics)
        #expect(
            statistics.outages.outages == [
                Outage(flow: 0, startNs: 1_000, endNs: 2_000, recoveredNs: 2_007, probes: 10)
            ])
    }
}
