@testable import Plans

/// Kind of plan that made-up runs are of: who answers, over what, and what the plan itself does to
/// them.
enum PlanKind: String, Sendable, CaseIterable {
    case echo, sink, room, command, path
    /// Emulated networks.
    case relay
    case relaySink = "relay-sink"
    case relayCommand = "relay-command"
    case window = "refuse-window"
    case commandWindow = "command-window"
    case namespace
    case stopped, killed, paused
    case killedCommand = "killed-command"
    case instances
    case flood
    case floodSink = "flood-sink"
    case storm
    case policy = "once-policy"
    /// The responder is on another host.
    case far
    case farSink = "far-sink"
    case farKilled = "far-killed"
    /// Several hosts send one stream.
    case fleet
    case fleetSink = "fleet-sink"

    /// Of the sender "calls" that is judged.
    static let flows = 2
    static let perFlow = 50

    /// Nobody says what became of a probe at the far side.
    var isForeign: Bool {
        [.command, .path, .relayCommand, .commandWindow, .killedCommand].contains(self)
    }

    var isOneWay: Bool {
        [.sink, .relaySink, .floodSink, .farSink, .fleetSink].contains(self)
    }

    /// Several hosts send one stream.
    var isFleet: Bool { [.fleet, .fleetSink].contains(self) }

    /// The responder is on another host.
    var isFar: Bool { [.far, .farSink, .farKilled].contains(self) }

    var hasRelay: Bool {
        [.relay, .relaySink, .relayCommand, .window, .commandWindow].contains(self)
    }

    /// Something between the workers drops, and says what.
    var injects: Bool { hasRelay || self == .namespace }

    /// The plan, with one scenario on one network.
    /// - Parameter hosts: The number of hosts that send a fleet's stream.
    func plan(
        thresholds: String = commonThresholds, hosts: Int = 3
    ) throws(PlanError) -> Plan {
        try PlanReader.read(Array(text(thresholds, Self.names(hosts)).utf8), path: "plan.json")
    }

    private static func names(_ hosts: Int) -> [String] { (1...hosts).map { "n\($0)" } }

    private func text(_ thresholds: String, _ names: [String]) -> String {
        let hosts = (["b"] + (isFleet ? names : [])).map {
            "\"\($0)\": { \"launch\": [\"reach\", \"\($0)\"], \"udplab\": \"/opt/udplab\" }"
        }
        return """
            { "plan": 1, "name": "made-up",
              "hosts": { \(hosts.joined(separator: ", ")) }, "networks": { "net": \(network(names)) },
              "responders": {\(self == .path ? "" : " \"far\": { \(responder) } ")},
              "scenarios": [ { "name": "voice", "networks": ["net"],
                \(self == .path ? "" : "\"responder\": \"far\",") \(timeline)
                "warm_up": "\(self == .room ? "500ms" : "0s")", "timeout": "1s",
                "senders": [ \(senders(names)) ], "thresholds": \(thresholds) } ] }
            """
    }

    private func network(_ names: [String]) -> String {
        switch self {
        case .fleet, .fleetSink:
            let ends = names.enumerated().map {
                "\"\($1)\": \"127.1.\($0 / 250).\($0 % 250 + 1)\""
            }
            return "{ \"kind\": \"path\", \"at\": { \"here\": \"127.0.0.1\", "
                + ends.joined(separator: ", ") + " } }"
        case .path: return #"{ "kind": "path", "address": "127.0.0.1:7788" }"#
        case .relay, .relaySink, .relayCommand:
            return #"{ "kind": "emulated", "loss": "1%", "corrupt": "1%" }"#
        case .window, .commandWindow:
            return
                #"{ "kind": "emulated", "forward": { "refuse": [{ "from": "10ms", "until": "20ms" }] } }"#
        case .far, .farSink, .farKilled:
            return #"{ "kind": "path", "at": { "b": "127.0.0.2", "here": "127.0.0.1" } }"#
        case .namespace: return #"{ "kind": "namespace", "loss": "1%" }"#
        default: return #"{ "kind": "loopback" }"#
        }
    }

    private var responder: String {
        switch self {
        case .far, .farKilled: #""behaviour": "echo", "host": "b""#
        case .farSink: #""behaviour": "sink", "host": "b""#
        case .sink, .relaySink, .floodSink, .fleetSink: #""behaviour": "sink""#
        case .room: #""behaviour": "chat""#
        case .command, .relayCommand, .commandWindow, .killedCommand:
            #""command": ["server", "{port}"], "address": "127.0.0.1:7788""#
        case .instances: #""behaviour": "echo", "instances": 2"#
        case .policy: #""behaviour": "echo", "on_reset": "once", "socket": "unconnected_recverr""#
        default: #""behaviour": "echo""#
        }
    }

    private var timeline: String {
        let events: String
        switch self {
        case .stopped:
            events = #"{ "at": "100ms", "stop": "far" }, { "at": "200ms", "start": "far" }"#
        case .killed, .killedCommand, .farKilled:
            events = #"{ "at": "100ms", "kill": "far" }, { "at": "200ms", "start": "far" }"#
        case .paused:
            events = #"{ "at": "100ms", "pause": "far" }, { "at": "200ms", "resume": "far" }"#
        default: return ""
        }
        return #""timeline": [\#(events)],"#
    }

    private func senders(_ names: [String]) -> String {
        let isFlood = self == .flood || self == .floodSink
        let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
        let host = isFleet ? ", \"host\": [\(list)]" : ""
        let calls = """
            { "name": "calls", "flows": \(Self.flows), "count": \(Self.perFlow),
              "rate": "\(isFlood ? "max" : "100pps")", "payload": "160B"\(host) }
            """
        guard self == .storm else { return calls }
        return calls + """
            , { "name": "storm", "kind": "hit-and-run", "rate": "50pps", "count": 50, "payload": "64B" }
            """
    }

    /// On figures that every kind has.
    static let commonThresholds = #"["loss.ratio < 30%", "duplication.count < 5"]"#
}
