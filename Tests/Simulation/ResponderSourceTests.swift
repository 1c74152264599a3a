import Datagrams
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
