import Glibc

/// Stands between the runner and a program of the user's, which knows nothing of a control pipe:
/// it starts the program, and when its own standard input closes (so the runner has stopped it, or
/// has died in whatever way) it ends the program and all that the program started.
///
/// It runs as a process of its own, this executable under a hidden verb, as the leader of the
/// process group that ``WorkerSpecification/configuration`` makes. SIGTERM from the runner reaches
/// the whole group; the guard ignores it, and ends as the program ends.
package enum CommandGuard {
    /// What env(1) and the shells exit with when a program cannot be started.
    package static let cannotStart: Int32 = 127

    /// Runs `command` until it ends or standard input closes.
    ///
    /// - Returns: the program's exit code. If a signal ended the program, the same signal ends this
    ///   process, so that whoever waits for it sees the truth.
    package static func run(_ command: [String]) -> Int32 {
        signal(SIGTERM, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        guard let name = command.first else { return cannotStart }
        var child = pid_t()
        let failure = spawn(command, &child)
        guard failure == 0 else {
            let text = "cannot start \(name): \(String(cString: strerror(failure)))\n"
            // There is nobody left to tell if standard error is gone too.
            _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            return cannotStart
        }
        var thread = pthread_t()
        guard pthread_create(&thread, nil, { _ in CommandGuard.awaitEndOfInput() }, nil) == 0 else {
            kill(0, SIGKILL)
            return cannotStart
        }
        return end(like: status(of: child))
    }

    /// posix_spawn(3), looked up in `PATH`, with `/dev/null` as standard input and every signal at
    /// its default. The program stays in this process group.
    private static func spawn(_ command: [String], _ child: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        guard let name = arguments.first ?? nil else { return ENOMEM }
        return posix_spawnp(&child, name, &actions, &attributes, arguments, environ)
    }

    /// The runner writes nothing here, so whatever read(2) returns at last is the end. The second
    /// kill is for a program that ignores the first, and ends this process as well.
    private static func awaitEndOfInput() -> UnsafeMutableRawPointer? {
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { break }
        }
        kill(0, SIGTERM)
        sleep(1)
        kill(0, SIGKILL)
        return nil
    }

    private static func status(of child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    /// The macros of wait(2) are out of Swift's reach: the low seven bits are the signal, the
    /// eighth the core dump, the next eight the exit code.
    private static func end(like status: Int32) -> Int32 {
        let terminatingSignal = status & 0x7f
        guard terminatingSignal != 0 else { return (status >> 8) & 0xff }
        var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
        signal(terminatingSignal, SIG_DFL)
        raise(terminatingSignal)
        return 128 + terminatingSignal
    }
}
