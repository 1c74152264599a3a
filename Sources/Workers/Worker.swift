import Datagrams
import Glibc
import JSON

/// The hidden verb `worker`: what a spawned process does with its standard streams.
package struct Worker: ~Copyable {
    /// How long a worker waits for its first orders before it takes the runner for lost.
    static let ordersTimeoutMs: Int32 = 60_000
    static let intervalMs: Int32 = 1_000
    static let commandLookMs: Int32 = 50

    private var channel: ControlChannel

    private init() throws(SystemFailure) { channel = try ControlChannel() }

    /// Serves one runner and ends with it.
    /// - Returns: The exit code: 0, or 70 when this worker has a fault.
    package static func main() -> Int32 {
        ProcessControl.setName("udplab-worker")
        // The terminal's Ctrl-C is for the runner, which then tells its workers.
        signal(SIGINT, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        ProcessControl.endWithParent()
        do {
            var worker = try Worker()
            try worker.serve()
            return 0
        } catch {
            ProcessControl.complain("worker: \(error)")
            return 70
        }
    }

    private mutating func serve() throws {
        try channel.send(
            .hello(Hello(protocol: WorkerProtocol.version, pid: Int(getpid()))))
        guard
            case .message(.prepare(let assignment)) = try channel.next(
                timeoutMs: Worker.ordersTimeoutMs)
        else { return }
        do {
            if let sender = assignment.sender {
                try serve(sender)
            } else if let responder = assignment.responder {
                try serve(responder)
            } else if let command = assignment.command {
                try serve(command)
            }
        } catch let failure as WorkerFailure {
            try channel.send(.failed(failure))
        }
    }

    private mutating func serve(_ assignment: SenderAssignment) throws {
        let control = LoopControl()
        let job = try SenderJob(assignment, control: control)
        try channel.send(.ready(try job.ready()))
        guard let startNs = try waitForStart() else { return }
        let waker = channel.waker
        let threads = try job.start(startNs: startNs) { waker.wake() }
        guard try watch(control, threads) else { return }
        var result = WorkerResult()
        result.sender = try job.result()
        try send(&result)
    }

    private mutating func serve(_ assignment: ResponderAssignment) throws {
        let control = LoopControl()
        let job = try ResponderJob(assignment, control: control)
        try channel.send(.ready(job.ready()))
        guard let startNs = try waitForStart() else { return }
        let waker = channel.waker
        let threads = try job.start(startNs: startNs) { waker.wake() }
        guard try watch(control, threads) else { return }
        var result = WorkerResult()
        result.responder = job.result()
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
            switch try channel.next(timeoutMs: Worker.commandLookMs) {
            case .closed: return
            case .message(.stop):
                var result = WorkerResult()
                result.command = job.end()
                return try send(&result, ofChildren: true)
            case .message, .timeout, .finished:
                if job.look() { throw job.endedByItself }
            }
        }
    }

    private mutating func waitForStart() throws -> Int64? {
        while true {
            switch try channel.next(timeoutMs: Worker.ordersTimeoutMs) {
            case .message(.start(let order)): return order.startNs
            case .message, .finished: continue
            case .timeout, .closed: return nil
            }
        }
    }

    /// Tells the runner how it goes until the data threads have finished.
    /// - Returns: `false` when the runner is gone.
    private mutating func watch(
        _ control: LoopControl, _ threads: [DataThread]
    ) throws -> Bool {
        var nextIntervalNs = LinuxClock().nowNs()
        while true {
            let now = LinuxClock().nowNs()
            if now >= nextIntervalNs {
                try channel.send(.interval(control.latest()))
                nextIntervalNs = now + Int64(Worker.intervalMs) * 1_000_000
            }
            let waitMs = Int32(max(1, (nextIntervalNs - now) / 1_000_000))
            switch try channel.next(timeoutMs: waitMs) {
            case .message(.stop(let order)):
                control.stop(drainNs: order.drainNs, sent: order.sent)
            case .finished:
                for thread in threads { thread.join() }
                return true
            case .closed: return false
            case .message, .timeout: continue
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
