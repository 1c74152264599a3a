import ArgumentParser
import Glibc
import Workers

@main
struct UDPLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "udplab", subcommands: [WorkerCommand.self])
}

/// What the runner spawns; people have no use for it.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)
    func run() throws { Glibc.exit(Worker.main()) }
}
