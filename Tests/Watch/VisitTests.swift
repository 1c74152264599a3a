import Harness
import Testing

@testable import Watch

/// One connection on a made-up clock: its states, and the limits of each.
@Suite("Visits")
struct VisitTests {
    private static let second: Int64 = 1_000_000_000
    private let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)[...]

    @Test("a client that sends its request byte by byte has five seconds for all of it")
    func slow() {
        var visit = Visit(atNs: 0)
        var now: Int64 = 0
        while now < Visit.readWithinNs {
            visit.look(atNs: now)
            #expect(visit.state == .reading)
            let outcome = visit.receive([UInt8(ascii: "G")], atNs: now)
            #expect(outcome == nil)
            now += Self.second / 10
        }
        visit.look(atNs: now)
        #expect(visit.state == .over)
    }

    @Test("a client that sends nothing is given up as well")
    func silent() {
        var visit = Visit(atNs: 7)
        visit.look(atNs: 6 + Visit.readWithinNs)
        #expect(visit.state == .reading)
        visit.look(atNs: 7 + Visit.readWithinNs)
        #expect(visit.state == .over)
    }

    @Test(
        "a client that takes an answer byte by byte has a limit for all of it, and for each pause")
    func slowReader() {
        var visit = Visit(atNs: 0)
        let outcome = visit.receive(request, atNs: 0)
        #expect(outcome != nil)
        visit.answer([UInt8](repeating: 0, count: 1_000), atNs: 0)
        var now: Int64 = 0
        while now < Visit.sendWithinNs {
            visit.look(atNs: now)
            #expect(visit.state == .answering)
            let isWhole = visit.sent(1, atNs: now)
            #expect(!isWhole)
            now += Self.second
        }
        visit.look(atNs: now)
        #expect(visit.state == .over)
        var stalled = Visit(atNs: 0)
        stalled.answer([1, 2], atNs: 0)
        stalled.look(atNs: Visit.stallNs)
        #expect(stalled.state == .over)
    }

    @Test("after its answer a connection waits for the client to close, for a second and no flood")
    func lingering() {
        func answered() -> Visit {
            var visit = Visit(atNs: 0)
            visit.answer([1, 2], atNs: 0)
            let isWhole = [visit.sent(1, atNs: 0), visit.sent(1, atNs: 0)]
            #expect(isWhole == [false, true])
            #expect(visit.state == .lingering)
            return visit
        }
        var closed = answered()
        closed.receiveEnd()
        #expect(closed.state == .over)
        var open = answered()
        open.look(atNs: Visit.lingerNs)
        #expect(open.state == .over)
        var flood = answered()
        let bytes = [UInt8](repeating: 0, count: Visit.lingerBytesMax)[...]
        _ = flood.receive(bytes, atNs: 0)
        #expect(flood.state == .lingering)
        _ = flood.receive([0], atNs: 0)
        #expect(flood.state == .over)
    }

    @Test("a stream has no limit while it waits, and takes an event only when the last is sent")
    func streaming() {
        var visit = Visit(atNs: 0)
        visit.begin([1], atNs: 0)
        #expect(!visit.isReady)
        let isWhole = visit.sent(1, atNs: 0)
        #expect(!isWhole && visit.isReady)
        visit.look(atNs: 1_000 * Self.second)
        #expect(visit.isReady && visit.deadlineNs == nil)
        visit.add([1, 2], atNs: 1_000 * Self.second)
        #expect(!visit.isReady)
        visit.look(atNs: 1_000 * Self.second + Visit.stallNs)
        #expect(visit.state == .over)
    }

    @Test("a client that closes its sending half still gets its answer")
    func halfClosed() {
        var visit = Visit(atNs: 0)
        visit.answer([1], atNs: 0)
        visit.receiveEnd()
        #expect(visit.state == .answering && visit.hasEnded)
        var early = Visit(atNs: 0)
        early.receiveEnd()
        #expect(early.state == .over)
    }
}
