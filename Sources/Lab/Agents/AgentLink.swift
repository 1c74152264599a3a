import Datagrams
import Glibc
import JSON
import Loops
import Metrics
import Plans
import Synchronization
import Workers

/// The runner's end of the line to one agent: another host as a place for workers.
///
/// It lives for the whole plan. When the agent, its launcher or the line between is lost, every
/// worker there has ended for the runner, and nothing more is believed of that host.
final class AgentLink: WorkerPlace {
    enum Phase: Sendable, Equatable {
        case greeting
        case up
        /// Its last worker has ended, and its input is closed: an end of the launcher is no loss.
        case closing
        case lost(HostLoss)
    }

    struct State {
        var phase = Phase.greeting
        var bannerLines = 0
        var heardNs: Int64
        var hello: AgentHello?
        var nextNumber = 0
        var children: [Int: FarChild] = [:]
        var replies: [Int: Promise<OrderReply?>] = [:]
        /// The times of the clock questions that are not answered.
        var asked: [Int: Int64] = [:]
        var exchanges = ClockExchanges()
        var clockAnswer = Promise<Bool>()
        var longestRoundTripNs: Int64 = 0
        /// The statements of both hosts about their own clocks, asked last.
        var statements: (here: ClockStatement?, there: ClockStatement?)
        /// The offset by both statements, for the time since they were asked before.
        var stated = StatedOffset.Finding.unknown
        var launcher: WorkerProcess?
        /// The greeting that the current launcher brings; nil if it ends before.
        var greeting = Promise<AgentHello?>()
    }

    let definition: HostDefinition
    let host: any ControlHost
    let state: Mutex<State>

    init(_ definition: HostDefinition, on host: any ControlHost) {
        self.definition = definition
        self.host = host
        state = Mutex(State(heardNs: host.nowNs()))
    }

    var name: String { definition.name }

    /// The greeting of the agent; nil before it came.
    var hello: AgentHello? { state.withLock { $0.hello } }

    /// The loss of the host; nil while there is none.
    var loss: HostLoss? {
        if case .lost(let loss) = state.withLock({ $0.phase }) { return loss }
        return nil
    }

    /// The exchanges of times so far.
    var exchanges: ClockExchanges { state.withLock { $0.exchanges } }

    /// The offset of the clock by what both hosts state themselves.
    var stated: StatedOffset.Finding { state.withLock { $0.stated } }

    /// The longest time of a question on the line and back.
    var longestRoundTripNs: Int64 { state.withLock { $0.longestRoundTripNs } }

    var clock: PlaceClock {
        let offset = exchanges.offset(atNs: host.nowNs())
        return offset.map { PlaceClock(offsetNs: $0.offsetNs, errorNs: $0.errorNs) } ?? .own
    }

    // MARK: - Sending

    /// Sends a line. Returns `false` if the host is lost.
    @discardableResult
    func post(_ line: AgentLine) -> Bool {
        let launcher = state.withLock { state in
            if case .lost = state.phase { return nil as WorkerProcess? }
            return state.launcher
        }
        guard let launcher else { return false }
        if launcher.post(line.bytes) { return true }
        lose("did not read what it was sent")
        return false
    }

    @discardableResult
    func post(_ order: AgentOrder) -> Bool {
        guard let value = try? order.json() else { return false }
        return post(.message(value))
    }

    /// Sends an order that is replied to.
    /// - Returns: The promise of the reply: nil if the host is lost.
    func ask(_ order: (Int) -> AgentOrder) -> Promise<OrderReply?> {
        let promise = Promise<OrderReply?>()
        let number = state.withLock { state in
            state.nextNumber += 1
            state.replies[state.nextNumber] = promise
            return state.nextNumber
        }
        if !post(order(number)) { promise.fulfil(nil) }
        return promise
    }

    private func reply(_ order: (Int) -> AgentOrder) async -> OrderReply? {
        await ask(order).value() ?? nil
    }

    // MARK: - Receiving

