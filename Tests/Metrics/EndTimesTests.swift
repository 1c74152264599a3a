import Harness
import JSON
import Testing

@testable import Metrics

/// The times that both ends of a stream keep of the same probes.
@Suite struct EndTimesTests {
    /// The order of arrival, losses and the room of each end by seed.
    @Test("both ends keep the same probes, whatever each of them misses", arguments: 1...40)
    func sameProbes(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let sessions = UInt16.random(in: 1...40, using: &generator)
        let perSession = UInt64.random(in: 1...2_000, using: &generator)
        var sender = EndTimes(most: Int.random(in: 16...300, using: &generator))
        var responder = EndTimes(most: Int.random(in: 16...300, using: &generator))
        var probes: [(session: UInt16, sequence: UInt64)] = []
        for sequence in 0..<perSession {
            for session in 1...sessions { probes.append((session, sequence)) }
        }
        var answered = 0
        for (session, sequence) in probes {
            let sentNs = Int64(sequence) * 1_000_000 + Int64(session)
            if generator.chance(0.1) { continue }
            // Two clocks, of which the responder's is an hour ahead.
            responder.record(
                EndTimes.Entry(
                    session: session, sequence: sequence,
                    earlierNs: sentNs + 3_600_000_000_000 + 7_000,
                    laterNs: sentNs + 3_600_000_000_000 + 9_000))
            if generator.chance(0.1) { continue }
            answered += 1
            sender.record(
                EndTimes.Entry(
                    session: session, sequence: sequence, earlierNs: sentNs,
                    laterNs: sentNs + 14_000))
        }
        let ways = EndTimes.ByProbe(sender.entries.shuffled(using: &generator)).ways(
            responder: EndTimes.ByProbe(responder.entries),
            responderAheadNs: 3_600_000_000_000)
        #expect(ways.allSatisfy { $0.forwardNs == 7_000 && $0.backwardNs == 5_000 })
        // The end with less room decides: of what it has, the other end lacks lost answers only.
        let fewest = min(sender.entries.count, responder.entries.count)
        #expect(ways.count <= fewest)
        #expect(Double(ways.count) >= 0.6 * Double(fewest) - 8, "\(ways.count) of \(fewest)")
        if answered > 1_000 { #expect(ways.count >= 4) }
    }

    @Test("while there is room every probe is kept, and never more than there is room for")
    func room() {
        var times = EndTimes(most: 64)
        for sequence in 0..<64 as Range<UInt64> {
            times.record(
                EndTimes.Entry(session: 9, sequence: sequence, earlierNs: 1, laterNs: 2))
        }
        #expect(times.entries.map(\.sequence) == Array(0..<64))
        for sequence in 64..<100_000 as Range<UInt64> {
            times.record(
                EndTimes.Entry(session: 9, sequence: sequence, earlierNs: 1, laterNs: 2))
            #expect(times.entries.count <= 64)
        }
        #expect(times.entries.count > 8)
        // From the whole run, not from its begin.
        #expect(times.entries.contains { $0.sequence > 90_000 })
    }

    @Test("no flow is preferred, and no place in a burst")
    func spread() {
        var times = EndTimes(most: 4_096)
        for sequence in 0..<4_000 as Range<UInt64> {
            for session in 1...64 as ClosedRange<UInt16> {
                times.record(
                    EndTimes.Entry(session: session, sequence: sequence, earlierNs: 0, laterNs: 0))
            }
        }
        let kept = Double(times.entries.count)
        for session in 1...64 as ClosedRange<UInt16> {
            let share = Double(times.entries.count { $0.session == session }) / kept * 64
            #expect((0.4...2.0).contains(share), "session \(session): \(share)")
        }
        for place in 0..<16 as Range<UInt64> {
            let share = Double(times.entries.count { $0.sequence % 16 == place }) / kept * 16
            #expect((0.6...1.5).contains(share), "place \(place): \(share)")
        }
    }

    @Test("a probe with a second copy is forgotten, and no other")
    func copies() {
        var times = EndTimes(most: 8)
        for sequence in 0..<4 as Range<UInt64> {
            times.record(
                EndTimes.Entry(session: 1, sequence: sequence, earlierNs: 0, laterNs: 0))
        }
        times.forget(session: 1, sequence: 2)
        times.forget(session: 2, sequence: 1)
        #expect(times.entries.map(\.sequence) == [0, 1, 3])
    }

    @Test("threads of one end add up to what one thread would have kept")
    func merging() {
        var whole = EndTimes(most: 100)
        var threads = [EndTimes(most: 100), EndTimes(most: 100), EndTimes(most: 100)]
        for sequence in 0..<5_000 as Range<UInt64> {
            for session in 1...3 as ClosedRange<UInt16> {
                let entry = EndTimes.Entry(
                    session: session, sequence: sequence, earlierNs: Int64(sequence), laterNs: 0)
                whole.record(entry)
                threads[Int(session) - 1].record(entry)
            }
        }
        var merged = threads[0]
        for other in threads.dropFirst() { merged.merge(other) }
        func keys(_ times: EndTimes) -> Set<[UInt64]> {
            Set(times.entries.map { [UInt64($0.session), $0.sequence] })
        }
        #expect(keys(merged) == keys(whole))
    }

    @Test("one without room keeps nothing, also of a flood")
    func none() {
        var times = EndTimes(most: 0)
        for sequence in 0..<100 as Range<UInt64> {
            times.record(
                EndTimes.Entry(session: 0, sequence: sequence, earlierNs: 0, laterNs: 0))
        }
        #expect(times.entries.isEmpty)
    }

    @Test("the columns of a message are read as they were written, and nothing else is")
    func coding() throws {
        var times = EndTimes(most: 8)
        for sequence in [0, 5, 1 << 40] as [UInt64] {
            times.record(
                EndTimes.Entry(
                    session: .max, sequence: sequence, earlierNs: -5, laterNs: 1 << 60))
        }
        let value = try JSONCoding.encode(times)
        #expect(try JSONCoding.decode(EndTimes.self, from: value).entries == times.entries)
        guard case .object(var members) = value else {
            Issue.record("no object")
            return
        }
        members[0] = JSONMember(key: members[0].key, value: .array([.integer(1)]))
        #expect(throws: (any Error).self) {
            try JSONCoding.decode(EndTimes.self, from: .object(members))
        }
    }
}
