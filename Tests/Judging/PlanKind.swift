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

    /// Of the sender "calls" that is judged.
    static let flows = 2
    static let perFlow = 50

    /// Nobody says what became of a probe at the far side.
    var isForeign: Bool {
        [.command, .path, .relayCommand, .commandWindow, .killedCommand].contains(self)
    }

    var isOneWay: Bool { [.sink, .relaySink, .floodSink, .farSink].contains(self) }

    /// The responder is on another host.
    var isFar: Bool { [.far, .farSink, .farKilled].contains(self) }

    var hasRelay: Bool {
        [.relay, .relaySink, .relayCommand, .window, .commandWindow].contains(self)
    }

    /// Something between the workers drops, and says what.
    var injects: Bool { hasRelay || self == .namespace }

    /// The plan, with one scenario on one network.
    func plan(thresholds: String = commonThresholds) throws(PlanError) -> Plan {
        try PlanReader.read(Array(text(thresholds).utf8), path: "plan.json")
    }

    private func text(_ thresholds: String) -> String {
        """
        { "plan": 1, "name": "made-up",
          "hosts": { "b": { "launch": ["reach", "b"], "udplab": "/opt/udplab" } }, "networks": { "net": \(network) },
          "responders": {\(self == .path ? "" : " \"far\": { \(responder) } ")},
          "scenarios": [ { "name": "voice", "networks": ["net"],
            \(self == .path ? "" : "\"responder\": \"far\",") \(timeline)
            "warm_up": "\(self == .room ? "500ms" : "0s")", "timeout": "1s",
            "senders": [ \(senders) ], "thresholds": \(thresholds) } ] }
        """
    }

    private var network: String {
        switch self {
        case .path: #"{ "kind": "path", "address": "127.0.0.1:7788" }"#
        case .relay, .relaySink, .relayCommand:
            #"{ "kind": "emulated", "loss": "1%", "corrupt": "1%" }"#
        case .window, .commandWindow:
            #"{ "kind": "emulated", "forward": { "refuse": [{ "from": "10ms", "until": "20ms" }] } }"#
        case .far, .farSink, .farKilled:
            #"{ "kind": "path", "at": { "b": "127.0.0.2", "here": "127.0.0.1" } }"#
        case .namespace: #"{ "kind": "namespace", "loss": "1%" }"#
        default: #"{ "kind": "loopback" }"#
        }
    }

    private var responder: String {
        switch self {
        case .far, .farKilled: #""behaviour": "echo", "host": "b""#
        case .farSink: #""behaviour": "sink", "host": "b""#
        case .sink, .relaySink, .floodSink: #""behaviour": "sink""#
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

    private var senders: String {
        let isFlood = self == .flood || self == .floodSink
        let calls = """
            { "name": "calls", "flows": \(Self.flows), "count": \(Self.perFlow),
              "rate": "\(isFlood ? "max" : "100pps")", "payload": "160B" }
            """
        guard self == .storm else { return calls }
        return calls + """
            , { "name": "storm", "kind": "hit-and-run", "rate": "50pps", "count": 50, "payload": "64B" }
            """
    }

    /// On figures that every kind has.
    static let commonThresholds = #"["loss.ratio < 30%", "duplication.count < 5"]"#
}
