import ArgumentParser
import Glibc
import JSON
import Plans

/// The options with which a plan is varied without editing its file.
struct VariationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Set a value of the plan; may be repeated.",
            discussion: """
                The path is by names or numbers, the value as in a plan: \
                scenarios.voice.senders.calls.rate=100pps. null removes a key.
                """, valueName: "path=value"))
    var set: [String] = []

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp(
            "Fill ${NAME} in the strings of the plan; may be repeated.", valueName: "name=value"))
    var typed: [String] = []

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp(
            "Fill ${NAME} from the environment; may be repeated.", valueName: "name"))
    var environment: [String] = []

    @Option(
        help: ArgumentHelp(
            "Fill ${NAME} in the words of commands and show the value nowhere; may be repeated.",
            discussion: "With the name alone the value is that of the environment.",
            valueName: "name[=value]"))
    var secretVar: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only this scenario, or only this network of it; may be repeated.",
            valueName: "scenario[/network]"), completion: .selection)
    var only: [String] = []

    @Option(
        help: ArgumentHelp("The number of repeats of every scenario.", valueName: "count"))
    var `repeat`: Int?

    @Option(
        help: ArgumentHelp(
            "Scale durations, counts, warm-ups, events and windows of time by this.",
            valueName: "factor"))
    var durationScale: String?

    /// The maximum number of options of one kind.
    private static let countMax = 1_000

    func validate() throws {
        _ = try variation()
    }

    func variation() throws(ValidationError) -> PlanVariation {
        for options in [set, typed, environment, secretVar, only]
        where options.count > Self.countMax {
            throw ValidationError("more than \(Self.countMax) options of one kind")
        }
        var variation = PlanVariation()
        do throws(JSONComplaint) {
            for text in set { variation.settings.append(try PlanSetting(text)) }
            for text in only { variation.selections.append(try PlanSelection(text)) }
            variation.scale = try durationScale.map { text throws(JSONComplaint) in
                try DurationScale(text)
            }
            let groups: [([String], PlanVariable.Origin)] = [
                (typed, .typed), (environment, .environment), (secretVar, .secret),
            ]
            for (texts, origin) in groups {
                for text in texts {
                    let variable = try PlanVariable(text, origin, environment: Self.variable)
                    guard !variation.variables.contains(where: { $0.name == variable.name }) else {
                        throw JSONComplaint("the variable \(variable.name) is given twice")
                    }
                    variation.variables.append(variable)
                }
            }
        } catch {
            throw ValidationError(error.message)
        }
        if let count = `repeat` {
            guard PlanVariation.legalRepeats.contains(count) else {
                let legal = PlanVariation.legalRepeats
                throw ValidationError(
                    "--repeat is \(legal.lowerBound) to \(legal.upperBound), not \(count)")
            }
            variation.repeats = count
        }
        return variation
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Reads a plan with these options, and hides its secrets from then on.
    func load(_ path: String) throws -> Plan {
        let variation = try variation()
        if path == PlanFile.standardInput, Console.inputIsTerminal {
            Console.say("reads the plan from the terminal; Ctrl-D ends it")
        }
        let plan = try PlanFile.load(path, variation: variation)
        Console.hide(plan.hidden)
        return plan
    }
}
