import ArgumentParser
import Glibc
import Lab
import Workers

@main
struct Entry {
    /// A worker stays on the thread that the kernel gave it: a program that it starts is killed
    /// when that thread ends (PR_SET_PDEATHSIG), and no other lives as long as the process.
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        if words.first == "worker" { exit(Worker.main(Array(words.dropFirst()))) }
        Console.openStandardStreams()
        // A reader of our output that goes away must not end a run.
        signal(SIGPIPE, SIG_IGN)
        // Detached: this thread is the main actor's, and it only waits.
        Task.detached {
            await UDPLab.conduct()
            exit(0)
        }
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
              udplab run Scenarios/quickstart.json
              udplab check plan.json
              udplab compare before.json after.json
              udplab echo --port 7788
              udplab relay --to 127.0.0.1:7788 --loss 1%
              udplab send 127.0.0.1:7788 hello
              udplab resilience --command 'python3 server.py' --address 127.0.0.1:7788

            Exit codes: 0 every gate passed · 99 a gate failed · 75 inconclusive, invalid or \
            incomplete · 104 the plan is wrong · 105 stopped by a signal · 64 usage · 70 a \
            fault of udplab itself.
            """,
        version: version,
        subcommands: [
            RunCommand.self, CheckCommand.self, CompareCommand.self, SchemaCommand.self,
            EchoCommand.self, RelayCommand.self, SendCommand.self, ListenCommand.self,
            ChatCommand.self, ResilienceCommand.self, DoctorCommand.self,
        ])
}
