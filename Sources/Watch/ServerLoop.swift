import Datagrams
import Glibc
import Pictures

/// The loop of the server's thread: waits for connections and for time to pass, and sends each
/// stream of events the parts that have changed.
struct ServerLoop {
    /// The connections at a time. One more takes the place of the oldest that has not sent its
    /// request yet; if all have, it is refused.
    static let visitorsMax = 16
    /// The least time between two drawings.
    static let drawEveryNs: Int64 = 500_000_000
    /// The pause after a connection that could not be accepted, for want of descriptors say.
    private static let acceptPauseNs: Int64 = 100_000_000
    /// The time that the server goes on after the end, if somebody still has to get the finished
    /// page: a page without scripts asks for it by itself.
    static let goodbyeNs = Int64(LivePage.refreshS + 1) * 1_000_000_000
    private static let bufferBytes = 4_096

    private let listener: LoopbackListener
    private let site: Site
    private let board: Board
    /// The reading end of a pipe that becomes readable at the end.
    private let wake: Int32
    private let clock = LinuxClock()
    private var visitors: [Int32: Visitor] = [:]
    private var acceptsFromNs: Int64 = 0
    private var drawnNs: Int64 = .min / 2
    private var drawn = Drawn()
    private var buffer = [UInt8](repeating: 0, count: Self.bufferBytes)
    private var endNs: Int64?
    /// The time of the last page to a reader who has not asked for the events since.
    private var pageNs: Int64?

    /// The parts as events.
    private struct Drawn {
        var versions = Versions()
        var now: [UInt8] = []
        var runs: [UInt8] = []
    }

    init(listener: LoopbackListener, site: Site, board: Board, wake: Int32) {
        self.listener = listener
        self.site = site
        self.board = board
        self.wake = wake
    }

    mutating func run() {
        while true {
            let now = clock.nowNs()
            let content = board.current
            if content.end != nil, endNs == nil { endNs = now }
            push(content, atNs: now)
            drop(atNs: now)
            guard !isDone(atNs: now) else { return }
            wait(atNs: now, hasEnded: content.end != nil)
        }
    }

    private func isDone(atNs now: Int64) -> Bool {
        guard let endNs else { return false }
        guard now < endNs + Self.goodbyeNs else { return true }
        let isExpected = pageNs.map { now < $0 + Self.goodbyeNs } ?? false
        return visitors.isEmpty && !isExpected
    }

    // MARK: Events

    private mutating func push(_ content: Board.Content, atNs now: Int64) {
        let ready = visitors.values.filter(\.visit.isReady)
        guard !ready.isEmpty else { return }
        if let end = content.end {
            let last = Message.event("end", end)
            for visitor in ready {
                visitor.visit.end(last, atNs: now)
                visitor.send(atNs: now)
            }
            return
        }
        guard now - drawnNs >= Self.drawEveryNs else { return }
        for visitor in ready where visitor.visit.seen != content.versions {
            draw(content, atNs: now)
            var bytes: [UInt8] = []
            if visitor.visit.seen.now != content.versions.now { bytes += drawn.now }
            if visitor.visit.seen.runs != content.versions.runs { bytes += drawn.runs }
            visitor.visit.seen = content.versions
            visitor.visit.add(bytes, atNs: now)
            visitor.send(atNs: now)
        }
    }

    private mutating func draw(_ content: Board.Content, atNs now: Int64) {
        drawnNs = now
        let page = LivePage(content.plan)
        if drawn.versions.now != content.versions.now {
            drawn.now = Message.event("now", page.now)
        }
        if drawn.versions.runs != content.versions.runs {
            drawn.runs = Message.event("runs", page.runs)
        }
        drawn.versions = content.versions
    }

    // MARK: Connections

    private mutating func drop(atNs now: Int64) {
        for visitor in visitors.values { visitor.visit.look(atNs: now) }
        visitors = visitors.filter { $0.value.visit.state != .over }
    }

    /// Waits until something is to be done, and does it.
    private mutating func wait(atNs now: Int64, hasEnded: Bool) {
        let open = Array(visitors.values)
        let accepts = now >= acceptsFromNs
        var entries = [
            pollfd(fd: hasEnded ? -1 : wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: accepts ? listener.descriptor : -1, events: Int16(POLLIN), revents: 0),
        ]
        entries += open.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        let ready = poll(&entries, nfds_t(entries.count), timeoutMs(atNs: now))
        guard ready > 0 else { return }
        let now = clock.nowNs()
        for (visitor, entry) in zip(open, entries.dropFirst(2)) where entry.revents != 0 {
            serve(visitor, entry.revents, atNs: now)
        }
        if entries[1].revents != 0 { accept(atNs: now) }
    }

    private func timeoutMs(atNs now: Int64) -> Int32 {
        var deadlines = visitors.values.compactMap(\.visit.deadlineNs)
        if visitors.values.contains(where: { $0.visit.isReady }) {
            deadlines.append(max(drawnNs, now - Self.drawEveryNs) + Self.drawEveryNs)
        }
        if acceptsFromNs > now { deadlines.append(acceptsFromNs) }
        if let endNs { deadlines.append(endNs + Self.goodbyeNs) }
        guard let next = deadlines.min() else { return -1 }
        return Int32(clamping: max(1, (next - now + 999_999) / 1_000_000))
    }

    private mutating func accept(atNs now: Int64) {
        for _ in 0..<Self.visitorsMax {
            do throws(SystemErrno) {
                guard let descriptor = try listener.accept() else { return }
                let visitor = Visitor(descriptor, atNs: now)
                if visitors.count >= Self.visitorsMax, !makeRoom() {
                    visitor.visit.answer(Message.refusal(.tooManyVisits), atNs: now)
                    visitor.send(atNs: now)
                } else {
                    visitors[descriptor] = visitor
                }
            } catch {
                acceptsFromNs = now + Self.acceptPauseNs
                return
            }
        }
    }

    /// Ends the oldest connection that has sent no whole request.
    private mutating func makeRoom() -> Bool {
        let idle = visitors.values.filter { [.reading, .lingering].contains($0.visit.state) }
        guard let oldest = idle.min(by: { $0.beganNs < $1.beganNs }) else { return false }
        visitors[oldest.descriptor] = nil
        return true
    }

    private mutating func serve(_ visitor: Visitor, _ revents: Int16, atNs now: Int64) {
        if revents & Int16(POLLOUT) != 0 { visitor.send(atNs: now) }
        guard revents & ~Int16(POLLOUT) != 0 else { return }
        switch visitor.receive(&buffer, atNs: now) {
        case nil: return
        case .refused(let status): visitor.visit.answer(Message.refusal(status), atNs: now)
        case .request(let request):
            switch site.answer(to: request) {
            case .refusal(let status):
                visitor.visit.answer(Message.refusal(status), atNs: now)
            case .place(let place): show(place, to: visitor, atNs: now)
            }
        }
        visitor.send(atNs: now)
    }

    private mutating func show(_ place: Site.Place, to visitor: Visitor, atNs now: Int64) {
        let content = board.current
        switch place {
        case .page:
            pageNs = content.end == nil ? now : nil
            let page = content.end ?? LivePage(content.plan).html()
            visitor.visit.answer(Message.whole("text/html; charset=utf-8", page), atNs: now)
        case .script:
            visitor.visit.answer(
                Message.whole("text/javascript; charset=utf-8", "\(LivePage.script)"), atNs: now)
        case .events:
            pageNs = nil
            visitor.visit.begin(Message.eventsBegin(), atNs: now)
        }
    }
}
