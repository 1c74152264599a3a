import ArgumentParser
import Datagrams

/// What `./lab bench` runs.
///
/// Everything happens on the main thread: a program that it starts dies with the thread that
/// started it (`ProcessControl.spawnGuarded`).
@main
struct Entry {
    static func main() { Bench.main(ProcessArguments.words) }
}

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "udplab-bench",
        abstract: "Hold udplab against this machine's limit and against other tools.",
        subcommands: [MeasureCommand.self, RawCommand.self],
        defaultSubcommand: MeasureCommand.self)
}
