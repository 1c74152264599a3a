import Datagrams
import Glibc
import Loops

/// The worker of a `command` responder: starts a user's program, supervises it and ends it.
///
/// The program is a grandchild of the runner, so that it exits however the runner ends: the
/// worker's input closes and the worker ends the program's whole process group. If the worker
/// itself is killed, the kernel kills the program (PR_SET_PDEATHSIG) and a guard process kills the
/// program's children.
///
/// Processes that the program leaves in a session of their own, as a daemon is, become children of
/// the worker, which ends them too.
final class CommandJob {
    /// The interval at which the program is probed for readiness.
    static let askEveryMs: Int32 = 50
    /// The wait for an answer before the program's output is read.
    private static let answerLookMs: Int32 = 4
    /// The pause between two reads of the output: a read for each line would take the program's CPU
    /// time.
    static let readRestNs: Int64 = 1_000_000
    /// The time between TERM and KILL.
    static let patienceNs: Int64 = 1_000_000_000
    /// The output that the program may write ahead of the worker; 64 KiB if the kernel refuses this
    /// size.
    private static let pipeBytes = 1 << 20
    /// The maximum number of chunks read in a row: a program that writes without end must not block
    /// the worker.
    private static let chunksInARow = 64
    /// The maximum number of rounds of killing orphans: each may have left children of its own.
    private static let orphanRounds = 64

    private let assignment: CommandAssignment
    let address: SocketAddress
    let pid: Int32
    /// The reading end of the program's output, for poll(2); -1 after its end.
    private(set) var output: Int32
    private let guardian: (descriptor: Int32, pid: Int32)
    private var tail: OutputTail
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    private var ending: ProcessControl.Ending?
    /// The asker, kept as long as the program: answers to the last questions may arrive after the
    /// first one received, and must not meet a closed port.
    private var asker: ReadinessAsker?

    /// Starts the program.
    /// - Throws: If the program cannot be started: `command` if the program is the reason, `setUp`
    ///   if this host refuses a process, a pipe or memory.
    init(_ assignment: CommandAssignment) throws(WorkerFailure) {
        self.assignment = assignment
        guard let address = SocketAddress(numeric: assignment.address) else {
            throw WorkerFailure(.own, "\(assignment.address) is no numeric address")
        }
        self.address = address
        tail = OutputTail(lines: assignment.outputLines)
        ProcessControl.adoptOrphans()
        do throws(SystemFailure) {
            let pipe = try ProcessControl.pipe()
            defer { close(pipe.writing) }
            ProcessControl.widenPipe(pipe.writing, toBytes: Self.pipeBytes)
            output = pipe.reading
            let pid = try ProcessControl.spawnGuarded(assignment.command, output: pipe.writing)
            self.pid = pid
            guardian = try CommandJob.guarding(pid)
        } catch {
            throw WorkerFailure(CommandJob.kind(ofStart: error.errno), "\(error)")
        }
    }

    /// Returns the party at fault for a program that could not be started: the errnos of execve(2)
    /// about the file are the program's, and all others, such as fork(2)'s EAGAIN and ENOMEM, are
    /// this host's.
    static func kind(ofStart errno: SystemErrno) -> WorkerFailure.Kind {
        switch errno.rawValue {
        case ENOENT, EACCES, ENOEXEC, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, ETXTBSY, ELIBBAD:
            .command
        default: .setUp
        }
    }

    /// Guards the process group. Without a guard the program must not run: its children would have
    /// nobody to end them.
    private static func guarding(
        _ pid: Int32
    ) throws(SystemFailure) -> (descriptor: Int32, pid: Int32) {
        do throws(SystemFailure) {
            return try ProcessControl.guardGroup(pid)
        } catch {
            kill(-pid, SIGKILL)
            throw error
        }
    }

    deinit {
        ProcessControl.dismissGuard(guardian.descriptor)
        if output >= 0 { close(output) }
    }

