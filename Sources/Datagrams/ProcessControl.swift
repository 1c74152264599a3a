import CLinuxUDP
import Glibc

/// Functions for a worker's own process, and for a program that it supervises.
package enum ProcessControl {
    /// Has the kernel end this process when its parent exits, independently of standard input.
    package static func endWithParent() { _ = udplab_end_with_parent() }

    /// Sets the name of this process for top(1) and pgrep(1), at most 15 bytes: a worker is started
    /// over /proc/self/exe and would otherwise be named `exe`.
    package static func setName(_ name: String) { _ = udplab_set_thread_name(name) }

    /// Starts a program in a process group of its own. The kernel kills the program when the
    /// calling thread exits, so that thread must run as long as the process.
    /// - Parameter output: The descriptor for the program's standard output and standard error.
    /// - Returns: The program's process id, which is also that of the group.
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

    /// Returns the error that execvp(3) would report for a program's name now; nil if the program
    /// can be executed.
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

    /// Guards a process group until `dismissGuard`: if this process exits before, in whatever way,
    /// the whole group is killed. The kernel's parent-death signal reaches only the program itself
    /// and not its children.
    /// - Returns: The descriptor for `dismissGuard`, and the guard's process id.
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

    /// Makes this process the parent of orphaned descendants, including a daemon that has left the
    /// process group. If the host refuses this, init is their parent.
    package static func adoptOrphans() { _ = udplab_adopt_orphans() }

    /// Reaps any one child that has ended; nil if there is none.
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

    /// Returns the children of this process (proc(5), children), as far as /proc lists them.
    package static func children() -> [Int32] {
        let list = KernelFile.text("/proc/self/task/\(getpid())/children") ?? ""
        return list.split(separator: " ").compactMap { Int32($0) }
    }

    /// Enlarges a pipe beyond the usual 64 KiB, where this user is permitted to.
    package static func widenPipe(_ descriptor: Int32, toBytes bytes: Int) {
        udplab_widen_pipe(descriptor, Int32(clamping: bytes))
    }

    package static func dismissGuard(_ descriptor: Int32) { udplab_dismiss_guard(descriptor) }

    /// Makes a pipe that no other program inherits; its reading end never blocks.
    package static func pipe() throws(SystemFailure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        let result = udplab_pipe(&ends)
        guard result == 0 else {
            throw SystemFailure("pipe2", "", SystemErrno(rawValue: -result))
        }
        return (ends[0], ends[1])
    }

    /// The time limit for a process after a stop signal: the process then exits, whatever its
    /// threads wait for.
    private static let stopLimitS: UInt32 = 10

    /// Turns signals into bytes: each signal's number is written to a pipe. To be called once.
    /// - Parameters:
    ///   - other: The signal among them that does not stop the process; nil for none.
    ///   - exitCode: The exit code of a process that the signal handler has to end.
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

    /// Whether a signal has requested this process to stop. For loops without an `Interruption`.
    package static var isStopRequested: Bool { udplab_stop_count() > 0 }

    /// Whether the parent process had the signal ignored, as nohup(1) does.
    package static func isIgnored(_ signal: Int32) -> Bool { udplab_is_ignored(signal) != 0 }

    /// Writes a line to standard error.
    package static func complain(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = write(2, bytes, bytes.count)
    }

    /// The ending of a child: either `exitCode` or `signal` is set.
    package struct Ending: Sendable, Equatable {
        package let exitCode: Int?
        package let signal: Int?
    }

    /// Reaps a child; `nil` while it runs.
    package static func reap(_ pid: Int32) -> Ending? {
        var code: Int32 = -1
        var signal: Int32 = 0
        guard udplab_reap(pid, &code, &signal) != 0 else { return nil }
        return Ending(
            exitCode: code >= 0 ? Int(code) : nil, signal: signal > 0 ? Int(signal) : nil)
    }

    /// Returns CPU seconds (user and system) and largest resident set of this process, or of its
    /// reaped children: getrusage(2).
    package static func usage(ofChildren: Bool = false) -> (cpuSeconds: Double, maxRSSBytes: Int) {
        var usage = rusage()
        getrusage(ofChildren ? -1 : 0, &usage)  // RUSAGE_CHILDREN, RUSAGE_SELF
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return (seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1024)
    }
}
