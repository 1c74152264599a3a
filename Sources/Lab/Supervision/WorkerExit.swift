import Glibc

/// The exit of a worker, and its resource usage.
package struct WorkerExit: Sendable, Equatable, CustomStringConvertible {
    /// The exit code, `nil` if a signal ended the worker.
    package let code: Int32?
    /// The signal that ended the worker, `nil` if it exited.
    package let signal: Int32?
    /// Whether the kernel wrote a core dump, `nil` if unknown.
    package let coreDumped: Bool?
    /// The user and system time of all threads. Read from the zombie's `/proc/PID/stat` before it
    /// is reaped (proc(5)), so that it is available for a killed worker too; in steps of 10 ms.
    package let cpuSeconds: Double?
    /// The largest resident set observed, in bytes: `VmHWM` of proc(5), read at every message and
    /// before the end. `ru_maxrss` is not used: after a vfork it starts at the runner's size.
    package let maxRssBytes: Int?
    /// The processes of its host that the kernel ended for want of memory while the worker ran;
    /// `nil` if unknown.
    package let oomKills: Int?

    package init(
        code: Int32?, signal: Int32?, coreDumped: Bool? = nil, cpuSeconds: Double? = nil,
        maxRssBytes: Int? = nil, oomKills: Int? = nil
    ) {
        self.oomKills = oomKills
        self.code = code
        self.signal = signal
        self.coreDumped = coreDumped
        self.cpuSeconds = cpuSeconds
        self.maxRssBytes = maxRssBytes
    }

    /// The code with which udplab exits if its host keeps it from going on: EX_TEMPFAIL of
    /// sysexits(3).
    private static let codeOfHost: Int32 = 75

    /// Whether the worker gave up because of its host, and said why on standard error.
    package var wasRefusedByHost: Bool { code == Self.codeOfHost }

    /// Whether a signal ended the worker that programs do not send themselves: an operator, a
    /// service manager or the kernel short of memory sent it, and the worker is not at fault.
    package var wasEndedFromOutside: Bool {
        guard let signal else { return false }
        return [SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM, SIGXCPU].contains(signal)
    }

    package var description: String {
        if wasRefusedByHost { return "could not go on on its host" }
        if let code { return "exited with code \(code)" }
        guard let signal else { return "ended in an unknown way" }
        let core = coreDumped == true ? " and dumped its core" : ""
        return "was ended by \(Self.name(ofSignal: signal))\(core)\(memory)"
    }

    /// The kernel's part in a SIGKILL, as far as it is known.
    private var memory: String {
        guard signal == SIGKILL, let oomKills, oomKills > 0 else { return "" }
        return " when its host was out of memory (the kernel's OOM killer ended \(oomKills) "
            + "\(oomKills == 1 ? "process" : "processes") meanwhile: oom_kill of /proc/vmstat; give it "
            + "more memory, or the plan a lower rate, fewer flows or a shorter \"timeout\")"
    }

    /// Returns `SIGKILL` for 9, and so on; `signal 34` for signals outside the first table of
    /// signal(7).
    package static func name(ofSignal signal: Int32) -> String {
        signalNames[signal] ?? "signal \(signal)"
    }

    /// The names of signals that end processes. Swift does not import glibc's own table,
    /// sigabbrev_np(3).
    private static let signalNames: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL",
        SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE",
        SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2",
        SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU",
        SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]
}
