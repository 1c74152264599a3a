import Foundation
import Harness
import Metrics
import Reports
import Testing

@testable import Pictures
@testable import Watch

/// The server over real connections: page, events, limits, and its end.
@Suite("The server")
struct ServerTests {
    private static let started = UTCTime(millisecondsSince1970: 1_763_822_220_000)

    private static func plan(named name: String = "made <b>up</b>") -> LivePlan {
        LivePlan(
            tool: ToolReport(version: "0"),
            plan: PlanReport(name: name, sha256: "00", seed: 1, path: "plan.json"),
            host: HostReport(kernel: "6", architecture: "x86_64", cpus: 2, clockResolutionNs: 1),
            started: started, count: 2)
    }

    private static func report() -> Report {
        Report(
            tool: ToolReport(version: "0"),
            plan: PlanReport(name: "finished", sha256: "00", seed: 1, path: "plan.json"),
            host: HostReport(kernel: "6", architecture: "x86_64", cpus: 2, clockResolutionNs: 1),
            started: started, finished: started, status: .complete, judgement: Judgement())
    }

    private static func run() -> LiveRun {
        LiveRun(
            title: "calls on <wifi>", warmUpNs: 0, senders: [(name: "probes", isOneWay: false)],
            timeline: [])
    }

    /// A server with its port and the path of its page.
    private struct Served {
        let server: WatchServer
        let port: UInt16
        let path: String

        init(_ plan: LivePlan = ServerTests.plan()) throws {
            server = try WatchServer(plan)
            let match = try #require(
                server.address.wholeMatch(of: /http:\/\/127\.0\.0\.1:(\d+)(\/[0-9a-f]{32}\/)/))
            port = try #require(UInt16(match.output.1))
            path = String(match.output.2)
        }

        func ask(_ place: String) throws -> TestClient {
            let client = try TestClient(port: port)
            client.send("GET \(place) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
            return client
        }
    }

    @Test("the page is served, with the script and with the plan's text as text")
    func page() throws {
        let served = try Served()
        defer { served.server.end(Self.report(), named: "report.json") }
        let page = try #require(try served.ask(served.path).readToEnd())
        #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(page.contains("made &lt;b&gt;up&lt;/b&gt;"))
        #expect(page.contains(#"<script src="live.js" defer="defer"></script>"#))
        #expect(page.contains(#"<noscript><meta http-equiv="refresh" content="2"/></noscript>"#))
        let script = try #require(try served.ask(served.path + "live.js").readToEnd())
        #expect(script.hasSuffix("\(LivePage.script)"))
    }

    @Test("changes come as events, those of the finished runs only when there is one")
    func events() throws {
        let served = try Served()
        let client = try served.ask(served.path + "events")
        #expect(client.read { $0.contains("event: now\n") && $0.contains("event: runs\n") })
        served.server.change { $0.begin(Self.run(), number: 1, of: 2) }
        #expect(client.read { $0.contains("calls on &lt;wifi&gt;") })
        var figures = LiveFigures()
        served.server.change { $0.current?.read(figures, sender: 0, atNs: 0) }
        (figures.sent, figures.received, figures.p50Ns) = (4_321, 4_320, 1_000)
        served.server.change { $0.current?.read(figures, sender: 0, atNs: 1_000_000_000) }
        #expect(client.read { $0.contains("4,321 sent, 4,320 received") })
        #expect(client.text.split(separator: "event: runs").count == 2)
        served.server.change(hasRun: true) {
            $0.finish(RunReport(scenario: "a", network: "b", started: Self.started, durationNs: 1))
        }
        #expect(client.read { $0.contains("Finished runs") })
        served.server.end(Self.report(), named: "report.json")
        let text = try #require(client.readToEnd())
        let end = try #require(text.split(separator: "event: end\n").last)
        #expect(end.contains("<title>pass: finished</title>"))
        #expect(text.hasSuffix("\n\n"))
        #expect(throws: HarnessError.self) { try TestClient(port: served.port) }
    }

    @Test("a reader without scripts gets the finished page too, before the server is gone")
    func withoutScript() throws {
        let served = try Served()
        #expect(try served.ask(served.path).readToEnd()?.contains("running: made") == true)
        let server = served.server
        Thread.detachNewThread { server.end(Self.report(), named: "report.json") }
        // A page that is asked for before the end is the live one; the next may be the last.
        var page: String? = ""
        while page?.contains("<title>pass: finished</title>") != true {
            page = try served.ask(served.path).readToEnd()
        }
    }

    @Test(
        "whoever lacks the token or names another host sees nothing",
        arguments: [
            ("/", "127.0.0.1", 404), ("/00000000000000000000000000000000/", "127.0.0.1", 404),
            ("PATH", "localhost", 421), ("/favicon.ico", "127.0.0.1", 404),
        ])
    func refused(target: String, host: String, status: Int) throws {
        let served = try Served()
        defer { served.server.end(Self.report(), named: "report.json") }
        let client = try TestClient(port: served.port)
        let target = target == "PATH" ? served.path : target
        client.send("GET \(target) HTTP/1.1\r\nHost: \(host):\(served.port)\r\n\r\n")
        let text = try #require(client.readToEnd())
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(!text.contains("made"))
    }

    @Test("a request beyond the limits is answered with the limit, and ended")
    func oversized() throws {
        let served = try Served()
        defer { served.server.end(Self.report(), named: "report.json") }
        let client = try TestClient(port: served.port)
        client.send("GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\n")
        #expect(client.readToEnd()?.hasPrefix("HTTP/1.1 414 ") == true)
        let post = try TestClient(port: served.port)
        post.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
        #expect(post.readToEnd()?.contains("\r\nAllow: GET\r\n") == true)
    }

    @Test("clients that send nothing keep nobody out, and those that look are not thrown out")
    func crowd() throws {
        let served = try Served()
        let looking = try (0..<4).map { _ in try served.ask(served.path + "events") }
        for client in looking { #expect(client.read { $0.contains("event: now") }) }
        let idle = try (0..<4 * ServerLoop.visitorsMax).map { _ in
            try TestClient(port: served.port)
        }
        #expect(try served.ask(served.path).readToEnd()?.hasPrefix("HTTP/1.1 200") == true)
        #expect(idle[0].isEnded())
        served.server.change { $0.begin(Self.run(), number: 1, of: 2) }
        for client in looking { #expect(client.read { $0.contains("calls on &lt;wifi&gt;") }) }
        served.server.end(Self.report(), named: "report.json")
    }

    @Test("when all places are taken by readers, one more is refused")
    func full() throws {
        let served = try Served()
        let looking = try (0..<ServerLoop.visitorsMax).map { _ in
            try served.ask(served.path + "events")
        }
        for client in looking { #expect(client.read { $0.contains("event: now") }) }
        let more = try TestClient(port: served.port)
        #expect(more.readToEnd()?.hasPrefix("HTTP/1.1 503 ") == true)
        served.server.end(Self.report(), named: "report.json")
    }

    @Test("garbage does not end the server")
    func garbage() throws {
        let served = try Served()
        defer { served.server.end(Self.report(), named: "report.json") }
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let client = try TestClient(port: served.port)
            let count = Int.random(in: 0...200, using: &random)
            client.send(
                String(
                    (0..<count).map { _ in
                        Character(Unicode.Scalar(UInt8.random(in: .min ... .max, using: &random)))
                    }))
        }
        let page = try served.ask(served.path).readToEnd()
        #expect(page?.hasPrefix("HTTP/1.1 200") == true, "seed \(seed)")
    }
}
