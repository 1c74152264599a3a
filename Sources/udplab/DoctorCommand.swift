import ArgumentParser
import JSON
import Lab
import Reports

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Report what this machine can and cannot measure.",
        discussion: """
            Examples:
              udplab doctor
              udplab doctor --json | jq -r '.findings[] | select(.level == "limit") | .mend'
              udplab doctor --clean

            Examines the kernel, limits, buffers, offloads, clocks, namespaces and sysctls, and \
            reports the consequence of each for a run, and the command that mends it, or that \
            none does. Changes nothing, except with --clean, which removes what a killed run has \
            left, and lists it.
            """)

    @Flag(help: "The findings, or with --clean what was removed, as JSON.")
    var json = false

    @Flag(
        help:
            "End workers whose runner has exited, and remove interfaces and namespaces named udplabN."
    )
    var clean = false

    func run() throws {
        if clean { return try removeLeftovers() }
        var facts = HostFacts.read()
        facts.namespaces = .probe()
        let examination = Doctor.Examination(facts)
        if json {
            Console.result(try JSONCoding.encode(examination).text(.pretty) + "\n")
        } else {
            Console.result(Doctor.text(examination.findings))
        }
    }

    private func removeLeftovers() throws {
        let leftovers = Leftovers.find()
        if leftovers.isEmpty, !json { Console.result("Nothing is left of any run.\n") }
        var status = ExitStatus.passed
        var removed: [JSONValue] = []
        var left: [JSONValue] = []
        for leftover in leftovers {
            do {
                try Leftovers.remove(leftover)
                removed.append(.string(leftover.description))
                if !json { Console.result("removed: \(leftover.description)\n") }
            } catch {
                Console.say("udplab: \(leftover.description) is still there: \(error)")
                left.append(.string("\(leftover.description): \(error)"))
                status = .inconclusive
            }
        }
        if json {
            let value = JSONValue.object([
                JSONMember(key: "removed", value: .array(removed)),
                JSONMember(key: "left", value: .array(left)),
            ])
            Console.result(try value.text(.pretty))
        }
        throw ExitCode(status.rawValue)
    }
}
