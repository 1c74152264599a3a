import ArgumentParser
import Datagrams
import Glibc
import Lab
import Reports
import Workers

@main
struct Entry {
    /// The time limit for the first task to run. If a thread for it can no longer be started,
    /// nothing would ever happen.
    private static let beginningWithinNs: Int64 = 10_000_000_000
    private static let lookUs: UInt32 = 10_000

    /// Starts the program. A worker stays on its initial thread: a program that it starts is killed
    /// when that thread exits (PR_SET_PDEATHSIG), and no other thread runs as long as the process.
    static func main() {
        let words = ProcessArguments.words
        // Read above, and nobody else's to see.
        ProcessArguments.hideValues(of: "--secret-var")
        if words.first == "worker" { exit(Worker.main(Array(words.dropFirst()))) }
        if words.first == "agent" { serveAsAgent() }
        Console.openStandardStreams()
        // A reader that closes our output must not end a run.
        signal(SIGPIPE, SIG_IGN)
        // A file at its size limit (ulimit -f) fails write(2) with an errno instead of a signal.
        signal(SIGXFSZ, SIG_IGN)
        if let script = CompletionScript.asked(by: words) {
            Console.result(script)
            exit(Console.passed.rawValue)
        }
        // Help, and errors in the arguments, need nothing of the host.
        do {
            _ = try UDPLab.parseAsRoot(words)
        } catch {
            UDPLab.end(with: error)
        }
        if words.isEmpty { exit(UDPLab.sayHelp().rawValue) }
        if let refusal = HostRefusal.ofRuntime() {
            Console.say("udplab: \(refusal)")
            RefusalObject.write("\(refusal)", .inconclusive, for: words)
            exit(ExitStatus.inconclusive.rawValue)
        }
        let hasBegun = RaisedFlag()
        // Detached: this thread is the main actor's, and only waits.
        Task.detached {
            hasBegun.raise()
            await UDPLab.conduct(words)
            exit(Console.passed.rawValue)
        }
        let startNs = LinuxClock().nowNs()
        while !hasBegun.take() {
            guard LinuxClock().nowNs() - startNs < beginningWithinNs else {
                let reason = "no thread could be had to work on (ulimit -u, pids.max)"
                Console.say("udplab: \(reason)")
                RefusalObject.write(reason, .inconclusive, for: words)
                _exit(ExitStatus.inconclusive.rawValue)
            }
            usleep(lookUs)
        }
        while true { pause() }
    }
}

extension Entry {
    /// Serves a runner on another host, and ends with it.
    private static func serveAsAgent() -> Never {
        Agent.nameProcess()
        Task.detached { exit(await Agent.main(version: UDPLab.version)) }
        while true { pause() }
    }
}

struct UDPLab: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "udplab",
        abstract: "A load-testing and reliability lab for UDP.",
        discussion: """
            Reads a plan, sends real datagrams, accounts for every one of them, and writes a \
            report.

            Examples:
              udplab run :quickstart
              udplab search :capacity
              udplab init --for networks
              udplab check plan.json
              udplab explain rtt.p99
              udplab report result.json --format junit --output result.xml
              udplab compare before.json after.json
              udplab echo --port 7788
              udplab relay --to 127.0.0.1:7788 --loss 1%
              udplab send 127.0.0.1:7788 hello
              udplab resilience --command 'python3 server.py' --address 127.0.0.1:7788

            Completions: udplab --generate-completion-script bash, zsh or fish.

            Exit codes: 0 every gate passed · 99 a gate failed · 75 inconclusive, invalid or \
            incomplete · 104 the plan is invalid · 105 stopped by a signal · 64 usage · 70 a \
            fault of udplab itself.
            """,
        version: version,
        subcommands: [
            RunCommand.self, SearchCommand.self, CheckCommand.self, ListCommand.self,
            InitCommand.self,
            ExplainCommand.self, ReportCommand.self, CompareCommand.self, TrendCommand.self,
            SchemaCommand.self, EchoCommand.self, ReflectCommand.self, RelayCommand.self,
            SendCommand.self,
            ListenCommand.self, ChatCommand.self, ResilienceCommand.self, DoctorCommand.self,
            PutCommand.self,
        ])

    func run() async throws { throw ExitCode(Self.sayHelp().rawValue) }

    /// Prints the help. Without a verb nothing was done, and the status must not be success.
    static func sayHelp() -> ExitStatus {
        Console.say(helpMessage(columns: Console.width))
        return .usage
    }
}
