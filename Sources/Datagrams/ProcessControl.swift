import CLinuxUDP
import Glibc

/// What a worker needs of its own process, and of a program that it watches over.
package enum ProcessControl {
    /// Ends this process when its parent is gone, whatever its standard input says.
    package static func endWithParent() { _ = udplab_end_with_parent() }

    /// What top(1) and pgrep(1) call this process, at most 15 octets: a worker is started over
    /// /proc/self/exe and would be an `exe` among others.
    package static func setName(_ name: String) { _ = udplab_set_thread_name(name) }

    /// Starts a program in a process group of its own. It is killed by the kernel when the
    /// calling thread ends, so call this from a thread that lives as long as the process.
    /// - Parameter output: Where its standard output and standard error go.
    /// - Returns: Its process id, which is also that of the group.
    package static func spawnGuarded(
        _ arguments: [String], output: Int32
    ) throws(SystemFailure) -> Int32 {
        var pointers = arguments.map { strdup($0) }
        pointers.append(nil)
        let result = udplab_spawn_guarded(pointers, output)
        for pointer in pointers { free(pointer) }
        guard result > 0 else {
            throw SystemFailure(
                "cannot start", arguments.first ?? "", SystemErrno(rawValue: -result),
                advice: startAdvice(-result))
        }
        return result
    }

    /// What execvp(3) would find wrong with a program's name now; nil when it can be executed.
    package static func obstacle(toStarting program: String) -> SystemErrno? {
        if program.utf8.contains(UInt8(ascii: "/")) {
            return access(program, X_OK) == 0 ? nil : SystemErrno(rawValue: errno)
        }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/bin:/usr/bin"
        let isThere = path.split(separator: ":", omittingEmptySubsequences: false).contains {
            access("\($0.isEmpty ? "." : $0)/\(program)", X_OK) == 0
        }
        return isThere ? nil : SystemErrno(rawValue: ENOENT)
    }

    private static func startAdvice(_ errno: Int32) -> String {
        switch errno {
        case ENOENT: "is the program installed, and is its directory in PATH?"
        case EACCES: "is the file executable, and may this user read its directories?"
        case ENOEXEC: "a script begins with #! and its interpreter"
        case EAGAIN: "this host lets this user have no more processes (ulimit -u, pids.max)"
        default: ""
        }
    }

    /// Watches over a process group until `dismissGuard`: should this process end before, in
    /// whatever way, the whole group is killed. The kernel's own guard reaches only the program
    /// itself and not what it has forked.
    /// - Returns: What `dismissGuard` needs, and the guard's process id.
    package static func guardGroup(
        _ group: Int32
    ) throws(SystemFailure) -> (descriptor: Int32, pid: Int32) {
        var pid: pid_t = 0
        let result = udplab_guard_group(group, &pid)
        guard result >= 0 else {
            throw SystemFailure("fork", "", SystemErrno(rawValue: -result))
        }
        return (result, pid)
    }

    /// Makes this process the parent of what its descendants leave behind, also of a daemon that
    /// has left the process group. Where the host refuses it, that is init's.
    package static func adoptOrphans() { _ = udplab_adopt_orphans() }

    /// Reaps one child that has ended, whichever; nil when there is none.
    package static func reapAny() -> (pid: Int32, ending: Ending)? {
        var code: Int32 = -1
        var signal: Int32 = 0
        let pid = udplab_reap_any(&code, &signal)
        guard pid > 0 else { return nil }
        return (
            pid,
            Ending(exitCode: code >= 0 ? Int(code) : nil, signal: signal > 0 ? Int(signal) : nil)
        )
    }

    /// The processes that have this one for their parent (proc(5), children), as far as /proc says.
    package static func children() -> [Int32] {
        let path = "/proc/self/task/\(getpid())/children"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return [] }
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
            .compactMap { Int32($0) }
    }

    /// Has a pipe hold more than the usual 64 KiB, where this user may.
    package static func widenPipe(_ descriptor: Int32, toBytes bytes: Int) {
        udplab_widen_pipe(descriptor, Int32(clamping: bytes))
    }

    package static func dismissGuard(_ descriptor: Int32) { udplab_dismiss_guard(descriptor) }

    /// A pipe that no other program inherits; its reading end never waits.
    package static func pipe() throws(SystemFailure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        let result = udplab_pipe(&ends)
        guard result == 0 else {
            throw SystemFailure("pipe2", "", SystemErrno(rawValue: -result))
        }
        return (ends[0], ends[1])
    }

    /// How long a process may go on after a signal that asks it to stop: then it ends, whatever
    /// its threads wait for.
    private static let stopLimitS: UInt32 = 10

    /// Turns signals into octets: each one, when it comes, is its number in a pipe. Call it once.
    /// - Parameters:
    ///   - other: The one of them that does not ask the process to stop; nil for none.
    ///   - exitCode: Of a process that a signal has to end by itself.
    /// - Returns: The pipe's reading end.
    package static func catchSignals(
        _ numbers: [Int32], other: Int32?, exitCode: Int32
    ) throws(SystemFailure) -> Int32 {
        let result = udplab_catch_signals(
            numbers, Int32(numbers.count), other ?? 0, stopLimitS, exitCode)
        guard result >= 0 else {
            throw SystemFailure(
                "cannot catch signals", "(sigaction, pipe2, fcntl)", SystemErrno(rawValue: -result))
        }
        return result
    }

    /// Whether a signal has asked this process to stop. For loops that know no `Interruption`.
    package static var isStopRequested: Bool { udplab_stop_count() > 0 }

    /// Whether whoever started this process has told it to ignore the signal: nohup(1) does.
    package static func isIgnored(_ signal: Int32) -> Bool { udplab_is_ignored(signal) != 0 }

    /// Writes a line to standard error.
    package static func complain(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = write(2, bytes, bytes.count)
    }

    /// How a child ended: one of the two is set.
    package struct Ending: Sendable, Equatable {
        package let exitCode: Int?
        package let signal: Int?
    }

    /// `nil` while the child runs.
    package static func reap(_ pid: Int32) -> Ending? {
        var code: Int32 = -1
        var signal: Int32 = 0
        guard udplab_reap(pid, &code, &signal) != 0 else { return nil }
        return Ending(
            exitCode: code >= 0 ? Int(code) : nil, signal: signal > 0 ? Int(signal) : nil)
    }

    /// CPU seconds (user and system) and largest resident set of this process, or of its
    /// children that were reaped: getrusage(2).
    package static func usage(ofChildren: Bool = false) -> (cpuSeconds: Double, maxRSSBytes: Int) {
        var usage = rusage()
        getrusage(ofChildren ? -1 : 0, &usage)  // RUSAGE_CHILDREN, RUSAGE_SELF
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return (seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1024)
    }
}