    /// Takes a line of the launcher's standard output. Called on the reading task.
    func take(_ line: [UInt8]) throws(WorkerProtocolViolation) {
        let nowNs = host.nowNs()
        guard state.withLock({ $0.phase != .greeting }) else { return try greet(line, nowNs) }
        do {
            switch try AgentLine(line) {
            case .text(let number, let text): child(number)?.take(text, of: .output)
            case .diagnostic(let number, let text): child(number)?.take(text, of: .diagnostics)
            case .message(let value): take(try AgentReply(value), atNs: nowNs)
            }
        } catch {
            throw WorkerProtocolViolation("wrote \(error)")
        }
        state.withLock { $0.heardNs = nowNs }
    }

    /// Takes a line before the greeting: a login banner, or the greeting.
    private func greet(_ line: [UInt8], _ nowNs: Int64) throws(WorkerProtocolViolation) {
        guard case .message(let value)? = try? AgentLine(line),
            case .hello(let hello)? = try? AgentReply(value)
        else {
            let count = state.withLock { state in
                state.bannerLines += 1
                return state.bannerLines
            }
            guard count <= AgentProtocol.bannerLinesLimit else {
                throw WorkerProtocolViolation(
                    "wrote more than \(AgentProtocol.bannerLinesLimit) lines before its hello")
            }
            return
        }
        let greeting = state.withLock { state in
            state.phase = .up
            state.hello = hello
            state.heardNs = nowNs
            return state.greeting
        }
        greeting.fulfil(hello)
    }

    private func child(_ number: Int) -> FarChild? { state.withLock { $0.children[number] } }

    private func take(_ reply: AgentReply, atNs: Int64) {
        switch reply {
        case .hello: break
        case .clock(let answer): take(answer, atNs)
        case .spawned(let reply): child(reply.worker)?.take(reply)
        case .closed(let worker): child(worker.worker)?.outputIsClosed()
        case .ended(let end): child(end.worker)?.end(end)
        case .done(let reply):
            state.withLock { $0.replies.removeValue(forKey: reply.order) }?.fulfil(reply)
        case .lease(let lease):
            let stopped = Set(lease.stopped)
            for (number, child) in state.withLock({ $0.children }) {
                child.take(isStopped: stopped.contains(number))
            }
        }
    }

    private func take(_ answer: ClockAnswer, _ atNs: Int64) {
        let promise = state.withLock { state -> Promise<Bool>? in
            guard let askedNs = state.asked.removeValue(forKey: answer.number) else { return nil }
            state.exchanges.add(
                askedNs: askedNs, receivedNs: answer.receivedNs, sentNs: answer.sentNs,
                answeredNs: atNs)
            state.longestRoundTripNs = max(state.longestRoundTripNs, atNs - askedNs)
            defer { state.clockAnswer = Promise() }
            return state.clockAnswer
        }
        promise?.fulfil(true)
    }

    /// Asks for the time there.
    /// - Returns: The promise of the next answer.
    func askForTime() -> Promise<Bool> {
        let (number, promise) = state.withLock { state in
            state.nextNumber += 1
            state.asked[state.nextNumber] = host.nowNs()
            return (state.nextNumber, state.clockAnswer)
        }
        post(.clock(ClockQuestion(number: number)))
        return promise
    }

    // MARK: - The end

    /// Takes the host for lost. Only the first call counts.
    func lose(_ reason: String) {
        let left = state.withLock { state -> State? in
            guard state.phase == .greeting || state.phase == .up else { return nil }
            let loss = HostLoss(
                host: name, reason: reason, heardNs: state.heardNs,
                lastWords: state.launcher?.diagnostics ?? [])
            state.phase = .lost(loss)
            defer { state.replies = [:] }
            return state
        }
        guard let left else { return }
        left.greeting.fulfil(nil)
        for child in left.children.values { child.end(nil) }
        for reply in left.replies.values { reply.fulfil(nil) }
        left.clockAnswer.fulfil(false)
        left.launcher?.kill()
    }
}

// MARK: - A place for workers

extension AgentLink {
    func refusal() -> String? { nil }

    func run<Value: Sendable>(
        _ specification: WorkerSpecification, _ attend: (any ChildProcess) async -> Value
    ) async throws -> (end: ChildEnd, value: Value) {
        let child = state.withLock { state in
            state.nextNumber += 1
            let child = FarChild(number: state.nextNumber, link: self)
            state.children[child.number] = child
            return child
        }
        defer { state.withLock { $0.children[child.number] = nil } }
        let order = SpawnOrder(
            worker: child.number, name: specification.name, arguments: specification.arguments)
        guard post(.spawn(order)), case let reply?? = await child.spawned.value() else {
            throw loss ?? HostLoss(host: name, reason: "is gone", heardNs: 0, lastWords: [])
        }
        if let fault = reply.fault {
            throw StartError("host \"\(name)\" could not start it: \(fault)")
        }
        let value = await attend(child)
        guard let end = child.childEnd else {
            throw loss ?? HostLoss(host: name, reason: "is gone", heardNs: 0, lastWords: [])
        }
        return (end, value)
    }

