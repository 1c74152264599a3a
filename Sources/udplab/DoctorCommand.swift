import ArgumentParser
import JSON
import Lab
import Plans
import Reports

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Report what this machine can and cannot measure.",
        discussion: """
            Examples:
              udplab doctor
              udplab doctor --json | jq -r '.findings[] | select(.level == "limit") | .mend'
              udplab doctor --plan plan.json
              udplab doctor --clean
              udplab doctor --calibrate

            Examines the kernel, limits, buffers, offloads, clocks, namespaces and sysctls, and \
            reports the consequence of each for a run, and the command that mends it, or that \
            none does. Changes nothing, except with --clean, which removes what a killed run has \
            left, and lists it. With --plan it asks the other hosts of a plan for their version, \
            kernel and clock, and sends four datagrams on each way that the plan takes between \
            two hosts; exit code 75 if one of them cannot be used. With --calibrate it measures \
            what this machine carries over loopback, for some ten seconds.
            """)

    @Flag(help: "The findings, or with --clean what was removed, as JSON.")
    var json = false

    @Flag(
        help:
            "End workers whose runner has exited, and remove interfaces and namespaces named udplabN."
    )
    var clean = false

    @Flag(
        help:
            "Measure what this machine carries over loopback: 64, 512 and 1,400 B, plain and offloaded."
    )
    var calibrate = false

    @Option(
        help: ArgumentHelp(
            "Examine the other hosts of this plan and the ways to them.", valueName: "plan"),
        completion: .plan)
    var plan: String?

    @OptionGroup(title: "Varying the plan")
    var varying: VariationOptions

    func validate() throws {
        guard plan == nil || !clean else {
            throw ValidationError("--plan examines and --clean removes: ask for one")
        }
        guard !calibrate || (plan == nil && !clean) else {
            throw ValidationError("--calibrate measures this machine, and goes alone")
        }
    }

    func run() async throws {
        if clean { return try removeLeftovers() }
        if calibrate { return try await measure() }
        if let plan { return try await examineHosts(of: plan) }
        var facts = HostFacts.read()
        facts.namespaces = .probe()
        let examination = Doctor.Examination(facts)
        if json {
            Console.result(try JSONCoding.encode(examination).text(.pretty) + "\n")
        } else {
            Console.result(Doctor.text(examination.findings))
        }
    }

    private func measure() async throws {
        let interruption = Interruption()
        try interruption.install()
        do {
            let (capacity, status) = try await HostCapacity.measure(
                version: UDPLab.version, interruption: interruption)
            Console.result(
                json ? try JSONCoding.encode(capacity).text(.pretty) + "\n" : capacity.table)
            throw ExitCode(status.rawValue)
        } catch let error as StartError {
            Console.say("udplab: \(error)")
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
    }

    private func examineHosts(of path: String) async throws {
        let findings: [Finding]
        do {
            let plan = try varying.load(path)
            guard !plan.hosts.isEmpty else {
                Console.say("udplab: the plan has no other hosts; udplab doctor examines this one")
                return
            }
            let interruption = Interruption()
            try interruption.install()
            findings = try await HostExamination(
                of: plan, version: UDPLab.version, interruption: interruption
            ).findings()
        } catch let error as PlanError {
            Console.say("\(error)")
            throw ExitCode(ExitStatus.planError.rawValue)
        } catch let error as StartError {
            Console.say("udplab: \(error)")
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
        if json {
            let value = JSONValue.object([
                JSONMember(key: "format", value: .integer(1)),
                JSONMember(key: "findings", value: try JSONCoding.encode(findings)),
            ])
            Console.result(try value.text(.pretty) + "\n")
        } else {
            Console.result(Doctor.text(findings, limits: "Out of reach"))
        }
        let isUsable = !findings.contains { $0.level == .limit }
        throw ExitCode((isUsable ? ExitStatus.passed : .inconclusive).rawValue)
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
