import ArgumentParser
import Plans
import Reports

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of plans, or of reports.",
        discussion: """
            Examples:
              udplab schema > Scenarios/plan.schema.json
              udplab schema --report > report.schema.json

            The dialect is JSON Schema 2020-12. Put "$schema": "plan.schema.json" into a plan \
            and an editor completes its keys.
            """)

    @Flag(help: "The schema of reports.")
    var report = false

    func run() throws {
        let schema = report ? ReportSchema.json() : PlanSchema.json()
        let text = try schema.text(.pretty)
        Console.result(text.hasSuffix("\n") ? text : text + "\n")
    }
}
