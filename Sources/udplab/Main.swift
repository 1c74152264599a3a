import ArgumentParser
import Glibc
import Workers

@main
struct Entry {
    /// A worker stays on the thread that the kernel gave it: a program that it starts is killed
    /// when that thread ends (PR_SET_PDEATHSIG), and no other lives as long as the process.
    static func main() {
        if CommandLine.arguments.dropFirst().first == "worker" { exit(Worker.main()) }
        Task {
            await UDPLab.main()
            exit(0)
        }
        while true { pause() }
    }
}

struct UDPLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "udplab", subcommands: [])
}
