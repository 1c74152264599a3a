import Datagrams
import Glibc
import JSON
import Loops

/// The hidden verb `worker`: a spawned process that serves the runner over its standard streams.
package struct Worker: ~Copyable {
    /// The wait for the first orders, after which a worker takes the runner for lost.
    static let ordersTimeoutMs: Int32 = 60_000
    static let intervalMs: Int32 = 1_000
    static let commandLookMs: Int32 = 50
    /// The time between two looks for feedback of a data thread.
    static let feedbackLookMs: Int32 = 5

    /// The option `worker --hold-network`: the worker makes and holds the network of a run.
    package static let holdOption = "--hold-network"
    /// The option `worker --join-network PID:DESCRIPTOR`: the worker joins a network that another
    /// worker holds.
    package static let joinOption = "--join-network"

    /// The option `worker --clock-offset NS`, the first: the worker's clock is shifted to the
    /// runner's.
    package static let clockOption = "--clock-offset"

    private var channel: ControlChannel
    /// The namespaces of a holder, or the reason why there are none, which it reports when it is
    /// ordered to make a network.
    private let namespaces: Result<NetworkJob.Namespaces, SystemFailure>?

    private init(
        _ namespaces: Result<NetworkJob.Namespaces, SystemFailure>?, silenceNs: Int64?
    ) throws(SystemFailure) {
        channel = try ControlChannel(silenceNs: silenceNs)
        self.namespaces = namespaces
    }

    /// Serves one runner and ends with it.
    /// - Parameter options: The words behind `worker` on the command line.
    /// - Returns: The exit code: 0, or 70 if this worker has a fault.
    package static func main(_ options: [String] = []) -> Int32 {
        var options = options
        var silenceNs: Int64?
        if options.first == clockOption {
            // Of an agent, which may be stopped itself and ends no worker then.
            silenceNs = 2 * AgentProtocol.leaseNs
            guard options.count > 1, let offsetNs = Int64(options[1]) else {
                ProcessControl.complain("worker: \(clockOption) takes a number of nanoseconds")
                return 64
            }
            LinuxClock.shift(byNs: offsetNs)
            options.removeFirst(2)
        }
        // Done first: only a process of one thread may change its user namespace, and new threads
        // are in the namespaces of the thread that starts them.
        var namespaces: Result<NetworkJob.Namespaces, SystemFailure>?
        do throws(SystemFailure) {
            switch options.first {
            case holdOption: namespaces = hold()
            case joinOption: try join(options.last ?? "")
            default: break
            }
        } catch {
            ProcessControl.complain("worker: \(error)")
            return 70
        }
        ProcessControl.setName("udplab-worker")
        // The terminal's Ctrl-C is for the runner, which then stops its workers.
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        // A file at its size limit fails write(2) with an errno instead.
        signal(SIGXFSZ, SIG_IGN)
        ProcessControl.endWithParent()
        do {
            var worker = try Worker(namespaces, silenceNs: silenceNs)
            // Without orders it has done nothing: EX_USAGE of sysexits(3).
            guard try worker.serve() else {
                ProcessControl.complain("worker: no orders came: this verb is for the runner")
                return 64
            }
            return 0
        } catch {
            ProcessControl.complain("worker: \(error)")
            return 70
        }
    }

    private static func hold() -> Result<NetworkJob.Namespaces, SystemFailure> {
        do throws(SystemFailure) {
            return .success(try NetworkJob.Namespaces())
        } catch {
            return .failure(error)
        }
    }

    private static func join(_ place: String) throws(SystemFailure) {
        let numbers = place.split(separator: ":").compactMap { Int32($0) }
        guard numbers.count == 2 else {
            throw SystemFailure("cannot join", "network \(place)", .invalidArgument)
        }
        try NetworkNamespace.join(holder: numbers[0], descriptor: numbers[1])
    }

    /// Serves the runner.
    /// - Returns: `false` if no orders came.
    private mutating func serve() throws -> Bool {
        try channel.send(
            .hello(Hello(protocol: WorkerProtocol.version, pid: Int(getpid()))))
        guard
            case .message(.prepare(let assignment)) = try channel.next(
                timeoutMs: Worker.ordersTimeoutMs)
        else { return false }
        do {
            switch assignment {
            case .sender(let assignment): try serve(assignment)
            case .responder(let assignment): try serve(assignment)
            case .relay(let assignment): try serve(assignment)
            case .command(let assignment): try serve(assignment)
            case .network(let assignment): try serve(assignment)
            }
        } catch let failure as WorkerFailure {
            try channel.send(.failed(failure))
        }
        return true
    }

    private mutating func serve(_ assignment: SenderAssignment) throws {
        let control = LoopControl()
        let job: any SendingJob =
            if assignment.sender.kind == .hitAndRun {
                try HitAndRunJob(assignment, control: control)
            } else if let request = assignment.sender.request {
                try SenderJob(assignment, of: request, control: control)
            } else if let order = assignment.stamp {
                try SenderJob(assignment, sending: order, control: control)
            } else {
                try SenderJob(assignment, control: control)
            }
        try channel.send(.ready(try job.ready()))
        guard let order = try waitForStart() else { return }
        let waker = channel.waker
        let threads = try job.start(startNs: order.startNs) { waker.wake() }
        let isWatched = try watch(
            control, threads, hasFeedback: assignment.firstPps != nil && !assignment.isOneWay
        ) { message in
            if case .rate(let order) = message, order.pps > 0, order.pps.isFinite {
                control.change(toPps: order.pps)
            }
            return nil
        }
        guard isWatched else { return }
        var result = WorkerResult()
        result.sender = try job.result()
        try send(&result)
        try linger(job)
    }

    /// Keeps the sockets open for datagrams still in flight, until the runner closes the input.
    private mutating func linger(_ job: any SendingJob) throws {
        while true {
            switch try channel.next(timeoutMs: -1) {
            case .closed: return
            case .message(.tail): try channel.send(.tail(job.tail()))
            case .message, .timeout, .finished, .readable: continue
            }
        }
    }

    private mutating func serve(_ assignment: ResponderAssignment) throws {
        let control = LoopControl()
        let job = try ResponderJob(assignment, control: control)
        try channel.send(.ready(job.ready()))
        guard let order = try waitForStart() else { return }
        let waker = channel.waker
        try job.know(sources: order.sources)
        let threads = try job.start(startNs: order.startNs) { waker.wake() }
        let isWatched = try watch(
            control, threads, hasFeedback: assignment.feedbackStream != nil
        ) { message in
            guard case .port(let order) = message else { return nil }
            return .port(
                control.switchPort(order, lanes: assignment.responder.threads) {
                    LinuxClock().nowNs()
                })
        }
        guard isWatched else { return }
        var result = WorkerResult()
        result.responder = try job.result()
        try send(&result)
    }

    private mutating func serve(_ assignment: RelayAssignment) throws {
        let control = RelayControl(endsWhenEmpty: true)
        let job = try RelayJob(assignment, control: control)
        try channel.send(.ready(job.ready()))
        guard let order = try waitForStart() else { return }
        let waker = channel.waker
        try job.know(sources: order.sources)
        let threads = try job.start(startNs: order.startNs) { waker.wake() }
        let isWatched = try watch(control.loop, threads) { message in
            switch message {
            case .impair(let order):
                control.replace(forward: order.forward, backward: order.backward)
                return nil
            case .settle(let order):
                control.settle()
                control.waitUntilSettled(limitNs: order.limitNs) { LinuxClock().nowNs() }
                return .settled(SettleReply(isEmpty: !control.isSettling))
            default: return nil
            }
        }
        guard isWatched else { return }
        var result = WorkerResult()
        result.relay = try job.result()
        try send(&result)
    }

    private mutating func serve(_ assignment: CommandAssignment) throws {
        let job = try CommandJob(assignment)
        defer { _ = job.end() }
        var input = pollfd(fd: 0, events: 0, revents: 0)
        if assignment.asks { try job.waitUntilItAnswers { poll(&input, 1, 0) > 0 } }
        var ready = Ready()
        ready.addresses = [job.address.description]
        ready.commandPid = Int(job.pid)
        try channel.send(.ready(ready))
        while true {
            switch try channel.next(timeoutMs: Worker.commandLookMs, watching: job.output) {
            case .closed: return
            case .readable:
                job.readOutput()
                DataThread.sleep(ns: CommandJob.readRestNs)
            case .message(.stop):
                // The program may have exited since the last check, while the last answers were
                // awaited.
                if job.look() { throw job.endedByItself }
                var result = WorkerResult()
                result.command = job.end()
                return try send(&result, ofChildren: true)
            case .message, .timeout, .finished:
                if job.look() { throw job.endedByItself }
            }
        }
    }

    private mutating func serve(_ assignment: NetworkAssignment) throws {
        let namespaces: NetworkJob.Namespaces
        switch self.namespaces {
        case .success(let held)?: namespaces = held
        case .failure(let failure)?: throw WorkerFailure(.setUp, "\(failure)")
        case nil: throw WorkerFailure(.own, "this worker was not started with \(Self.holdOption)")
        }
        let job = try NetworkJob(assignment, in: namespaces)
        var ready = Ready()
        ready.network = try job.ready()
        try channel.send(.ready(ready))
        while true {
            switch try channel.next(timeoutMs: -1) {
            case .closed: return
            case .message(.stop):
                var result = WorkerResult()
                result.network = try job.result()
                return try send(&result)
            case .message, .timeout, .finished, .readable: continue
            }
        }
    }

    private mutating func waitForStart() throws -> StartOrder? {
        while true {
            switch try channel.next(timeoutMs: Worker.ordersTimeoutMs) {
            case .message(.start(let order)):
                if order.asksArmed {
                    let lateNs = LinuxClock().nowNs() - order.startNs
                    try channel.send(.armed(Armed(lateNs: max(0, lateNs))))
                }
                return order
            case .message, .finished, .readable: continue
            case .timeout, .closed: return nil
            }
        }
    }

    /// Reports intervals, and feedback, to the runner until the data threads have finished.
    /// - Returns: `false` if the runner is gone.
    private mutating func watch(
        _ control: LoopControl, _ threads: [DataThread], hasFeedback: Bool = false,
        onOrder: (RunnerMessage) -> WorkerReply? = { _ in nil }
    ) throws -> Bool {
        var nextIntervalNs = LinuxClock().nowNs()
        while true {
            let now = LinuxClock().nowNs()
            if now >= nextIntervalNs {
                try channel.send(.interval(control.latest()))
                nextIntervalNs = now + Int64(Worker.intervalMs) * 1_000_000
            }
            if hasFeedback, let feedback = control.takeFeedback() {
                try channel.send(.feedback(feedback))
            }
            let restMs = Int32(max(1, (nextIntervalNs - now) / 1_000_000))
            let waitMs = hasFeedback ? min(restMs, Worker.feedbackLookMs) : restMs
            switch try channel.next(timeoutMs: waitMs) {
            case .message(.stop(let order)):
                control.stop(drainNs: order.drainNs, sent: order.sent)
            case .finished:
                for thread in threads { thread.join() }
                return true
            case .closed: return false
            case .message(let order): if let reply = onOrder(order) { try channel.send(reply) }
            case .timeout, .readable: continue
            }
        }
    }

    private func send(_ result: inout WorkerResult, ofChildren: Bool = false) throws {
        let usage = ProcessControl.usage(ofChildren: ofChildren)
        result.cpuSeconds = usage.cpuSeconds
        result.maxRssBytes = usage.maxRSSBytes
        try channel.send(.result(result))
    }
}
