/// The report's format 1, key by key. This is the only definition of a report's content; tests
/// compare the model with it, and it with the README.
package enum ReportFormat {
    package static let report = ReportObject(
        "report", "The answer to one plan.",
        [
            .constant("report", Report.format, "The format's number."),
            .object("tool", tool, "The program that wrote the report."),
            .object("plan", plan, "The plan that was run."),
            .object("host", host, "The machine it ran on."),
            .list("hosts", otherHost, "The other hosts of the plan.").null("older versions"),
            .time("started", "When the first run began."),
            .time("finished", "When the last run ended."),
            .word("status", ReportStatus.self, "`partial`: interrupted; what there was."),
            .word("verdict", Verdict.self, "The most severe of the runs' verdicts."),
            .texts("reasons", reasonsMeaning),
            .texts("notices", "What bears on the figures and decides nothing, in sentences."),
            .list("runs", run, "One per scenario, network and repeat, in the order they ran."),
            .list("skipped", skipped, "Runs that were left out, as the plan allows."),
            .list(
                "comparison", comparison,
                "The networks of each scenario, each against each; empty when no scenario has two."
            ),
        ])

    static let reasonsMeaning =
        "Why the verdict is what it is, in sentences, the deciding one first; empty for a pass."

    static let skipped = ReportObject(
        "skipped_run", "A run whose network this host cannot make.",
        [
            .text("scenario", "The scenario's name."),
            .text("network", "The network's name."),
            .count("repeat", "Which repeat this is, from 1."),
            .text("reason", "What this host lacks, and what to do about it."),
        ])

    static let tool = ReportObject(
        "tool", "The program that wrote the report.",
        [
            .text("name", "`udplab`."),
            .text("version", "Its version."),
        ])

    static let plan = ReportObject(
        "plan", "The plan that was run.",
        [
            .text("name", "Its `name`."),
            .text("sha256", "SHA-256 of the bytes that were read, in hex.", "FIPS 180-4"),
            .integer("seed", nil, "What every random choice of the run follows from."),
            .text("path", "Where it was read from, as the command line has it; `-` is stdin."),
            .list("titles", title, "The titles of the plan and its parts, for people.")
                .null("older versions"),
            .text(
                "effective_sha256",
                "SHA-256 of the plan as it ran, in hex: of the text that `udplab check --print` "
                    + "prints.", "FIPS 180-4"
            ).null("older versions"),
            .object("variation", variation, "What changed the plan.").null("older versions"),
            .free(
                "effective", keyPrefix: "",
                "The plan as it ran, a plan itself; secrets are in it as `${NAME}`."
            ).null("older versions"),
            .free(
                "extras", keyPrefix: "x-",
                "Its own `x-…` keys, unchanged, by their paths: `networks.wifi.x-source`."),
        ])

    private static let title = ReportObject(
        "plan_title", "A title of the plan or of a part of it.",
        [
            .word("kind", PlanTitleReport.Kind.self, "The part."),
            .text("scenario", "The name of a sender's scenario.").null("not a sender"),
            .text("name", "The name of the part."),
            .text("title", "Its title, which tables and pages have in place of the name."),
        ])

    static let variation = ReportObject(
        "plan_variation", "What changed the plan before it ran.",
        [
            .texts("options", "The options `--set`, `--only`, `--repeat`, `--duration-scale`."),
            .list("variables", variable, "The variables in its strings, each once."),
            .list("bases", base, "The files that it extends, the nearest first."),
        ])

    private static let variable = ReportObject(
        "plan_variable", "A variable in the strings of the plan.",
        [
            .text("name", "Its name."),
            .text("value", "Its value.").null("a secret"),
            .word(
                "origin", PlanVariableReport.Origin.self,
                "The option that it is from, or `default` for that of the plan."),
        ])

    private static let base = ReportObject(
        "plan_base", "A file that the plan extends.",
        [
            .text("path", "Its path."),
            .text("sha256", "SHA-256 of its bytes, in hex.", "FIPS 180-4"),
        ])

    static let host = ReportObject(
        "host", "The machine it ran on: what bears on the figures, and no name of it.",
        [
            .text("kernel", "Its release.", "uname(2)"),
            .text("architecture", "`x86_64`, `aarch64`, …", "uname(2)"),
            .count("cpus", "Processors that the run may use.", "sched_getaffinity(2)"),
            .text("cpu_model", "As /proc/cpuinfo names it.", "proc(5)").null("not named"),
            .integer("memory_bytes", .bytes, "All of it.", "proc(5)").null("not readable"),
            .integer(
                "rmem_max", .bytes, "The largest receive buffer that may be asked for.",
                "socket(7)"
            ).null("not readable"),
            .integer(
                "wmem_max", .bytes, "The largest send buffer that may be asked for.", "socket(7)"
            ).null("not readable"),
            .integer(
                "icmp_ratelimit", .milliseconds,
                "The least time between two ICMP errors to one "
                    + "address; 0 for no limit.", "icmp(7)"
            ).null("not readable"),
            .count("icmp_msgs_per_sec", "ICMP errors a second, to all addresses.", "icmp(7)")
                .null("not readable"),
            .text("clock_source", "What the kernel's clocks are read from.").null("not readable"),
            .integer(
                "clock_resolution_ns", .nanoseconds, "Resolution of the monotonic clock.",
                "clock_getres(2)"),
        ])
}

