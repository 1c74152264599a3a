import ArgumentParser
import Plans
import Reports

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of plans, reports or score cards.",
        discussion: """
            Examples:
              udplab schema > Scenarios/plan.schema.json
              udplab schema --report > report.schema.json
              udplab schema --resilience > resilience.schema.json

            The dialect is JSON Schema 2020-12. Put "$schema": "plan.schema.json" into a plan \
            and an editor completes its keys.
            """)

    @Flag(help: "The schema of reports.")
    var report = false

    @Flag(help: "The schema of the score cards of udplab resilience.")
    var resilience = false

    func validate() throws {
        guard !report || !resilience else {
            throw ValidationError("--report and --resilience are two schemas: ask for one")
        }
    }

    func run() throws {
        let schema =
            resilience
            ? ReportSchema.scoreCard() : report ? ReportSchema.json() : PlanSchema.json()
        let text = try schema.text(.pretty)
        Console.result(text.hasSuffix("\n") ? text : text + "\n")
    }
}
