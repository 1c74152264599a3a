/// A plan to start from, which runs on any host as it is.
package enum PlanTemplate: String, CaseIterable, Sendable {
    case ci, networks, hosts, resilience, service

    /// The purpose, as one line.
    package var purpose: String {
        switch self {
        case .ci: "a load with thresholds, for a build"
        case .networks: "the same load over two networks, and their comparison"
        case .hosts: "a load to another host and back, and the loss of each way"
        case .resilience: "the battery of trials against a server"
        case .service: "a service that is killed and started again under load"
        }
    }

    /// Returns the plan.
    /// - Parameter program: The path of udplab, as a string of JSON with its quotes.
    package func text(program: String) -> String {
        switch self {
        case .ci: Self.ciText
        case .networks: Self.networksText
        case .hosts: Self.hostsText(program)
        case .resilience: Self.resilienceText
        case .service: Self.serviceText
        }
    }

    private static let ciText = #"""
        {
          "plan": 1,
          "name": "ci",
          "x-use": "udplab run FILE --export junit=udp.xml ends with 99 if a threshold does not hold",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": {
            "service": {
              "behaviour": "echo",
              "x-yours": "instead: \"command\": [\"./server\", \"{port}\"], \"address\": \"127.0.0.1:0\"" }
          },
          "scenarios": [
            { "name": "load",
              "networks": ["loopback"],
              "responder": "service",
              "warm_up": "200ms",
              "tolerance": "10%",
              "x-tolerance": "the share that a busy host may lose before the run is inconclusive",
              "senders": [
                { "name": "clients", "flows": 10, "rate": "100pps", "payload": "160B",
                  "duration": "3s", "max_burst": 4 } ],
              "thresholds": [ "loss.ratio < 1%", "rtt.p99 < 100ms", "delivered.ratio > 85%" ],
              "x-thresholds": "udplab explain lists all figures" }
          ]
        }

        """#

    private static func hostsText(_ program: String) -> String {
        #"""
        {
          "plan": 1,
          "name": "hosts",
          "x-as-it-is": "both hosts are this one: udplab check says what would be launched",
          "hosts": {
            "b": {
              "launch": ["env"],
              "x-yours": "instead: [\"ssh\", \"-T\", \"b\"], and the path of udplab there",
              "udplab": \#(program),
              "consent": true } },
          "networks": {
            "lan": {
              "kind": "path",
              "x-yours": "the addresses of both hosts on the way that is to be measured",
              "at": { "here": "127.0.0.1", "b": "127.0.0.2" } } },
          "responders": { "far": { "behaviour": "echo", "host": "b" } },
          "scenarios": [
            { "name": "calls",
              "networks": ["lan"],
              "directions": ["forward", "backward"],
              "responder": "far",
              "repeat": 5,
              "order": "interleaved",
              "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 10, "rate": "50pps", "payload": "160B",
                  "duration": "1s", "max_burst": 4 } ],
              "thresholds": [ "loss.ratio < 1%" ] }
          ]
        }

        """#
    }

    private static let networksText = #"""
        {
          "plan": 1,
          "name": "networks",
          "x-repeats": "udplab check says how many repeats a conclusion takes",
          "networks": {
            "clean": { "kind": "loopback" },
            "wifi": {
              "kind": "emulated",
              "forward": { "loss": "2%", "delay": "4ms", "jitter": "2ms" },
              "backward": { "delay": "4ms" } }
          },
          "x-yours": "a network of kind path leads to an address: Networks in the documentation",
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "calls",
              "networks": ["clean", "wifi"],
              "responder": "echo",
              "repeat": 5,
              "order": "interleaved",
              "timeout": "500ms",
              "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 10, "rate": "50pps", "payload": "160B",
                  "duration": "1s", "max_burst": 4 } ] }
          ]
        }

        """#

    private static let resilienceText = #"""
        {
          "plan": 1,
          "name": "resilience",
          "networks": { "here": { "kind": "loopback" } },
          "responders": {
            "server": {
              "behaviour": "echo",
              "x-yours": "instead: \"command\": [\"./server\", \"{port}\"], \"address\": \"127.0.0.1:0\"" }
          },
          "scenarios": [
            { "name": "trials", "networks": ["here"], "responder": "server",
              "battery": "resilience", "profile": "basic",
              "x-profile": "udplab resilience --list lists the trials of each profile" }
          ]
        }

        """#

    private static let serviceText = #"""
        {
          "plan": 1,
          "name": "service",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": {
            "service": {
              "behaviour": "echo",
              "x-yours": "instead: \"command\": [\"./server\", \"{port}\"], \"address\": \"127.0.0.1:0\"" }
          },
          "scenarios": [
            { "name": "restart",
              "networks": ["loopback"],
              "responder": "service",
              "timeout": "300ms",
              "tolerance": "10%",
              "senders": [
                { "name": "clients", "flows": 4, "rate": "50pps", "payload": "160B",
                  "duration": "4s", "max_burst": 4 } ],
              "timeline": [
                { "at": "1s", "kill": "service" },
                { "at": "2s", "start": "service" } ],
              "thresholds": [ "ledger.forward_lost == 0", "ledger.backward_lost == 0" ],
              "x-thresholds": "what was lost while the service was down is in the account outage" }
          ]
        }

        """#
}