extension ReportFormat {
    static let otherHost = ReportObject(
        "other_host", "Another host of the plan, as its agent described it.",
        [
            .text("name", "Its name in the plan."),
            .texts("launch", "The words that reach it."),
            .text("hostname", "Its own name.", "gethostname(2)").null("never reached"),
            .text("version", "The version of udplab there.").null("never reached"),
            .text("build", "The digest of the program there, and here.").null("never reached"),
            .text("kernel", "Its release.", "uname(2)").null("never reached"),
            .count("cpus", "Processors that its workers may use.", "sched_getaffinity(2)")
                .null("never reached"),
            .integer(
                "rmem_max", .bytes, "The largest receive buffer that may be asked for.",
                "socket(7)"
            ).null("not readable"),
            .texts("addresses", "The addresses of its interfaces.", "getifaddrs(3)"),
            .integer(
                "wall_clock_error_ns", .nanoseconds, "The largest error of its wall clock.",
                "adjtimex(2)"
            ).null("not synchronized"),
            .object("clock", otherClock, "Its monotonic clock against the runner's."),
            .text("lost", "How it was lost, in a sentence.").null("it was there to the end"),
        ])

    private static let otherClock = ReportObject(
        "other_clock", "The monotonic clock of another host, by exchanges of times.",
        [
            .count("exchanges", "Questions that were answered."),
            .integer(
                "round_trip_min_ns", .nanoseconds, "The shortest time on the way, both ways."
            ).null("no exchange"),
            .signed(
                "offset_ns", .nanoseconds, "Its time minus the runner's, at the end.",
                "Zhang, Liu, Xia 2002"
            ).null("no exchange"),
            .integer(
                "error_ns", .nanoseconds,
                "The largest error of `offset_ns`: half of what the exchanges leave open."
            ).null("no exchange"),
            .measure(
                "drift_ppm", nil, "Its drift in millionths.", "Moon, Skelly, Towsley 1999",
                minimum: nil
            ).null("less than a second of exchanges"),
            .flag("is_consistent", "Whether one straight line satisfies all exchanges."),
            .integer(
                "stated_error_ns", .nanoseconds,
                "The largest error of the difference by what both hosts state: the sum of theirs, as "
                    + "chrony has them, or the kernel (adjtimex(2))."
            ).null("not believed, see `stated_refusal`, or not known"),
            .text("stated_by", "Who states it: `ptp` if both have a hardware clock, else `ntp`.")
                .null("not believed, or not known"),
            .text("stated_refusal", "Why what both hosts state is not believed: a sentence.")
                .null("it is believed, or not known"),
        ])
}

extension ReportFormat {
    /// The objects of the format, each once and before those inside it.
    package static let objects = objects(from: report)

    static func objects(from root: ReportObject) -> [ReportObject] {
        var objects: [ReportObject] = []
        func visit(_ object: ReportObject) {
            guard !objects.contains(where: { $0.name == object.name }) else { return }
            objects.append(object)
            for field in object.fields {
                if let inner = field.shape.object { visit(inner) }
            }
        }
        visit(root)
        return objects
    }

    /// Returns the field at the end of a path of keys from a stream: `["rtt_ns", "p99"]`.
    package static func streamField(_ path: some Sequence<String>) -> ReportField? {
        var object: ReportObject? = stream
        var field: ReportField?
        for key in path {
            field = object?.fields.first { $0.key == key }
            object = field?.shape.object
        }
        return field
    }
}

extension ReportShape {
    /// The object of the shape, single or in a list.
    package var object: ReportObject? {
        switch self {
        case .object(let object): object
        case .list(let shape): shape.object
        default: nil
        }
    }
}
