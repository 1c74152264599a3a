import Metrics
import Reports
import Testing

@testable import Pictures

/// The page of a plan that is run: made of the messages of its workers.
@Suite("The live page")
struct LiveTests {
    private static let second: Int64 = 1_000_000_000

    private func plan() -> LivePlan {
        LivePlan(
            tool: ToolReport(version: "0"),
            plan: PlanReport(name: "plan", sha256: "00", seed: 1, path: "plan.json"),
            host: HostReport(kernel: "6", architecture: "x86_64", cpus: 2, clockResolutionNs: 1),
            started: MadeReport.started, count: 3)
    }

    private func run(
        warmUpNs: Int = 0, isOneWay: Bool = false, _ timeline: [TimelineReport] = []
    ) -> LiveRun {
        LiveRun(
            title: "calls on wifi", warmUpNs: warmUpNs,
            senders: [(name: "probes", isOneWay: isOneWay)], timeline: timeline)
    }

    private func figures(_ sent: Int, _ received: Int, _ lost: Int = 0) -> LiveFigures {
        var figures = LiveFigures()
        (figures.sent, figures.received, figures.lost) = (sent, received, lost)
        (figures.p50Ns, figures.p99Ns) = (1_000_000, 2_000_000)
        return figures
    }

    @Test("each message makes an interval of what it adds")
    func intervals() {
        var run = run()
        let start = 77 * Self.second
        run.read(figures(0, 0), sender: 0, atNs: start)
        run.read(figures(100, 90, 1), sender: 0, atNs: start + Self.second)
        run.read(figures(250, 200, 3), sender: 0, atNs: start + 5 * Self.second / 2)
        let stream = run.streams[0]
        #expect(stream.intervals.map(\.startNs) == [0, 1_000_000_000])
        #expect(stream.intervals.map(\.lengthNs) == [1_000_000_000, 1_500_000_000])
        #expect(stream.intervals.map(\.sent) == [100, 150])
        #expect(stream.intervals.map(\.received) == [90, 110])
        #expect(stream.intervals.map(\.lost) == [1, 2])
        #expect(stream.openCount == 47)
        #expect(stream.lossRatio == 3.0 / 203)
    }

    @Test("the figures of the warm-up are in no interval")
    func warmUp() {
        var run = run(warmUpNs: Int(2 * Self.second))
        let messages: [(Int64, Int)] = [(0, 0), (10, 50), (21, 100), (31, 40), (41, 90)]
        for (tenths, sent) in messages {
            run.read(figures(sent, sent), sender: 0, atNs: tenths * Self.second / 10)
        }
        #expect(run.streams[0].intervals.map(\.sent) == [40, 50])
    }

    @Test("a message of no sender, or of an earlier time, is nothing")
    func strange() {
        var run = run()
        run.read(figures(1, 1), sender: 1, atNs: 0)
        run.read(figures(0, 0), sender: 0, atNs: Self.second)
        run.read(figures(5, 5), sender: 0, atNs: 0)
        #expect(run.streams[0].intervals.isEmpty)
    }

    @Test("a run of any length keeps the intervals of five minutes, and its page its size")
    func long() {
        var plan = plan()
        plan.begin(run(), number: 1, of: 3)
        for second in 0..<Int64(2_000) {
            plan.current?.read(
                figures(Int(second) * 10, Int(second) * 9, Int(second)), sender: 0,
                atNs: second * Self.second)
        }
        #expect(plan.current?.streams[0].intervals.count == LiveStream.intervalsMax)
        #expect(LivePage(plan).now.utf8.count < 64 << 10)
    }

    @Test("the page says where the plan is, and names what waits")
    func stages() {
        var plan = plan()
        #expect(LivePage(plan).now.contains("starting"))
        #expect(LivePage(plan).runs == "")
        plan.left = "12 s"
        plan.begin(run(), number: 1, of: 3)
        #expect(LivePage(plan).now.contains("running 1 of 3"))
        #expect(LivePage(plan).now.contains("calls on wifi, 12 s left"))
        #expect(LivePage(plan).now.contains("No figures yet"))
        plan.current?.trial = "[2/24] garbage: Random bytes"
        #expect(LivePage(plan).now.contains("[2/24] garbage"))
        plan.finish(MadeReport(networks: ["a"], repeats: 1).report.runs[0])
        #expect(LivePage(plan).now.contains("between two runs"))
        #expect(LivePage(plan).now.contains("so far 1 pass"))
        #expect(LivePage(plan).runs.contains("Where the datagrams went"))
        plan.stopSignal = "SIGINT"
        #expect(LivePage(plan).now.contains("stopping on SIGINT"))
    }

    @Test("events of the timeline are marked once they are over")
    func timeline() {
        let timeline = [
            TimelineReport(atNs: 500_000_000, event: "kill", subject: "echo"),
            TimelineReport(atNs: 9_000_000_000, event: "start", subject: "echo"),
        ]
        var plan = plan()
        plan.begin(run(timeline), number: 1, of: 1)
        for second in 0...Int64(2) {
            plan.current?.read(
                figures(Int(second), Int(second)), sender: 0, atNs: second * Self.second)
        }
        let now = LivePage(plan).now
        #expect(now.contains("kill echo"))
        #expect(!now.contains("start echo"))
    }

    @Test("a sender that awaits no answer has no loss before the end")
    func oneWay() {
        var plan = plan()
        plan.begin(run(isOneWay: true), number: 1, of: 1)
        plan.current?.read(figures(0, 0), sender: 0, atNs: 0)
        plan.current?.read(figures(1_234, 0), sender: 0, atNs: Self.second)
        let now = LivePage(plan).now
        #expect(now.contains("1,234"))
        #expect(now.contains("learns at the end"))
        #expect(!now.contains("Rate"))
    }

    @Test("text from the plan is text, and the page asks nobody but its server")
    func escaped() {
        var plan = LivePlan(
            tool: ToolReport(version: "0"),
            plan: PlanReport(name: "<script>a</script>", sha256: "0", seed: 1, path: "p"),
            host: HostReport(kernel: "6", architecture: "x86_64", cpus: 2, clockResolutionNs: 1),
            started: MadeReport.started, count: 1)
        plan.begin(run(), number: 1, of: 1)
        plan.current?.trial = "<img src=x>\u{202E}"
        let page = LivePage(plan).html()
        #expect(page.contains("&lt;script&gt;a"))
        #expect(!page.contains("<img") && !page.contains("\u{202E}"))
        #expect(!page.contains("<script>"))
        let policy =
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self'; "
            + "connect-src 'self'"
        #expect(page.contains(Markup.escaped(policy)))
    }
}
