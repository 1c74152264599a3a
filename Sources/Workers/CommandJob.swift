import Datagrams
import Glibc

/// Starts a user's own program, watches over it and ends it: the worker of a `command` responder.
///
/// The program is a grandchild of the runner, so that its end is certain however the runner ends:
/// the worker's input closes and the worker ends the program's whole process group. Should the
/// worker itself be killed, the kernel kills the program (PR_SET_PDEATHSIG) and a guard, a process
/// that does nothing else, kills what the program has forked.
///
/// What the program leaves behind in a session of its own, as a daemon does, becomes a child of
/// the worker, and ends with the others.
final class CommandJob {
    /// How often the program is asked for an answer until it gives one.
    static let askEveryMs: Int32 = 50
    /// How long an answer is waited for before the program's output is looked at.
    private static let answerLookMs: Int32 = 4
    /// Rest between two looks at the output: a look for each line would cost the program its
    /// processor.
    static let readRestNs: Int64 = 1_000_000
    /// TERM, then so long, then KILL.
    static let patienceNs: Int64 = 1_000_000_000
    /// What the program may write ahead of the worker; without the right to it, 64 KiB.
    private static let pipeBytes = 1 << 20
    /// Chunks that are read in a row: a program that writes without end must not hold the worker.
    private static let chunksInARow = 64
    /// Rounds of killing orphans: each may have left some of its own.
    private static let orphanRounds = 64

    private let assignment: CommandAssignment
    let address: SocketAddress
    let pid: Int32
    /// The reading end of what the program writes, for poll(2); -1 since it has ended.
    private(set) var output: Int32
    private let guardian: (descriptor: Int32, pid: Int32)
    private var tail: OutputTail
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    private var ending: ProcessControl.Ending?
    /// Kept as long as the program: the answers to the last questions may come after the first one
    /// that is seen, and must not meet a closed port.
    private var asker: ReadinessAsker?

    /// - Throws: When the program cannot be started: `command` where the program is the reason,
    ///   `setUp` where this host refuses a process, a pipe or memory.
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

    /// Whose failure it is that a program could not be started: the errnos of execve(2) that speak
    /// of the file to be run are the program's, and all others, such as fork(2)'s EAGAIN and
    /// ENOMEM, are this host's.
    static func kind(ofStart errno: SystemErrno) -> WorkerFailure.Kind {
        switch errno.rawValue {
        case ENOENT, EACCES, ENOEXEC, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, ETXTBSY, ELIBBAD:
            .command
        default: .setUp
        }
    }

    /// Without a guard the program must not run: nobody would end what it has forked.
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

    /// Asks until the program answers.
    /// - Throws: `command` when it ends, or does not answer in time: with its last lines. `setUp`
    ///   when this host lets no question out, or no answer in.
    func waitUntilItAnswers(isCancelled: () -> Bool) throws(WorkerFailure) {
        let untilNs = LinuxClock().nowNs() + assignment.readyTimeoutNs
        let asker: ReadinessAsker
        do throws(SystemFailure) {
            asker = try ReadinessAsker(address)
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
        self.asker = asker
        while LinuxClock().nowNs() < untilNs, !isCancelled() {
            if look() { throw failure("ended before it answered", ending) }
            let askedNs = LinuxClock().nowNs()
            asker.ask()
            // A closed port answers at once with a reset: do not ask in a tight loop.
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

    /// Reads what the program wrote and looks whether it still runs: `true` when it has ended.
    func look() -> Bool {
        readOutput()
        // Orphans are reaped as well, or they would stay as zombies for the rest of the run.
        while let child = ProcessControl.reapAny() {
            if child.pid == pid { ending = child.ending }
        }
        return ending != nil
    }

    var endedByItself: WorkerFailure { failure("ended in mid-run", ending) }

    /// Ends the whole process group: TERM, a second, KILL; the program is reaped.
    func end() -> CommandResult {
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
            exitCode: ending?.exitCode, signal: ending?.signal, output: tail.finish())
    }

    /// Ends what has left the process group. Its children become this process's in turn.
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

    /// Reads what there is. A pipe that nobody can write to any more is closed, so that poll(2)
    /// does not speak of it forever.
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
