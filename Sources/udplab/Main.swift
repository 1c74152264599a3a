import ArgumentParser
import Logging

@main
struct UDPLab: AsyncParsableCommand {
    func run() async throws { print("hello") }
}
