import Datagrams
import Glibc
import JSON
import Loops
import Synchronization
import Workers

/// The program under test could not be started, and only the program can be the reason.
struct ServerNotStarted: Error, CustomStringConvertible {
    let description: String
}

/// The program under test. If the battery was given its command, a worker starts it, supervises it
/// and ends it; otherwise it runs already and only receives datagrams.
///
/// The methods block: they are for the battery's own thread.
final class ServerUnderTest: Sendable {
    /// The time limit for replies of a worker that need no work of the program.
    private static let answerWithin = Duration.seconds(20)
    /// The time limit for a program to exit on SIGTERM before its worker is ended as well.
    private static let stopGrace = Duration.seconds(3)
    /// The time limit for the worker to report an exit that was noticed already.
    private static let lastWordsWithinNs: Int64 = 2_000_000_000
    static let outputLinesKept = 40

    private struct State {
        var worker: WorkerProcess?
        var pid: Int32?
        var ending: String?
        var starts = 0
        /// The network of the worker, as options for it.
        var place: [String] = []
    }

    let target: ResilienceTarget
    private let crew: WorkerCrew
    private let options: ResilienceOptions
    private let state = Mutex(State())

    init(_ target: ResilienceTarget, crew: WorkerCrew, options: ResilienceOptions) {
        self.target = target
        self.crew = crew
        self.options = options
    }

    var isOwn: Bool { target.command != nil }
    /// Whether the server is started on another host.
    var isFar: Bool { target.far != nil }
    /// The loss of that host; nil while it can be reached.
    var loss: HostLoss? { target.far?.place.loss }
    /// The number of starts; nil if the battery did not start the program.
    var starts: Int? { isOwn ? state.withLock { $0.starts } : nil }
    /// The program's process group, while it runs.
    var group: Int32? { hasEnded ? nil : state.withLock { $0.pid } }

    /// Starts the program.
    /// - Throws: `ServerNotStarted` if the program cannot be started; `StartError` if this host
    ///   cannot start it.
    func start() throws {
        guard let command = target.command else { return }
        let assignment = CommandAssignment(
            command: command, address: target.address.description,
            readyTimeoutNs: Int64(options.readyTimeoutNs), outputLines: Self.outputLinesKept,
            asks: false)
        let (worker, ready) = try Bridge.wait { [self] in try await launch(assignment) }
        state.withLock { state in
            state.worker = worker
            state.pid = ready.commandPid.map { Int32($0) }
            state.ending = nil
            state.starts += 1
        }
        Task { [self] in await watch(worker) }
    }

    /// Has all further starts take place in this network.
    func move(to network: OwnNetwork) {
        state.withLock { $0.place = network.options }
    }

    private func launch(_ assignment: CommandAssignment) async throws -> (WorkerProcess, Ready) {
        let place = state.withLock { $0.place }
        var specification = WorkerSpecification(name: "server", arguments: ["worker"] + place)
        specification.executable = options.workerProgram
        let logger = options.logger
        specification.onDiagnostic = { logger.debug("server: \($0)") }
        let worker = try await crew.start(specification, at: target.far?.place)
        _ = try await worker.expect("hello", within: Self.answerWithin)
        let order = RunnerMessage.prepare(Assignment.command(assignment))
        try await worker.send(try order.json(), as: "prepare")
        let message: WorkerMessage
        do {
            message = try await worker.expect("ready", within: Self.answerWithin)
        } catch {
            if case .hostLost = error.reason { throw error }
            let sentence = Self.sentence(error)
            guard error.failure?.kind == .command else { throw StartError(sentence) }
            throw ServerNotStarted(description: sentence)
        }
        guard case .ready(let ready) = try WorkerReply(message.body) else {
            throw StartError("the worker gave no answer to prepare")
        }
        return (worker, ready)
    }

    /// Waits for the exit of the program. The exit of a worker that the battery itself stops is not
    /// reported.
    private func watch(_ worker: WorkerProcess) async {
        do throws(WorkerError) {
            _ = try await worker.expect("result", within: .seconds(86_400))
        } catch {
            let sentence = Self.sentence(error)
            state.withLock { state in
                guard state.worker === worker else { return }
                state.ending = sentence
            }
        }
    }

    private static func sentence(_ error: WorkerError) -> String {
        guard let failure = error.failure else { return error.summary }
        let last = lastWords(failure.output)
        let what = brief(failure.reason)
        return last.map { "\(what); its last words: \($0)" } ?? what
    }

    /// Returns the last line that names an error, as most languages print it; otherwise the last
    /// line. Some runtimes print their version, a stack or a hint after the error.
    private static func lastWords(_ output: [String]) -> String? {
        let lines = output.filter { !$0.isEmpty }
        let marks = ["Error", "Exception", "panic"]
        return lines.last { line in marks.contains { line.contains($0) } } ?? lines.last
    }

    /// Returns the worker's sentence without the command, which the card has in its title: `the
    /// program … ended in mid-run (exit 1)` becomes `the program ended (exit 1)`.
    private static func brief(_ reason: String) -> String {
        let marks = reason.indices.filter { reason[$0...].hasPrefix("` ended in mid-run") }
        guard let mark = marks.last else { return reason }
        return "the program ended" + reason[mark...].dropFirst("` ended in mid-run".count)
    }

    /// Ends the program and its process group.
    func stop() {
        let worker = state.withLock { state in
            defer {
                state.worker = nil
                state.pid = nil
            }
            return state.worker
        }
        guard let worker else { return }
        _ = try? Bridge.wait { _ = await worker.stop(grace: Self.stopGrace) }
    }

    /// Whether the program has exited by itself; never for a program of another owner.
    var hasEnded: Bool {
        state.withLock { state in
            if state.ending != nil { return true }
            // The worker reaps it within 50 ms, and then no process has the number. On another
            // host the number says nothing, and the worker tells the end.
            guard let pid = state.pid, !isFar else { return false }
            return kill(pid, 0) != 0
        }
    }

    /// Returns how the program ended, with its last lines, once that is known.
    func ending() -> String? {
        guard hasEnded else { return nil }
        let untilNs = LinuxClock().nowNs() + Self.lastWordsWithinNs
        while LinuxClock().nowNs() < untilNs {
            if let ending = state.withLock({ $0.ending }) { return ending }
            usleep(5_000)
        }
        return "the program ended"
    }

    /// Sends a signal to the program and its process group.
    @discardableResult
    func signal(_ number: Int32) -> Bool {
        guard let group else { return false }
        guard let far = target.far else { return kill(-group, number) == 0 }
        let sent: Int64? = try? Bridge.wait { await far.place.signal(number, group: group) }
        return sent != nil && far.place.loss == nil
    }

    /// Returns the load of the sockets at the server's address; nil if its host does not tell.
    func load() -> PortUse.Load? {
        guard let far = target.far else { return PortUse.load(on: target.address) }
        let address = target.address
        let load = try? Bridge.wait { await far.place.load(on: address, of: nil) }
        return load ?? nil
    }

    /// Returns what is known of the server's processes; nil if udplab did not start them, or they
    /// have ended.
    func facts() -> GroupFacts? {
        guard let group else { return nil }
        guard let far = target.far else { return .read(group: group) }
        return try? Bridge.wait { await far.place.facts(ofGroup: group) }
    }
}