    /// Probes the program for readiness.
    /// - Throws: `command` if the program exits, or does not answer in time: with its last lines.
    ///   `setUp` if this host fails all sends or receives.
    func waitUntilItAnswers(isCancelled: () -> Bool) throws(WorkerFailure) {
        let untilNs = LinuxClock().nowNs() + assignment.readyTimeoutNs
        let asker: ReadinessAsker
        do throws(SystemFailure) {
            asker = try ReadinessAsker(address, question: assignment.question)
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
        self.asker = asker
        while LinuxClock().nowNs() < untilNs, !isCancelled() {
            if look() { throw failure("ended before it answered", ending) }
            let askedNs = LinuxClock().nowNs()
            asker.ask()
            // A closed port causes a reset at once, which must not become a tight loop.
            let nextNs = askedNs + Int64(CommandJob.askEveryMs) * 1_000_000
            while LinuxClock().nowNs() < nextNs {
                if asker.isAnswered(withinMs: CommandJob.answerLookMs) { return }
                readOutput()
                DataThread.sleep(ns: CommandJob.readRestNs)
            }
        }
        let limit = "within \(assignment.readyTimeoutNs / 1_000_000) ms"
        if let obstacle = asker.obstacle {
            throw WorkerFailure(
                .setUp, "this host could not ask the program at \(address) \(limit): \(obstacle)",
                output: tail.lines)
        }
        throw failure("did not answer a datagram at \(address) \(limit)", nil)
    }

    /// Reads the program's output and checks whether it still runs: `true` if it has exited.
    func look() -> Bool {
        readOutput()
        // Orphans are reaped too, or they would remain zombies for the rest of the run.
        while let child = ProcessControl.reapAny() {
            if child.pid == pid { ending = child.ending }
        }
        return ending != nil
    }

    var endedByItself: WorkerFailure { failure("ended in mid-run", ending) }

    /// Ends the whole process group: TERM, a second, KILL; the program is reaped.
    func end() -> CommandResult {
        // The count goes with the sockets.
        let load = PortUse.load(on: address)
        if ending == nil {
            kill(-pid, SIGTERM)
            let untilNs = LinuxClock().nowNs() + CommandJob.patienceNs
            while !look(), LinuxClock().nowNs() < untilNs { usleep(5_000) }
        }
        kill(-pid, SIGKILL)
        while ending == nil, !look() { usleep(1_000) }
        endOrphans()
        readOutput()
        return CommandResult(
            exitCode: ending?.exitCode, signal: ending?.signal, output: tail.finish(),
            drops: load.flatMap { $0.sockets > 0 ? $0.drops : nil })
    }

    /// Ends processes that have left the process group. Their children become children of this
    /// process in turn.
    private func endOrphans() {
        for _ in 0..<Self.orphanRounds {
            let orphans = ProcessControl.children().filter { $0 != guardian.pid && $0 != pid }
            guard !orphans.isEmpty else { return }
            for orphan in orphans { kill(orphan, SIGKILL) }
            usleep(1_000)
            _ = look()
        }
    }

    private func failure(_ what: String, _ ending: ProcessControl.Ending?) -> WorkerFailure {
        let how =
            if let code = ending?.exitCode { " (exit \(code))" } else if let signal = ending?.signal
            { " (signal \(signal))" } else { "" }
        let program = assignment.command.joined(separator: " ")
        return WorkerFailure(
            .command, "the program `\(program)` \(what)\(how)", output: tail.finish())
    }

    /// Reads the available output. A pipe without writers is closed, so that poll(2) does not
    /// report it forever.
    func readOutput() {
        guard output >= 0 else { return }
        for _ in 0..<Self.chunksInARow {
            let count = chunk.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
            if count > 0 {
                chunk.withUnsafeBytes { tail.take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            } else if count < 0 {
                if errno != EINTR { return }
            } else {
                close(output)
                output = -1
                return
            }
        }
    }
}
