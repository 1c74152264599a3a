import Glibc
import Synchronization

/// One start of a program: its output in files, its end awaited with a deadline, killed by its
/// number when the test lets go of it.
package final class Execution: Sendable {
    /// Nothing takes longer here, on however slow a machine: then it hangs.
    package static let patience = Duration.seconds(240)

    /// How it ended, and what it left.
    package struct Ended: Sendable {
        package let code: Int32?
        package let signal: Int32?
        package let output: String
        package let errors: String

        /// For a failing test to show.
        package var all: String {
            "exit \(code.map(String.init) ?? "-") signal \(signal.map(String.init) ?? "-")\n"
                + "--- standard output\n\(output)--- standard error\n\(errors)"
        }
    }

    package let pid: Int32
    private let outputs: TemporaryDirectory
    private let ended = Mutex<Ended?>(nil)

    /// - Parameters:
    ///   - environment: Set on top of the test's own; nil unsets.
    ///   - launcher: Words to put in front, of a program that turns into the one after them.
    ///   - redirect: Shell redirections in place of capturing, such as `>&-`.
    package init(
        _ arguments: [String], program: String = Program.path, in directory: TemporaryDirectory,
        environment: [String: String?] = [:], launcher: [String] = [], redirect: String = ""
    ) throws {
        // A real fault is not meant: the Swift runtime would swallow a signal that is sent.
        // What the machine of the tests is, a build say, is none of the program's business.
        var variables =
            ["SWIFT_BACKTRACE": "enable=no", "COLUMNS": nil, "GITHUB_ACTIONS": nil]
            as [String: String?]
        variables.merge(environment) { $1 }
        var words = ["env", "-C", directory.path]
        for (name, value) in variables where value == nil { words += ["-u", name] }
        words += variables.compactMap { name, value in value.map { "\(name)=\($0)" } }
        words += launcher
        if !redirect.isEmpty { words += ["sh", "-c", "exec \"$@\" \(redirect)", "sh"] }
        outputs = try TemporaryDirectory()
        pid = try Self.spawn(words + [program] + arguments, outputs)
    }

    deinit {
        guard ended.withLock({ $0 == nil }) else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    package func signal(_ number: Int32) { kill(pid, number) }

    package var outputSoFar: String { text("output") }
    package var errorsSoFar: String { text("errors") }

    /// Its workers and what they started.
    package var descendants: [ProcessTable.Identity] { ProcessTable.descendants(of: pid) }

    /// Waits for its end; a program that hangs is killed, and the error has what it said.
    package func end(within limit: Duration = patience) async throws -> Ended {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while true {
            if let ended = reap() { return ended }
            guard clock.now < deadline else { break }
            try await nap(.milliseconds(10))
        }
        kill(pid, SIGKILL)
        while reap() == nil { try await nap(.milliseconds(10)) }
        throw HarnessError("it did not end within \(limit):\n\(text("output"))\(text("errors"))")
    }

    func reap() -> Ended? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            let signal = status & 0x7f
            ended = Ended(
                code: signal == 0 ? (status >> 8) & 0xff : nil,
                signal: signal == 0 ? nil : signal, output: text("output"),
                errors: text("errors"))
            return ended
        }
    }

    private func text(_ name: String) -> String {
        String(decoding: (try? outputs.read(name)) ?? [], as: UTF8.self)
    }

    /// What this process has open is none of the program's business, and would count for it.
    private static func keepDescriptors() {
        for descriptor in TemporaryDirectory.names(in: "/proc/self/fd").compactMap(Int32.init)
        where descriptor > 2 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    private static func spawn(_ words: [String], _ outputs: TemporaryDirectory) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputs.file("output"), flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, outputs.file("errors"), flags, 0o644)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        keepDescriptors()
        var pointers = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var pid: Int32 = 0
        let result = posix_spawnp(&pid, words[0], &actions, &attributes, &pointers, environ)
        guard result == 0 else { throw HarnessError("posix_spawn \(words): \(result)") }
        return pid
    }
}

extension Execution {
    /// Runs the program to its end.
    package static func run(
        _ arguments: [String], program: String = Program.path, in directory: TemporaryDirectory,
        environment: [String: String?] = [:], launcher: [String] = [], redirect: String = "",
        places: Int = 1
    ) async throws -> Ended {
        try await during(
            arguments, program: program, in: directory, environment: environment,
            launcher: launcher, redirect: redirect, places: places
        ) { _ in }
    }

    /// Runs the program, does `body` meanwhile, and waits for the end.
    package static func during(
        _ arguments: [String], program: String = Program.path, in directory: TemporaryDirectory,
        environment: [String: String?] = [:], launcher: [String] = [], redirect: String = "",
        places: Int = 1, _ body: (Execution) async throws -> Void
    ) async throws -> Ended {
        let places = Turnstile.isInside ? 0 : places
        await Turnstile.shared.enter(places)
        let result: Result<Ended, any Error>
        do {
            let execution = try Execution(
                arguments, program: program, in: directory, environment: environment,
                launcher: launcher, redirect: redirect)
            try await Attendant.attend {
                try await Turnstile.$isInside.withValue(true) { try await body(execution) }
            }
            result = .success(try await execution.end())
        } catch {
            result = .failure(error)
        }
        await Turnstile.shared.leave(places)
        return try result.get()
    }
}

/// Whether `condition` becomes true before it is hopeless to wait any longer.
package func eventually(
    within limit: Duration = .seconds(10), _ condition: () -> Bool
) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while clock.now < deadline {
        if condition() { return true }
        try await nap(.milliseconds(20))
    }
    return condition()
}

extension Execution {
    /// Whether it has not ended yet.
    package var isRunning: Bool { reap() == nil }
}