    func signal(_ number: Int32, group: pid_t) async -> Int64 {
        let sentNs = host.nowNs()
        let reply = await reply { order in
            .signal(
                SignalOrder(order: order, signal: Int(number), worker: nil, group: Int(group)))
        }
        return reply.map { clock.here($0.atNs) } ?? sentNs
    }

    /// Orders a signal to a process group for a time of this host.
    /// - Parameter address: The sockets whose load is read just before, and in the reply.
    /// - Returns: The promise of the reply; nil if the host is lost.
    func order(
        _ signal: Int32, group: pid_t, atNs: Int64, watching address: SocketAddress?
    ) -> Promise<OrderReply?> {
        let thereNs = clock.there(atNs)
        return ask {
            .signal(
                SignalOrder(
                    order: $0, signal: Int(signal), worker: nil, group: Int(group),
                    atNs: thereNs, address: address?.description))
        }
    }

    /// Orders that a line is passed on to a worker at a time of this host.
    /// - Returns: `false` if the host is lost.
    func deliver(_ line: String, to child: FarChild, atNs: Int64) -> Bool {
        post(
            .deliver(
                DeliverOrder(worker: child.number, atNs: clock.there(atNs), line: line)))
    }

    func load(on address: SocketAddress, of pid: Int?) async -> PortUse.Load? {
        let reply = await reply {
            .load(LoadQuestion(order: $0, address: address.description, pid: pid))
        }
        guard let reply, let drops = reply.drops else { return nil }
        var load = PortUse.Load()
        load.drops = drops
        load.queuedBytes = reply.queuedBytes ?? 0
        load.sockets = reply.sockets ?? 0
        load.connected = reply.connected ?? 0
        return load
    }

    func clockStatement() async -> ClockStatement? {
        await reply { .statement(ClockQuestion(number: $0)) }?.statement
    }

    func facts(ofGroup group: pid_t) async -> GroupFacts {
        let reply = await reply { .load(LoadQuestion(order: $0, group: Int(group))) }
        var facts = GroupFacts()
        facts.residentBytes = reply?.residentBytes
        facts.descriptors = reply?.descriptors
        facts.isRunnable = reply?.isRunnable ?? false
        return facts
    }

    func sharedCounts(of pid: Int, descriptor: Int) async -> (any KilledCountsSource)? {
        let reply = await reply {
            .hold(HoldOrder(order: $0, pid: pid, descriptor: descriptor))
        }
        guard let reply, reply.fault == nil else { return nil }
        return FarCounts(link: self, pid: pid)
    }

    func place(
        of address: TargetAddress, pickingPort: Bool
    ) async throws(StartError) -> SocketAddress {
        let reply = await reply {
            .address(
                AddressQuestion(
                    order: $0, host: address.hostText, ports: definition.ports,
                    picksPort: pickingPort || definition.ports != nil))
        }
        guard let reply else { throw StartError(loss?.sentence ?? "host \"\(name)\" is gone") }
        guard let text = reply.address, let place = SocketAddress(numeric: text) else {
            throw StartError("host \"\(name)\": \(reply.fault ?? "it has no such address")")
        }
        return place
    }

    /// A port that is picked there has just been bound.
    func tryBinding(_ address: TargetAddress) {}

    fileprivate func counts(_ pid: Int, streams: [Int], lanes: Int) async -> KilledCounts? {
        await reply {
            .counts(CountsQuestion(order: $0, pid: pid, streams: streams, lanes: lanes))
        }?.counts
    }
}

/// The counts of a responder on another host, which its agent can read after its end.
private struct FarCounts: KilledCountsSource {
    let link: AgentLink
    let pid: Int

    func sums(streams: [Int], lanes: Int) async -> KilledCounts? {
        await link.counts(pid, streams: streams, lanes: lanes)
    }
}
