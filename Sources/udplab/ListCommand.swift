import ArgumentParser
import JSON
import Plans
import Reports
import Shipped

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the plans that are inside udplab, or print one.",
        discussion: """
            Examples:
              udplab list
              udplab run :quickstart
              udplab list :loss-across-networks > mine.json

            A name with a colon stands for the plan where a plan's file is expected.
            """)

    @Argument(help: "The name of a plan, which is printed.", completion: .shippedPlan)
    var name: String?

    @Flag(help: "The names and their sentences as JSON.")
    var json = false

    func run() throws {
        if let name {
            guard let plan = ShippedPlan.named(ShippedPlan.name(in: name) ?? name) else {
                let near = NearestMatch.of(name, among: ShippedPlan.all.map { ":\($0.name)" })
                let hint = near.map { "; did you mean \($0)?" } ?? ""
                throw ValidationError("there is no plan \"\(name.shown)\" inside udplab\(hint)")
            }
            Console.result(plan.text)
        } else if json {
            let plans = ShippedPlan.all.map { plan in
                JSONValue.object([
                    JSONMember(key: "name", value: .string(":\(plan.name)")),
                    JSONMember(key: "about", value: .string(ShippedPlans.about(plan) ?? "")),
                ])
            }
            let list = JSONValue.object([JSONMember(key: "plans", value: .array(plans))])
            Console.result(try list.text(.pretty))
        } else {
            Console.result(lines(width: Console.outputWidth))
        }
        throw ExitCode(Console.passed.rawValue)
    }

    /// Returns the plans, each with its sentence beside its name.
    private func lines(width: Int) -> String {
        let longest = ShippedPlan.all.map(\.name.count).max() ?? 0
        let indent = longest + 5
        return ShippedPlan.all.map { plan in
            let sentence = TerminalText.sentence(
                ShippedPlans.about(plan) ?? "", indent: indent, width: max(width, indent + 40))
            let name = "  :\(plan.name)"
            let gap = String(repeating: " ", count: indent - name.count)
            let first = (sentence.first ?? "").drop { $0 == " " }
            return ([name + gap + first] + sentence.dropFirst()).map { $0 + "\n" }.joined()
        }.joined()
    }
}
