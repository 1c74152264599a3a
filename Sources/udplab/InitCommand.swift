import ArgumentParser
import Datagrams
import JSON
import Reports
import Shipped

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a plan to start from, which runs as it is.",
        discussion: """
            Examples:
              udplab init
              udplab init --for networks networks.json
              udplab init --for service - | udplab check -

            Plans:

            """ + lines + """


                Remarks on what to change are in its x-… keys, which are copied into the report.
                """)

    private static let lines = PlanTemplate.allCases.map { template in
        let gap = String(repeating: " ", count: 12 - template.rawValue.count)
        return "  \(template.rawValue)\(gap)\(template.purpose)"
    }.joined(separator: "\n")

    @Argument(help: "The file; - for standard output.", completion: .file())
    var file = "plan.json"

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "The purpose: ci, networks, hosts, resilience or service.", valueName: "purpose"),
        completion: .list(PlanTemplate.allCases.map(\.rawValue)))
    var purpose = PlanTemplate.ci.rawValue

    @Flag(help: "Replace the file if it exists.")
    var force = false

    func validate() throws { _ = try template() }

    private func template() throws -> PlanTemplate {
        if let template = PlanTemplate(rawValue: purpose) { return template }
        let names = PlanTemplate.allCases.map(\.rawValue)
        let hint = NearestMatch.hint(for: purpose, among: names)
        throw ValidationError(
            "--for: there is no plan for \"\(purpose.shown)\": \(names.joined(separator: ", "))"
                + hint)
    }

    /// The path of this program for another host that has it in the same place, as a string of
    /// JSON.
    private static var program: String {
        let path = KernelFile.link("/proc/self/exe") ?? ProcessArguments.programPath ?? "udplab"
        return (try? JSONValue.string(path).text()) ?? "\"udplab\""
    }

    func run() throws {
        let text = try template().text(program: Self.program)
        guard file != "-" else {
            Console.result(text)
            throw ExitCode(Console.passed.rawValue)
        }
        do throws(ReportFileError) {
            let destination = ReportDestination(file: file, force: force, kind: .plan)
            try destination.prepare().write(Array(text.utf8))
        } catch {
            Console.say("udplab: \(error)")
            throw ExitCode(error.exitStatus.rawValue)
        }
        Console.result("\(file.shown)\n", isKept: true)
        Console.say("run it: udplab run \(file.shown)")
        throw ExitCode(Console.passed.rawValue)
    }
}
