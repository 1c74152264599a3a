import Glibc

/// How a worker ended, and what it used.
package struct WorkerExit: Sendable, Equatable, CustomStringConvertible {
    /// The exit code, `nil` when a signal ended it.
    package let code: Int32?
    /// The signal that ended it, `nil` when it exited.
    package let signal: Int32?
    /// Whether the kernel wrote a core dump, `nil` when that could not be read.
    package let coreDumped: Bool?
    /// User and system time of all its threads. Read from the zombie's `/proc/PID/stat` before it
    /// is reaped (proc(5)), so that it is there for a killed worker too; in steps of 10 ms.
    package let cpuSeconds: Double?
    /// The largest resident set seen, in bytes: `VmHWM` of proc(5), read at every message and
    /// before the end. `ru_maxrss` is not used: after a vfork it starts at the runner's size.
    package let maxRssBytes: Int?

    package init(
        code: Int32?, signal: Int32?, coreDumped: Bool? = nil, cpuSeconds: Double? = nil,
        maxRssBytes: Int? = nil
    ) {
        self.code = code
        self.signal = signal
        self.coreDumped = coreDumped
        self.cpuSeconds = cpuSeconds
        self.maxRssBytes = maxRssBytes
    }

    /// Whether a signal ended it that programs do not give themselves: an operator, a service
    /// manager or the kernel short of memory did it, and it is no fault of the worker's.
    package var wasEndedFromOutside: Bool {
        guard let signal else { return false }
        return [SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM, SIGXCPU].contains(signal)
    }

    package var description: String {
        if let code { return "exited with code \(code)" }
        guard let signal else { return "ended in an unknown way" }
        let core = coreDumped == true ? " and dumped its core" : ""
        return "was ended by \(Self.name(ofSignal: signal))\(core)"
    }

    /// `SIGKILL` for 9, and so on; `signal 34` for those that are not in signal(7)'s first table.
    package static func name(ofSignal signal: Int32) -> String {
        signalNames[signal] ?? "signal \(signal)"
    }

    /// What ends processes. glibc's own table, sigabbrev_np(3), is not visible to Swift.
    private static let signalNames: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL",
        SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE",
        SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2",
        SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU",
        SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]
}
