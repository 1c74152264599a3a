import Datagrams
import Glibc
import Harness
import JSON
import Testing

/// Each system call that the program makes is refused in turn, as a container's seccomp filter or
/// an old kernel does: the program does without it, or ends soon with a sentence that names what
/// the call is for. Never is the network blamed.
///
/// Not refused are those without which no program gets as far as its first line: with execve, mmap,
/// munmap, mprotect, brk, arch_prctl, openat, newfstatat, read, pread64 and close the dynamic
/// loader makes it; and exit and exit_group, without which no thread and no process ends.
@Suite struct DenialTests {
    /// Calls that are refused together, and what the program says then: `nil` where it has to do
    /// its work all the same.
    struct Denial: CustomTestStringConvertible, Sendable {
        let calls: [String]
        /// A part of the sentence; the same for both errnos.
        let says: String?
        var mayWork = false

        init(_ calls: String..., says: String? = nil, mayWork: Bool = false) {
            self.calls = calls
            self.says = says
            self.mayWork = mayWork
        }

        var testDescription: String { calls.joined(separator: " and ") }
    }

    /// What every verb makes before it does anything.
    static let ofRuntime = [
        Denial("futex", says: "which has threads wait for each other"),
        // Nothing can be said then: the exit code is all there is.
        Denial("write", says: ""),
        Denial("gettid", says: "which tells threads apart"),
        Denial("getpid", says: "which tells processes apart"),
        Denial("epoll_create1", says: "which waits for files and timers"),
        Denial("epoll_ctl", says: "which waits for files and timers"),
        Denial("epoll_wait", says: "which waits for files and timers"),
        Denial("eventfd2", says: "which wakes a thread that waits"),
        Denial("timerfd_create", says: "which wakes a thread at a time"),
        Denial("timerfd_settime", says: "which wakes a thread at a time"),
        // glibc makes up for a clone3 that is not there, and not for one that is not allowed.
        Denial("clone3", says: "which starts a thread", mayWork: true),
        Denial("clone3", "clone", says: "which starts a thread"),
    ]

    static let ofRuns =
        ofRuntime + [
            Denial("pipe2", says: "cannot catch signals"),
            Denial("dup2", says: "which gives a worker process its streams"),
            Denial("fcntl", says: "fcntl"),
            Denial("setpgid", says: "which gives a worker a process group of its own"),
            Denial("waitid", says: "which learns how a worker ended"),
            Denial("epoll_pwait", says: "which waits for the end of a worker"),
            Denial("poll", says: "which has a worker wait for its orders"),
            Denial("kill", says: "which ends a worker process"),
            Denial("rt_sigaction", says: "catch signals"),
            Denial("socket", says: "socket of UDP"),
            Denial("bind", says: "cannot bind"),
            Denial("connect", says: "cannot reach"),
            Denial("getsockname", says: "learn the address"),
            Denial("sendmmsg"),
            Denial("recvmmsg"),
            Denial("sendmsg"),
            Denial("recvmsg"),
            Denial("sendmsg", "sendmmsg", says: "cannot send datagrams"),
            Denial("recvmsg", "recvmmsg", says: "cannot receive datagrams"),
            Denial("sendto"),
            Denial("recvfrom"),
            Denial("epoll_pwait2"),
            Denial("epoll_pwait2", "ppoll"),
            Denial("epoll_pwait2", "ppoll", "epoll_pwait", says: "epoll_pwait"),
            Denial("setsockopt"),
            Denial("getsockopt"),
            Denial("fsync", says: "report"),
            Denial("linkat", says: "report", mayWork: true),
            Denial("renameat", says: "report", mayWork: true),
            Denial("unlinkat"),
            Denial("getdents64"),
            Denial("flock", says: "report", mayWork: true),
            Denial("prlimit64"),
            Denial("prctl"),
            Denial("setpriority"),
            Denial("sched_setaffinity"),
            Denial("sched_getaffinity"),
            Denial("uname"),
            Denial("getrusage"),
            Denial("getrandom"),
            Denial("close_range"),
            Denial("pidfd_open"),
            Denial("pidfd_send_signal"),
            Denial("clock_nanosleep"),
            Denial("rt_sigprocmask"),
            Denial("sigaltstack"),
            Denial("ioctl"),
            Denial("lseek"),
            Denial("readlink"),
            Denial("madvise"),
            Denial("statx"),
            Denial("getppid"),
        ]

    private static let launcher = Task {
        try await DenialLauncher(calls: Set((ofRuns).flatMap(\.calls)).sorted())
    }

