import Datagrams
import Glibc

/// Starts a user's own program, watches over it and ends it: the worker of a `command` responder.
///
/// The program is a grandchild of the runner, so that its end is certain however the runner ends:
/// the worker's input closes and the worker ends the program's whole process group. Should the
/// worker itself be killed, the kernel kills the program (PR_SET_PDEATHSIG) and a guard, a process
/// that does nothing else, kills what the program has forked.
final class CommandJob {
    /// How often the program is asked for an answer until it gives one.
    static let askEveryMs: Int32 = 50
    /// TERM, then so long, then KILL.
    static let patienceNs: Int64 = 1_000_000_000
    static let outputBytesPerLineLimit = 512

    private let assignment: CommandAssignment
    let address: SocketAddress
    let pid: Int32
    private let output: Int32
    private let guardian: Int32
    private var lines: [String] = []
    private var partial: [UInt8] = []
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
        do throws(SystemFailure) {
            let pipe = try ProcessControl.pipe()
            defer { close(pipe.writing) }
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
    private static func guarding(_ pid: Int32) throws(SystemFailure) -> Int32 {
        do throws(SystemFailure) {
            return try ProcessControl.guardGroup(pid)
        } catch {
            kill(-pid, SIGKILL)
            throw error
        }
    }

    deinit {
        ProcessControl.dismissGuard(guardian)
        close(output)
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
            if asker.isAnswered(withinMs: CommandJob.askEveryMs) { return }
            // A closed port answers at once with a reset: do not ask in a tight loop.
            let restNs = askedNs + Int64(CommandJob.askEveryMs) * 1_000_000 - LinuxClock().nowNs()
            if restNs > 0 { usleep(UInt32(restNs / 1000)) }
        }
        let limit = "within \(assignment.readyTimeoutNs / 1_000_000) ms"
        if let obstacle = asker.obstacle {
            throw WorkerFailure(
                .setUp, "this host could not ask the program at \(address) \(limit): \(obstacle)",
                output: lines)
        }
        throw failure("did not answer a datagram at \(address) \(limit)", nil)
    }

    /// Reads what the program wrote and looks whether it still runs: `true` when it has ended.
    func look() -> Bool {
        readOutput()
        if ending == nil { ending = ProcessControl.reap(pid) }
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
        readOutput()
        return CommandResult(exitCode: ending?.exitCode, signal: ending?.signal, output: lines)
    }

    private func failure(_ what: String, _ ending: ProcessControl.Ending?) -> WorkerFailure {
        let how =
            if let code = ending?.exitCode { " (exit \(code))" } else if let signal = ending?.signal
            { " (signal \(signal))" } else { "" }
        let program = assignment.command.joined(separator: " ")
        return WorkerFailure(.command, "the program `\(program)` \(what)\(how)", output: lines)
    }

    private func readOutput() {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        // Bounded: a program that writes without end must not hold this loop.
        for _ in 0..<64 {
            let got = read(output, &chunk, chunk.count)
            guard got > 0 else { break }
            for octet in chunk[..<got] {
                if octet == UInt8(ascii: "\n") {
                    keepLine()
                } else if partial.count < CommandJob.outputBytesPerLineLimit {
                    partial.append(octet)
                }
            }
        }
        if ending != nil, !partial.isEmpty { keepLine() }
    }

    private func keepLine() {
        let text = String(decoding: partial, as: UTF8.self)
        lines.append(String(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
        partial.removeAll(keepingCapacity: true)
        if lines.count > assignment.outputLines {
            lines.removeFirst(lines.count - assignment.outputLines)
        }
    }
}
