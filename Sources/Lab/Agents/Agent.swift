import Datagrams
import Glibc
import JSON
import Loops
import Plans
import Synchronization
import Workers

/// An agent: the process on another host that starts the runner's workers there, passes their lines
/// on, and answers for that host.
///
/// It holds nothing but its workers, and ends with the runner: when its input ends, or when it has
/// heard nothing for the time of a lease.
package final class Agent: Sendable {
    /// A line of the runner, and this host's time of its arrival.
    struct Input: Sendable {
        let line: [UInt8]
        let atNs: Int64
    }

    private struct State {
        var workers: [Int: AgentWorker] = [:]
        /// The counts of workers that may be killed, by process id.
        var counts: [Int: any KilledCountsSource] = [:]
        var heardNs: Int64
        var isEnding = false
    }

    private let host: any ControlHost
    private let hello: AgentHello
    /// The program that is started as a worker.
    private let program: String
    /// Writes a line to the runner; `false` if it cannot be written.
    private let write: @Sendable ([UInt8]) -> Bool
    private let state: Mutex<State>

    init(
        on host: any ControlHost, hello: AgentHello,
        program: String = WorkerSpecification.thisProgram,
        write: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.host = host
        self.hello = hello
        self.program = program
        self.write = write
        state = Mutex(State(heardNs: host.nowNs()))
    }

    /// Serves the runner. Returns when its input has ended or its lease is over, and every worker
    /// has been reaped.
    func serve(_ input: AsyncStream<Input>) async {
        send(.hello(hello))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await line in input where !self.take(line) { break }
            }
            group.addTask { await self.keepLease() }
            // Whichever is first: the end of the input, or of the lease.
            await group.next()
            group.cancelAll()
        }
        await end()
    }

    /// Sends a line every second. Returns when the runner's lease is over.
    private func keepLease() async {
        while !Task.isCancelled {
            try? await host.sleep(for: .nanoseconds(AgentProtocol.leaseEveryNs))
            let (heardNs, workers) = state.withLock { ($0.heardNs, $0.workers) }
            guard host.nowNs() - heardNs < AgentProtocol.leaseNs else { return }
            var lease = Lease()
            lease.stopped = workers.filter { $0.value.isStopped }.map(\.key).sorted()
            send(.lease(lease))
            for worker in workers.values { worker.renewLease() }
        }
    }

    /// Kills what still runs, and waits until it is reaped.
    private func end() async {
        let workers = state.withLock { state in
            state.isEnding = true
            return state.workers.values.map(\.self)
        }
        for worker in workers { worker.kill() }
        for worker in workers { _ = await worker.isReaped.value() }
    }

    private func send(_ reply: AgentReply) {
        guard let value = try? reply.json() else { return }
        send(.message(value))
    }

    private func send(_ line: AgentLine) { _ = write(line.bytes) }

    // MARK: - Orders

    /// Carries out a line.
    /// - Returns: `false` if it is none of the protocol.
    private func take(_ input: Input) -> Bool {
        state.withLock { $0.heardNs = host.nowNs() }
        do {
            switch try AgentLine(input.line) {
            case .text(let number, let text): worker(number)?.take(text)
            case .diagnostic: return false
            case .message(let value): carryOut(try AgentOrder(value), arrivedNs: input.atNs)
            }
            return true
        } catch {
            ProcessControl.complain("agent: \(error)")
            return false
        }
    }

    private func worker(_ number: Int) -> AgentWorker? {
        state.withLock { $0.workers[number] }
    }

    private func carryOut(_ order: AgentOrder, arrivedNs: Int64) {
        switch order {
        case .lease: break
        case .clock(let question):
            send(
                .clock(
                    ClockAnswer(
                        number: question.number, receivedNs: arrivedNs, sentNs: host.nowNs())))
        case .spawn(let order): spawn(order)
        case .close(let order): worker(order.worker)?.closeInput()
        case .signal(let order): answer(order.order) { await self.signal(order, &$0) }
        case .deliver(let order):
            _ = host.task { [self] in
                await wait(until: order.atNs)
                worker(order.worker)?.take(Array(order.line.utf8))
            }
        case .load(let question): answer(question.order) { await self.load(question, &$0) }
        case .hold(let order): answer(order.order) { await self.hold(order, &$0) }
        case .counts(let question): answer(question.order) { await self.counts(question, &$0) }
        case .address(let question): answer(question.order) { self.address(question, &$0) }
        case .statement(let question):
            answer(question.number) { $0.statement = await self.host.clockStatement() }
        }
    }

    private func answer(
        _ number: Int, _ work: @escaping @Sendable (inout OrderReply) async -> Void
    ) {
        _ = host.task { [self] in
            var reply = OrderReply(order: number, atNs: host.nowNs())
            await work(&reply)
            send(.done(reply))
        }
    }

    private func spawn(_ order: SpawnOrder) {
        let worker = AgentWorker(number: order.worker)
        let isKept = state.withLock { state in
            guard !state.isEnding, state.workers[order.worker] == nil,
                state.workers.count < WorkerCrew.maximumWorkers
            else { return false }
            state.workers[order.worker] = worker
            return true
        }
        guard isKept, order.arguments.first == "worker" else {
            send(.spawned(SpawnReply(worker: order.worker, pid: nil, fault: "it is no new worker")))
            return
        }
        let specification = WorkerSpecification(
            name: order.name, executable: program, arguments: order.arguments,
            output: .diagnostics)
        _ = host.task { [self] in
            do {
                let (end, facts) = try await host.run(specification) { child in
                    send(.spawned(SpawnReply(worker: order.worker, pid: Int(child.pid))))
                    return await worker.attend(child, on: host) {
                        self.send($0)
                    } closed: {
                        self.send(.closed(WorkerNumber(worker: order.worker)))
                    }
                }
                send(.ended(WorkerEnd(worker: order.worker, end, facts)))
            } catch {
                send(
                    .spawned(SpawnReply(worker: order.worker, pid: nil, fault: "\(error)")))
            }
            state.withLock { $0.workers[order.worker] = nil }
            worker.isReaped.fulfil(true)
        }
    }

    /// Waits for the time of an order.
    private func wait(until atNs: Int64?) async {
        let restNs = min((atNs ?? 0) - host.nowNs(), AgentProtocol.orderKeptNs)
        if restNs > 0 { try? await host.sleep(for: .nanoseconds(restNs)) }
    }

    private func signal(_ order: SignalOrder, _ reply: inout OrderReply) async {
        await wait(until: order.atNs)
        if let address = order.address {
            let question = LoadQuestion(order: order.order, address: address, pid: order.group)
            await load(question, &reply)
        }
        let number = Int32(truncatingIfNeeded: order.signal)
        reply.atNs = host.nowNs()
        if let worker = order.worker.flatMap(worker) {
            worker.signal(number)
        } else if let group = order.group.map(pid_t.init(truncatingIfNeeded:)),
            let worker = state.withLock({ $0.workers.values.first { $0.pid == group } })
        {
            worker.signal(number)
        } else if let group = order.group.map(pid_t.init(truncatingIfNeeded:)), isOurs(group) {
            _ = await host.signal(number, group: group)
        } else {
            reply.fault = "there is no such process"
        }
    }

    /// Whether a process group was made by one of the workers: its leader is a child of one.
    private func isOurs(_ group: pid_t) -> Bool {
        let parents = state.withLock { $0.workers.values.compactMap(\.pid) }
        return ProcessFacts.parent(of: group).map(parents.contains) ?? false
    }

    private func load(_ question: LoadQuestion, _ reply: inout OrderReply) async {
        if let group = question.group {
            let facts = await host.facts(ofGroup: pid_t(truncatingIfNeeded: group))
            reply.residentBytes = facts.residentBytes
            reply.descriptors = facts.descriptors
            reply.isRunnable = facts.isRunnable
        }
        guard let address = question.address.flatMap(SocketAddress.init(numeric:)),
            let load = await host.load(on: address, of: question.pid)
        else { return }
        reply.drops = load.drops
        reply.queuedBytes = load.queuedBytes
        reply.sockets = load.sockets
        reply.connected = load.connected
    }

    private func hold(_ order: HoldOrder, _ reply: inout OrderReply) async {
        let source = await host.sharedCounts(of: order.pid, descriptor: order.descriptor)
        guard let source else {
            reply.fault = "the counts of process \(order.pid) cannot be read"
            return
        }
        state.withLock { $0.counts[order.pid] = source }
    }

    private func counts(_ question: CountsQuestion, _ reply: inout OrderReply) async {
        let source = state.withLock { $0.counts[question.pid] }
        reply.counts = await source?.sums(streams: question.streams, lanes: question.lanes)
    }

    private func address(_ question: AddressQuestion, _ reply: inout OrderReply) {
        let ports = question.firstPort.flatMap { first in
            question.lastPort.flatMap { first <= $0 ? first...$0 : nil }
        }
        do throws(StartError) {
            reply.address = try RunTarget.bindable(
                host: question.host, ports: ports, picksPort: question.picksPort
            ).description
        } catch {
            reply.fault = error.description
        }
    }
}

extension WorkerEnd {
    fileprivate init(
        worker: Int, _ end: ChildEnd, _ facts: (usage: ChildUsage, maxRssBytes: Int?)
    ) {
        self.init(worker: worker)
        switch end {
        case .exited(let value): code = Int(value)
        case .signalled(let value): signal = Int(value)
        }
        coreDumped = facts.usage.coreDumped
        cpuSeconds = facts.usage.cpuSeconds
        maxRssBytes = facts.maxRssBytes
    }
}
