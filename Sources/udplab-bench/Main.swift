import ArgumentParser
import Datagrams

/// The entry point of the program that `./lab bench` runs.
///
/// Everything happens on the main thread: the kernel kills a started program when the thread that
/// started it exits (`ProcessControl.spawnGuarded`).
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
