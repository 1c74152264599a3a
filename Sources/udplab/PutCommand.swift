import ArgumentParser
import Lab
import Plans
import Reports

struct PutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Copy this program to the other hosts of a plan.",
        discussion: """
            Examples:
              udplab put plan.json
              udplab put plan.json b

            Each host gets the program at the path that the plan has as its "udplab", by the words \
            of its "launch": dd writes it beside its place, chmod makes it a program, and mv puts \
            it in place. Then the host is asked for its version. udplab doctor --plan tries the \
            ways between the hosts afterwards. Exit code 75 if a host does not have it then.
            """)

    @Argument(help: "The plan.", completion: .plan)
    var plan: String

    @Argument(help: "Only these hosts of the plan.")
    var hosts: [String] = []

    @OptionGroup(title: "Varying the plan")
    var varying: VariationOptions

    func run() async throws {
        let plan: Plan
        do {
            plan = try varying.load(self.plan)
        } catch let error as PlanError {
            Console.say("\(error)")
            throw ExitCode(ExitStatus.planError.rawValue)
        }
        let known = plan.hosts.map(\.name)
        for host in hosts where !known.contains(host) {
            throw ValidationError(
                "the plan has no host \"\(host)\"; it has \(known.joined(separator: ", "))")
        }
        let chosen = plan.hosts.filter { hosts.isEmpty || hosts.contains($0.name) }
        if chosen.isEmpty { Console.say("udplab: the plan has no other hosts") }
        let interruption = Interruption()
        try interruption.install()
        var status = ExitStatus.passed
        for host in chosen {
            do {
                try await ProgramCopy(to: host).put()
                let report = try await HostExamination.version(
                    of: host, version: UDPLab.version, interruption: interruption)
                Console.result("\(host.name): udplab \(report) at \(host.program)\n")
            } catch {
                Console.say("udplab: \(error)")
                status = .inconclusive
            }
        }
        throw ExitCode(status.rawValue)
    }
}