    /// No slot is missed at `max`, and nothing is late within this timeout, on however busy a
    /// machine.
    private static var plan: PlanText {
        var plan = PlanText(
            senders: [PlanText.sender(rate: "max", length: #""count": 200"#)])
        plan.thresholds = ["loss.ratio < 1%"]
        plan.timeout = "20s"
        return plan
    }

    /// How long a program may take that is refused something: then it hangs.
    private static let patience = Duration.seconds(60)
    private static let codes: Set<Int32?> = [0, 75, 70, 64]

    @Test("T18 a run does without a call, or says what it is for", arguments: ofRuns)
    func t18Run(denial: Denial) async throws {
        for errno in [ENOSYS, EPERM] {
            let trial = try Trial(Self.plan)
            let ended = try await end(
                Trial.arguments, refusing: denial, errno, in: trial.directory)
            check(ended, denial, errno)
            try expectNothingLeft(
                in: trial.directory, denial, keeping: ["plan.json", "report.json"])
            guard trial.directory.exists("report.json") else { continue }
            let report = try trial.report()
            let comment: Comment = "\(denial), errno \(errno): \(ended.all)"
            #expect(report.verdict == (ended.code == 0 ? "pass" : "inconclusive"), comment)
            for stream in report.streams {
                for account in ["forward_lost", "backward_lost", "lost_unsplit"] {
                    #expect(stream.integer("ledger.\(account)") ?? 0 == 0, comment)
                }
            }
            if denial.says == nil {
                #expect(report.streams.first?.integer("ledger.received") ?? 0 > 0, comment)
            }
        }
    }

    @Test(
        "T18 the other verbs do without a call, or say what it is for",
        arguments: [["check", "plan.json"], ["schema"], ["doctor"]], ofRuntime)
    func t18Others(verb: [String], denial: Denial) async throws {
        let trial = try Trial()
        for errno in Sweep.isWide ? [ENOSYS, EPERM] : [EPERM] {
            let ended = try await end(verb, refusing: denial, errno, in: trial.directory)
            check(ended, denial, errno)
        }
    }

    @Test(
        "T4 a server that cannot receive ends with the reason, and does not spin",
        arguments: [["echo"], ["echo", "--on-reset", "once"], ["listen"], ["chat"]])
    func t4Servers(verb: [String]) async throws {
        let directory = try TemporaryDirectory()
        let denial = Denial("recvmsg", "recvmmsg", says: "cannot receive datagrams")
        for errno in [ENOSYS, EPERM, EIO, ENOMEM] {
            let ended = try await end(
                verb + ["--port", "0"], refusing: denial, errno, in: directory)
            #expect(ended.code == 75, "\(ended.all)")
            check(ended, denial, errno)
        }
    }

    @Test(
        "T4 T5 the knobs choose the call, and `features` says so",
        arguments: [("recvmmsg", "recvmsg"), ("sendmmsg", "sendmsg")])
    func t4Knobs(knob: String, single: String) async throws {
        let trial = try Trial(Self.plan)
        // With the single call refused as well, `off` has nothing to fall back to but the other:
        // whoever called the batch call under `off` would not notice its refusal here.
        for (denied, state) in [([knob], "unsupported"), ([single], "on")] {
            let denial = Denial(denied[0])
            let ended = try await end(
                Trial.arguments + ["--force"], refusing: denial, EPERM, in: trial.directory)
            #expect(ended.code == 0, "\(ended.all)")
            let stream = try #require(try trial.report().streams.first)
            #expect(stream.at("features.\(knob)")?.string == state, "\(ended.all)")
            #expect(stream.integer("ledger.received") == stream.integer("ledger.sent"))
        }
        let off = try await end(
            Trial.arguments + ["--force", "--\(knob)", "off"], refusing: Denial(knob), EPERM,
            in: trial.directory)
        #expect(off.code == 0, "\(off.all)")
        let stream = try #require(try trial.report().streams.first)
        #expect(stream.at("features.\(knob)")?.string == "off")
    }

    // MARK: - One case

    private func end(
        _ arguments: [String], refusing denial: Denial, _ errno: Int32,
        in directory: TemporaryDirectory
    ) async throws -> Execution.Ended {
        let launcher = try await Self.launcher.value
        await Turnstile.shared.enter(1)
        do {
            let execution = try Execution(
                arguments, in: directory, launcher: launcher.words(errno, denial.calls))
            let ended = try await execution.end(within: Self.patience)
            await Turnstile.shared.leave(1)
            return ended
        } catch {
            await Turnstile.shared.leave(1)
            throw HarnessError("\(denial), errno \(errno): \(error)")
        }
    }

    private func check(_ ended: Execution.Ended, _ denial: Denial, _ errno: Int32) {
        let comment: Comment = "\(denial), errno \(errno): \(ended.all)"
        #expect(Self.codes.contains(ended.code), comment)
        if let says = denial.says {
            if ended.code != 0 { #expect(says.isEmpty || ended.errors.contains(says), comment) }
            if !denial.mayWork { #expect(ended.code != 0, comment) }
        } else {
            #expect(ended.code == 0, comment)
        }
    }

    /// No file of the run's and no process that works in its directory.
    private func expectNothingLeft(
        in directory: TemporaryDirectory, _ denial: Denial, keeping names: Set<String>
    ) throws {
        // What may not be removed stays: a second name of the report, which the next run removes.
        let left = Set(directory.names).subtracting(names).filter {
            !(denial.calls == ["unlinkat"] && $0.hasSuffix(".tmp"))
        }
        #expect(left == [], "\(denial)")
        let working = TemporaryDirectory.names(in: "/proc").compactMap(Int32.init).filter { pid in
            var path = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/\(pid)/cwd", &path, path.count)
            return count > 0
                && String(decoding: path.prefix(count).map(UInt8.init), as: UTF8.self)
                    == directory.path
        }
        #expect(working == [], "\(denial)")
    }
}
