import Glibc
import Harness
import Metrics
import Synchronization

@testable import Datagrams
@testable import Lab
@testable import Loops
@testable import Plans

/// A host without a kernel: its clock moves when all tasks wait, and its processes are objects.
final class SimulatedHost: ControlHost {
    private typealias Waiting = CheckedContinuation<Void, any Error>

    private struct State {
        var nowNs: Int64 = 1_000_000_000_000
        var timers = TimerHeap()
        /// By ticket; one that is cancelled is not here any more.
        var waiting: [Int: Waiting] = [:]
        var nextTicket = 0
        var processes: [SimulatedProcess] = []
        var started = 0
    }

    private let executor: SimulatedExecutor
    private let state = Mutex(State())
    /// Returns the program of the process with this number, counted from 0.
    private let program: @Sendable (Int, WorkerSpecification) -> any SimulatedProgram

    init(
        seed: UInt64,
        program: @escaping @Sendable (Int, WorkerSpecification) -> any SimulatedProgram
    ) {
        executor = SimulatedExecutor(seed: seed)
        self.program = program
    }

    // MARK: - Running it

    /// Runs `work` until it has a value. Returns `nil` if it waits for ever.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value? {
        let value = Promise<Value>()
        Task(executorPreference: executor) { value.fulfil(await work()) }
        while value.valueIfKnown == nil, executor.runOne() || advance() {}
        return value.valueIfKnown
    }

    /// Runs what is left, until nothing is ready and nothing is due.
    func runToTheEnd() { while executor.runOne() || advance() {} }

    /// Moves the clock to the earliest timer. Returns `false` if there is none.
    private func advance() -> Bool {
        let waiting = state.withLock { state -> Waiting? in
            while let timer = state.timers.removeFirst() {
                guard let waiting = state.waiting.removeValue(forKey: timer.ticket) else {
                    continue
                }
                state.nowNs = max(state.nowNs, timer.dueNs)
                return waiting
            }
            return nil
        }
        waiting?.resume()
        return waiting != nil
    }

    /// The processes that are not reaped.
    var left: [String] { state.withLock { $0.processes.map(\.name) } }

    /// The number of processes that were started.
    var started: Int { state.withLock { $0.started } }

    /// Calls `work` after a time of the simulated clock.
    func after(_ delay: Duration, _ work: @escaping @Sendable () -> Void) {
        _ = task { [self] in
            try? await sleep(for: delay)
            work()
        }
    }

    // MARK: - The clock and the tasks

    func nowNs() -> Int64 { state.withLock { $0.nowNs } }

    func sleep(for duration: Duration) async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        let delayNs = max(0, Int64(duration / .nanoseconds(1)))
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.waiting[ticket] = continuation
                    state.timers.add(
                        TimerHeap.Timer(dueNs: state.nowNs + delayNs, ticket: ticket))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let waiting = state.withLock { $0.waiting.removeValue(forKey: ticket) }
            waiting?.resume(throwing: CancellationError())
        }
    }

    func task(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: executor) { await work() }
    }

    // MARK: - Processes

    func refusal() -> String? { nil }

    func run<Value: Sendable>(
        _ specification: WorkerSpecification, _ attend: (any ChildProcess) async -> Value
    ) async throws -> (end: ChildEnd, value: Value) {
        let number = state.withLock { state in
            state.started += 1
            return state.started - 1
        }
        let program = program(number, specification)
        try await program.spawn(on: self)
        let process = SimulatedProcess(
            pid: pid_t(1000 + number), name: specification.name, on: self, program: program)
        state.withLock { $0.processes.append(process) }
        program.begin(process)
        let value = await attend(process)
        state.withLock { $0.processes.removeAll { $0 === process } }
        guard let end = process.end else { throw SimulatedFault("reaped before its exit") }
        return (end, value)
    }

    func signal(_ number: Int32, group: pid_t) -> Int64 {
        let process = state.withLock { $0.processes.first { $0.pid == group } }
        process?.signal(number)
        return nowNs()
    }

    // MARK: - What the kernel knows

    func load(on address: SocketAddress, of pid: Int?) -> PortUse.Load? { PortUse.Load() }

    func clockStatement() -> ClockStatement? { nil }

    func facts(ofGroup group: pid_t) -> GroupFacts { GroupFacts() }

    func sharedCounts(of pid: Int, descriptor: Int) -> (any KilledCountsSource)? { NoCounts() }

    func place(
        of address: TargetAddress, pickingPort: Bool
    ) throws(StartError) -> SocketAddress {
        guard let place = SocketAddress(numericHost: address.hostText, port: address.port) else {
            throw StartError("\(address.text) is no numeric address")
        }
        return place.port == 0 && pickingPort ? place.with(port: 20_000) : place
    }

    func tryBinding(_ address: TargetAddress) throws(StartError) {}

    var controlGroup: ControlGroup { ControlGroup(reading: { _ in nil }) }
}

/// The timers of a host in a heap: the earliest is first, of equal ones that set first.
private struct TimerHeap {
    struct Timer {
        let dueNs: Int64
        let ticket: Int

        func precedes(_ other: Timer) -> Bool {
            dueNs != other.dueNs ? dueNs < other.dueNs : ticket < other.ticket
        }
    }

    private var timers: [Timer] = []

    mutating func add(_ timer: Timer) {
        timers.append(timer)
        var place = timers.count - 1
        while place > 0, timers[place].precedes(timers[(place - 1) / 2]) {
            timers.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeFirst() -> Timer? {
        guard let last = timers.popLast() else { return nil }
        guard let first = timers.first else { return last }
        timers[0] = last
        var place = 0
        while true {
            var least = 2 * place + 1
            if least + 1 < timers.count, timers[least + 1].precedes(timers[least]) { least += 1 }
            guard least < timers.count, timers[least].precedes(timers[place]) else { return first }
            timers.swapAt(place, least)
            place = least
        }
    }
}

/// The counts of a responder that was killed before it received anything.
private struct NoCounts: KilledCountsSource {
    func sums(streams: [Int], lanes: Int) -> KilledCounts? {
        KilledCounts(streams: streams.map { _ in ResponderCounts() })
    }
}

struct SimulatedFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
