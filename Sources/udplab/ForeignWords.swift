import ArgumentParser
import JSON

/// Words of other tools (iperf3, irtt, sockperf, k6, netcat, ping) on the command line, and what is
/// written instead.
enum ForeignWords {
    /// An idea that tools have options for.
    private struct Idea {
        /// The options of other tools, without dashes.
        let options: Set<String>
        /// The options of udplab for it, the first that a verb has is meant.
        let own: [String]
        /// The place in a plan, as behind `--set`, or a sentence; nil if plans do not have it.
        let inPlan: String?
    }

    private static let sender = "--set scenarios.NAME.senders.NAME."

    private static let ideas = [
        Idea(
            options: [
                "c", "h", "client", "host", "address", "addr", "ip", "server", "target", "connect",
                "remote", "dest", "url", "B", "bind",
            ], own: ["address", "to", "bind"],
            inPlan: "--set responders.NAME.address=HOST:PORT, or \"address\" in the plan"),
        Idea(
            options: ["p", "port", "l", "listen"], own: ["port", "listen", "to", "address"],
            inPlan: "--set responders.NAME.address=HOST:PORT, or \"address\" in the plan"),
        Idea(
            options: ["b", "bandwidth", "bitrate", "r", "rate", "pps", "mps", "rps"],
            own: ["rate", "interval"], inPlan: sender + "rate=100pps"),
        Idea(
            options: ["i", "interval"], own: ["interval"], inPlan: sender + "rate=100pps"),
        Idea(
            options: ["t", "time", "d", "duration"], own: ["duration"],
            inPlan: sender + "duration=10s, or --duration-scale 0.1"),
        Idea(
            options: ["n", "num", "count", "k", "packets", "iterations"], own: ["count"],
            inPlan: sender + "count=100"),
        Idea(
            options: ["len", "length", "size", "m", "msg-size", "payload", "packet-size"],
            own: ["truncate"], inPlan: sender + "payload=160B"),
        Idea(
            options: ["P", "parallel", "vus", "users", "flows", "connections"], own: [],
            inPlan: sender + "flows=10"),
        Idea(
            options: ["o", "out", "output", "logfile", "log-file"], own: ["report", "output"],
            inPlan: nil),
        Idea(options: ["J", "j"], own: ["json"], inPlan: nil),
        Idea(options: ["V", "v"], own: ["verbose"], inPlan: nil),
        Idea(options: ["q", "silent"], own: ["quiet"], inPlan: nil),
        Idea(options: ["f", "y", "yes", "overwrite"], own: ["force"], inPlan: nil),
        Idea(options: ["x"], own: ["hex"], inPlan: nil),
        Idea(options: ["w", "timeout"], own: ["wait"], inPlan: nil),
        Idea(
            options: ["loss", "delay", "latency", "jitter"], own: [],
            inPlan: "\"networks\": { \"NAME\": { \"kind\": \"emulated\", \"delay\": \"20ms\" } }"),
    ]

    /// The verbs of other tools.
    private static let verbs = [
        "test": "run", "start": "run", "exec": "run", "bench": "run", "benchmark": "run",
        "validate": "check", "verify": "check", "lint": "check", "ping": "send", "client": "send",
        "server": "echo", "serve": "echo", "sniff": "listen", "recv": "listen", "receive": "listen",
        "proxy": "relay", "forward": "relay", "netem": "relay", "show": "report",
        "view": "report", "diff": "compare", "new": "init", "create": "init", "generate": "init",
        "ls": "list", "examples": "list", "fuzz": "resilience", "man": "help",
    ]

    /// Returns the verb of udplab for one of another tool.
    static func verb(for word: String) -> String? { verbs[word.lowercased()] }

    /// Returns a sentence on what is written instead of an unknown option.
    /// - Parameter verb: The verb; nil if the command line begins with the option.
    static func advice(for option: String, verb: String?) -> String? {
        guard let verb else {
            return "A verb stands first: udplab run PLAN measures, udplab init PLAN.json writes a "
                + "plan, udplab send HOST:PORT TEXT sends."
        }
        if ["u", "udp"].contains(option) { return "Leave it out: everything is UDP." }
        if ["s", "server"].contains(option), verb != "resilience" {
            return "udplab echo --port N is a server."
        }
        let own = options(of: verb)
        // A short option is never a misspelling.
        if option.count > 1, let near = NearestMatch.of(option, among: own) {
            return "Did you mean '--\(near)'?"
        }
        guard let idea = ideas.first(where: { $0.options.contains(option) }) else { return nil }
        if let meant = idea.own.first(where: own.contains) { return "Did you mean '--\(meant)'?" }
        switch verb {
        case "run", "check": return idea.inPlan.map { "The plan says it: \($0)." }
        case "send" where idea.own.contains("address"):
            return "The address stands before the text: udplab send HOST:PORT TEXT."
        default: return nil
        }
    }

    /// Returns a clause with the option for a value that stands alone: `--port 7788`.
    static func missing(_ option: String, in words: [String]) -> String? {
        let value = words.dropFirst().first { $0.first != "-" }
        guard let value, !value.isEmpty else { return nil }
        if option == "port" { return port(value) }
        return value.contains(":") ? "--\(option) \(value)" : nil
    }

    /// Returns the options for a port that is written as in an address.
    static func port(_ value: String) -> String? {
        if UInt16(value) != nil { return "--port \(value)" }
        guard let colon = value.lastIndex(of: ":"), let port = UInt16(value[colon...].dropFirst())
        else { return nil }
        let host = value[..<colon]
        return "--port \(port)" + (host.isEmpty ? "" : " --bind \(host)")
    }

    /// Returns the long options of a verb, without dashes.
    private static func options(of verb: String) -> Set<String> {
        let command = UDPLab.configuration.subcommands.first {
            $0.configuration.commandName == verb
        }
        guard let command else { return [] }
        let help = UDPLab.helpMessage(for: command, columns: 200)
        let rows = help.split(separator: "\n").filter { $0.hasPrefix("  -") }
        return Set(rows.flatMap { $0.matches(of: /--([a-z0-9-]+)/).map { String($0.output.1) } })
    }
}
