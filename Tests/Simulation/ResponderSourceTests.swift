import Datagrams
import Harness
import Testing

@testable import Loops

/// Sources that a plan's responder answers in no case.
@Suite struct ResponderSourceTests {
    @Test(
        "H5 a probe from the responder's own address is refused, and the flow waits for its peer",
        arguments: [true, false])
    func h5ownAddress(echoes: Bool) throws {
        let bound = try #require(SocketAddress(numeric: "127.0.0.1:7788"))
        try expectRefused(bound, bound: bound, echoes: echoes)
    }

    @Test("H6 a probe from a service's port is refused", arguments: [0, 7, 19, 53, 123, 1_023])
    func h6sourcePort(port: Int) throws {
        let bound = try #require(SocketAddress(numeric: "127.0.0.1:7788"))
        let service = try #require(SocketAddress(numeric: "127.0.0.1:\(port)"))
        try expectRefused(service, bound: bound, echoes: true)
    }

    @Test(
        "a sink counts requests by their sources, whatever is in them, and never more than were sent",
        arguments: 0..<Sweep.seeds(40, wide: 2_000))
    func requests(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let sources = try (0..<5).map {
            try #require(SocketAddress(numeric: "127.0.0.1:\(40_000 + $0)"))
        }
        let stranger = try #require(SocketAddress(numeric: "127.0.0.1:50000"))
        var stream = ResponderRun.stream(flows: sources.count, sources: sources)
        stream.areRequests = true
        let script = ResponderScript()
        var came = Array(repeating: 0, count: sources.count)
        var strangers = 0
        for index in 0..<400 {
            let flow = Int(random.next() % 6)
            let atNs = SimulatedClock.startNs + Int64(index + 1) * 50_000
            let octets =
                random.next() % 8 == 0
                ? ResponderRun.probe(
                    index, flow: Int(random.next() % 5), of: stream, sentNs: atNs)
                : (0..<Int(random.next() % 60)).map { _ in UInt8(truncatingIfNeeded: random.next())
                }
            let isStranger = flow == sources.count
            script.arrivals.append(
                .init(atNs: atNs, octets: octets, source: isStranger ? stranger : sources[flow]))
            if isStranger { strangers += 1 } else { came[flow] += 1 }
        }
        // Copies of the network: some flows have sent less than arrived, others more.
        let sent = came.map { max(0, $0 + Int(random.next() % 21) - 10) }
        let run = ResponderRun(stream, echoes: false, over: script, sent: sent)
        let counted = zip(came, sent).map { min($0, $1) }.reduce(0, +)
        #expect(run.counts.received == counted, "seed \(seed)")
        #expect(run.counts.duplicates == came.reduce(0, +) - counted, "seed \(seed)")
        #expect(run.counts.unsent == 0 && run.counts.late == 0, "seed \(seed)")
        #expect(run.rejected.total == strangers, "seed \(seed)")
        #expect(run.datagrams == 400 && script.answers.isEmpty, "seed \(seed)")
    }

    /// The forged one comes first, when the flow has no peer yet.
    private func expectRefused(
        _ source: SocketAddress, bound: SocketAddress, echoes: Bool
    ) throws {
        let stream = ResponderRun.stream()
        let script = ResponderRun.steady(50, of: stream)
        var forged = try #require(script.arrivals.first)
        forged.source = source
        script.arrivals.insert(forged, at: 0)
        let run = ResponderRun(stream, echoes: echoes, over: script, sent: [50], bound: bound)
        #expect(run.rejected.peer == 1)
        #expect(run.rejected.total == 1)
        #expect(run.counts.received == 50)
        #expect(run.counts.duplicates == 0)
        #expect(script.answers.count == (echoes ? 50 : 0))
    }
}
