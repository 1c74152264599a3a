import Datagrams
import Glibc
import JSON
import Synchronization
import Workers

/// The program under test could not be started, and no other reason than the program is known.
struct ServerNotStarted: Error, CustomStringConvertible {
    let description: String
}

/// The program that is tried. Where the battery was given its command, a worker starts it, watches
/// it and ends it; else it runs already and can only be talked to.
///
/// Its methods block: they are for the battery's own thread.
final class ServerUnderTest: Sendable {
    /// How long a worker may take for what needs no work of the program's.
    private static let answerWithin = Duration.seconds(20)
    /// How long a program may take to end on SIGTERM before its worker is ended as well.
    private static let stopGrace = Duration.seconds(3)
    /// How long the worker may take to tell of an end that is seen already.
    private static let lastWordsWithinNs: Int64 = 2_000_000_000
    static let outputLinesKept = 40

    private struct State {
        var worker: WorkerProcess?
        var pid: Int32?
        var ending: String?
        var starts = 0
        /// Where its worker works, in words for the worker.
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
    /// How often it was started; nil when it is not the battery's.
    var starts: Int? { isOwn ? state.withLock { $0.starts } : nil }
    /// Its process group, while it runs.
    var group: Int32? { hasEnded ? nil : state.withLock { $0.pid } }

    /// - Throws: `ServerNotStarted` when the program is not one that can be started; `StartError`
    ///   when this host cannot start it.
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

    /// Every start from now on is in this network.
    func move(to network: OwnNetwork) {
        state.withLock { $0.place = network.options }
    }

    private func launch(_ assignment: CommandAssignment) async throws -> (WorkerProcess, Ready) {
        let place = state.withLock { $0.place }
        var specification = WorkerSpecification(name: "server", arguments: ["worker"] + place)
        specification.executable = options.workerProgram
        let logger = options.logger
        specification.onDiagnostic = { logger.debug("server: \($0)") }
        let worker = try await crew.start(specification)
        _ = try await worker.expect("hello", within: Self.answerWithin)
        let order = RunnerMessage.prepare(Assignment.command(assignment))
        try await worker.send(try order.json(), as: "prepare")
        let message: WorkerMessage
        do {
            message = try await worker.expect("ready", within: Self.answerWithin)
        } catch {
            let sentence = Self.sentence(error)
            guard error.failure?.kind == .command else { throw StartError(sentence) }
            throw ServerNotStarted(description: sentence)
        }
        guard case .ready(let ready) = try WorkerReply(message.body) else {
            throw StartError("the worker gave no answer to prepare")
        }
        return (worker, ready)
    }

    /// Waits for the end of the program. A worker that the battery itself stops says nothing.
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

    /// The last line that names an error, as most languages print it; else the last line. Some
    /// runtimes say their version, a stack or a hint after the error.
    private static func lastWords(_ output: [String]) -> String? {
        let lines = output.filter { !$0.isEmpty }
        let marks = ["Error", "Exception", "panic"]
        return lines.last { line in marks.contains { line.contains($0) } } ?? lines.last
    }

    /// The worker's sentence without the command, which the card has at its head:
    /// `the program … ended in mid-run (exit 1)` is `the program ended (exit 1)`.
    private static func brief(_ reason: String) -> String {
        let marks = reason.indices.filter { reason[$0...].hasPrefix("` ended in mid-run") }
        guard let mark = marks.last else { return reason }
        return "the program ended" + reason[mark...].dropFirst("` ended in mid-run".count)
    }

    /// Ends the program and all that it started.
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

    /// Whether the program has ended by itself; never for one that runs elsewhere.
    var hasEnded: Bool {
        state.withLock { state in
            if state.ending != nil { return true }
            // The worker reaps it within 50 ms, and then no process has the number.
            guard let pid = state.pid else { return false }
            return kill(pid, 0) != 0
        }
    }

    /// How it ended, with its last words, once that is known.
    func ending() -> String? {
        guard hasEnded else { return nil }
        let untilNs = LinuxClock().nowNs() + Self.lastWordsWithinNs
        while LinuxClock().nowNs() < untilNs {
            if let ending = state.withLock({ $0.ending }) { return ending }
            usleep(5_000)
        }
        return "the program ended"
    }

    /// Sends a signal to the program and all that it started.
    @discardableResult
    func signal(_ number: Int32) -> Bool {
        guard let group else { return false }
        return kill(-group, number) == 0
    }
}
