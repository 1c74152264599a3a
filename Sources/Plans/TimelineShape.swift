import JSON

/// An event whose subject is still a name.
struct TimelineDraft: Sendable {
    let atNs: Int
    let action: TimelineEvent.Action
    let subject: String
    let instances: Int?
}

/// The keys of an event of the timeline: its time, and one of the actions with its subject.
enum TimelineShape {
    static let at = Field.required(
        "at", .quantity(PlanLimits.eventTime, example: "3s"),
        "The time of the event, from the first measured slot.")
    static let kill = action(
        .kill,
        "SIGKILL to the responder's process; of a command to its process group.")
    static let stop = action(
        .stop,
        "The responder closes its port, and its process goes on. Not of a command.")
    static let pause = action(
        .pause, "SIGSTOP to the responder: arriving datagrams wait in its receive buffer.")
    static let resume = action(.resume, "SIGCONT to the responder.")
    static let start = action(
        .start,
        "After \"kill\" a new process at the same address, after \"stop\" the same port "
            + "opened again.")
    static let network = action(
        .network,
        "From then on the network has the impairments of this emulated network of the plan.",
        example: "wifi")

    static let instances = Field.optional(
        "instances", .integer(PlanLimits.instances, example: 1),
        "The number of the responder's instances that the event happens to, from the first "
            + "on. Without it the event happens to all instances that it can happen to.")

    static let object = ObjectShape(
        name: "an event of the timeline",
        fields: [at.declaration] + actions.map(\.declaration) + [instances.declaration],
        rules: [
            oneAction,
            .neverBeside("network", "instances", why: "a network is switched for all"),
        ])

    static let shape = Shape<TimelineDraft>(schema: object.schema, example: "{…}") {
        node, problems in
        guard let keys = object.values(of: node, problems) else { return nil }
        let atNs = keys(at)
        let given = zip(TimelineEvent.Action.allCases, actions).compactMap { action, field in
            keys(field).map { (action, $0) }
        }
        let instances = keys(instances)
        guard let atNs, given.count == 1, let (action, subject) = given.first else { return nil }
        return TimelineDraft(
            atNs: atNs, action: action, subject: subject, instances: instances)
    }

    /// The actions in the order of `TimelineEvent.Action`.
    private static let actions = [kill, stop, pause, resume, start, network]
    private static let words = TimelineEvent.Action.allCases.map(\.rawValue)

    private static let oneAction = ObjectRule(
        schema: .schema(["oneOf": .array(words.map { .requiring($0) })])
    ) { object in
        let given = words.filter { object.has($0) }
        if given.count > 1 {
            object.report(
                "\(given[0].quoted) and \(given[1].quoted) are two events: each has an entry of "
                    + "its own", at: given[1])
        } else if given.isEmpty, !object.misspells(words) {
            object.report("what happens is missing: one of \(words.quotedList)")
        }
    }

    private static func action(
        _ action: TimelineEvent.Action, _ purpose: String, example: String = "echo"
    ) -> Field<String> {
        .optional(action.rawValue, .name(example), purpose)
    }
}
