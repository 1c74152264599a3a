/// A legal plan of one scenario, drawn from all shapes of plans: what is sent takes less than half
/// a second.
///
/// The same seed is the same plan on every machine; only where namespaces are to be had does
/// `withNamespaces` add to what is drawn from.
package struct RandomPlan {
    package enum Network: String, CaseIterable {
        case loopback, emulated, namespace
    }

    package enum Responder: String, CaseIterable {
        case echo, sink, chat, battery
    }

    package let seed: UInt64
    package private(set) var network = Network.loopback
    package private(set) var responder = Responder.echo
    package private(set) var text = ""
    /// Of the senders, in the plan's order.
    package private(set) var senders: [String] = []
    /// Whether a port is closed on the way at times, so that probes meet nobody there.
    package private(set) var hasRefusals = false

    private var random: SeededGenerator
    private var lengthsMs: [Int] = []
    private var instances = 1

    package init(seed: UInt64, withNamespaces: Bool = false, withBatteries: Bool = false) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        var networks: [Network] = [.loopback, .loopback, .emulated, .emulated, .emulated]
        if withNamespaces { networks.append(.namespace) }
        network = pick(networks)
        var responders: [Responder] = [.echo, .echo, .echo, .echo, .sink]
        if network == .loopback { responders.append(.chat) }
        responder = pick(responders)
        let isBattery = chance(0.03)
        if isBattery, withBatteries, network == .loopback { responder = .battery }
        text = plan()
    }

    // MARK: - Drawing

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        .random(in: range, using: &random)
    }

    private mutating func chance(_ probability: Double) -> Bool { random.chance(probability) }

    private mutating func percent(_ range: ClosedRange<Int>) -> String { "\"\(number(range))%\"" }

    private mutating func ms(_ range: ClosedRange<Int>) -> String { "\"\(number(range))ms\"" }

    private func object(_ members: [String]) -> String { "{ \(members.joined(separator: ", ")) }" }

    // MARK: - The plan

    private mutating func plan() -> String {
        var networks = ["\"net\": \(networkText())"]
        if network == .emulated { networks.append("\"other\": \(networkText())") }
        let responder = responderText()
        let scenario = scenarioText()
        return """
            { "plan": 1, "name": "random", "seed": \(number(0...1_000_000)),
              "networks": { \(networks.joined(separator: ",\n    ")) },
              "responders": { "far": \(responder) },
              "scenarios": [ \(scenario) ] }

            """
    }

    private mutating func networkText() -> String {
        switch network {
        case .loopback: return #"{ "kind": "loopback" }"#
        case .emulated:
            var members = [#""kind": "emulated""#]
            for direction in ["forward", "backward"] where chance(0.7) {
                members.append(
                    "\"\(direction)\": \(directionText(isForward: direction == "forward"))")
            }
            return object(members)
        case .namespace:
            var members = [#""kind": "namespace""#]
            if chance(0.4) { members.append("\"loss\": \(percent(0...20))") }
            if chance(0.3) { members.append("\"delay\": \(ms(1...20))") }
            if chance(0.3) { members.append(#""rate": "20Mbit", "queue": "64KiB""#) }
            if chance(0.2) { members.append(#""icmp_ratelimit": "0ms""#) }
            return object(members)
        }
    }

    private mutating func directionText(isForward: Bool) -> String {
        var members: [String] = []
        if chance(0.4) { members.append("\"loss\": \(lossText())") }
        if chance(0.4) { members.append("\"delay\": \(delayText())") }
        if chance(0.2) { members.append("\"jitter\": \(ms(1...5))") }
        if chance(0.2) { members.append("\"reorder\": \(percent(0...30))") }
        if chance(0.2) {
            let copies = number(1...3)
            members.append(
                "\"duplicate\": { \"probability\": \(percent(0...100)), \"copies\": \(copies) }")
        }
        if chance(0.25) {
            let bits = number(1...5)
            members.append(
                "\"corrupt\": { \"probability\": \(percent(0...100)), \"bits\": \(bits) }")
        }
        if chance(0.2) {
            let rate = pick(["64kbit", "256kbit", "1Mbit", "50Mbit"])
            let queue = pick(["2KiB", "8KiB", "64KiB"])
            members.append("\"rate\": \"\(rate)\", \"queue\": \"\(queue)\"")
        }
        if chance(0.2) { members.append("\"blackhole\": \(windowText())") }
        if isForward, chance(0.2) {
            hasRefusals = true
            members.append("\"refuse\": \(windowText())")
        }
        return object(members)
    }

    private mutating func lossText() -> String {
        switch number(0...4) {
        case 0: percent(0...100)
        case 1:
            #"{ "model": "gilbert-elliott", "p": \#(percent(1...10)), "r": \#(percent(10...90)) }"#
        case 2: #"{ "model": "periodic", "every": \#(number(1...20)) }"#
        case 3:
            #"{ "model": "burst", "probability": \#(percent(1...5)), "length": \#(number(1...20)) }"#
        default: #"{ "model": "list", "datagrams": [0, \#(number(1...9)), \#(number(10...99))] }"#
        }
    }

    private mutating func delayText() -> String {
        switch number(0...2) {
        case 0: ms(0...50)
        case 1: #"{ "model": "uniform", "low": \#(ms(0...5)), "high": \#(ms(5...60)) }"#
        default: #"{ "model": "normal", "mean": \#(ms(1...20)), "deviation": \#(ms(0...10)) }"#
        }
    }

    private mutating func windowText() -> String {
        let from = number(0...400)
        return #"{ "from": "\#(from)ms", "until": "\#(from + number(1...300))ms" }"#
    }

    private mutating func responderText() -> String {
        switch responder {
        case .battery: return #"{ "behaviour": "echo" }"#
        case .chat: return #"{ "behaviour": "chat" }"#
        case .sink:
            let threads = chance(0.3) ? 2 : 1
            return #"{ "behaviour": "sink", "threads": \#(threads) }"#
        case .echo:
            var members = [#""behaviour": "echo""#]
            if chance(0.3) { members.append("\"threads\": \(number(1...2))") }
            if chance(0.25) {
                instances = number(2...3)
                members.append("\"instances\": \(instances)")
            }
            if chance(0.3) { members.append("\"on_reset\": \(policyText())") }
            if chance(0.15) { members.append("\"receive_buffer\": \"\(pick(["4KiB", "64KiB"]))\"") }
            return object(members)
        }
    }

    private mutating func policyText() -> String {
        let policy = pick(["none", "once", "always", "backoff"])
        guard policy == "backoff", chance(0.5) else { return "\"\(policy)\"" }
        return #"{ "policy": "backoff", "first": "5ms", "limit": "40ms" }"#
    }

    private mutating func scenarioText() -> String {
        var members = [#""name": "drawn""#, #""networks": ["net"]"#, #""responder": "far""#]
        if responder == .battery {
            return object(members + [#""battery": "resilience""#])
        }
        members.append("\"timeout\": \(ms(50...400))")
        if chance(0.5) { members.append("\"tolerance\": \(percent(0...100))") }
        let needsWarmUp = responder == .chat
        if needsWarmUp || chance(0.25) {
            members.append("\"warm_up\": \"\(needsWarmUp ? 200 : number(1...100))ms\"")
        }
        members.append("\"senders\": [ \(sendersText()) ]")
        if responder != .chat, network != .namespace || chance(0.5), chance(0.5) {
            members.append("\"timeline\": [ \(timelineText().joined(separator: ", ")) ]")
        }
        if chance(0.6) {
            let all = [
                "loss.ratio < 50%", "rtt.p99 < 500ms", "ledger.forward_lost == 0",
                "ledger.backward_lost == 0", "ledger.sent > 0", "duplication.count == 0",
                "reordering.ratio < 10%", "throughput.sent_pps > 1pps",
                "resets.time_to_detect < 5s",
            ]
            // Where no answer is awaited there is no figure of one.
            let ofAnswers = ["rtt.", "ledger.backward_lost", "resets."]
            let legal = all.filter { text in
                responder == .echo || !ofAnswers.contains { text.hasPrefix($0) }
            }
            let chosen = legal.filter { _ in chance(0.25) }.map { "\"\($0)\"" }
            members.append("\"thresholds\": [ \(chosen.joined(separator: ", ")) ]")
        }
        return object(members)
    }

    // MARK: - Senders

    private mutating func sendersText() -> String {
        if responder == .chat {
            senders = ["members"]
            lengthsMs = [400]
            return """
                { "name": "members", "flows": \(number(1...12)), "rate": "10pps", \
                "payload": "\(number(16...200))B", "duration": "400ms", "max_burst": 12 }
                """
        }
        let count = number(1...3)
        return (0..<count).map { index in
            index > 0 && chance(0.3) ? strikeText() : probesText(isFirst: index == 0)
        }.joined(separator: ",\n      ")
    }

    private mutating func probesText(isFirst: Bool) -> String {
        let name = "probes\(senders.count + 1)"
        senders.append(name)
        let flows = isFirst ? max(instances, number(1...6)) : number(1...4)
        let isMax = chance(0.15)
        var members = [
            "\"name\": \"\(name)\"", "\"flows\": \(flows)",
            "\"payload\": \"\(pick([16, 20, 23, 24, 31, 32, 44, 64, 160, 1_200]))B\"",
        ]
        if isMax {
            members.append(#""rate": "max""#)
            if chance(0.5), responder == .echo {
                members.append("\"window\": \(number(1...64))")
            }
        } else {
            members.append("\"rate\": \"\(pick([1, 5, 20, 50, 100, 200, 500]))pps\"")
            if chance(0.3) { members.append("\"max_burst\": \(number(1...16))") }
            if chance(0.3) { members.append("\"pacing\": \"\(pick(["auto", "sleep", "spin"]))\"") }
        }
        if !isMax, chance(0.3) {
            // A count may take longer than a test has time for.
            members[members.firstIndex { $0.hasPrefix("\"rate\"") } ?? 0] = #""rate": "100pps""#
            let count = number(1...40)
            members.append("\"count\": \(count)")
            lengthsMs.append(count * 10)
        } else {
            let length = number(100...450)
            members.append("\"duration\": \"\(length)ms\"")
            lengthsMs.append(length)
        }
        if chance(0.2) { members.append("\"threads\": \(min(flows, number(1...2)))") }
        if chance(0.3) {
            let socket = pick(["connected", "unconnected", "unconnected_recverr"])
            members.append("\"socket\": \"\(socket)\"")
        }
        if chance(0.3) { members.append("\"on_reset\": \(policyText())") }
        if chance(0.2) { members.append("\"timestamps\": \"\(pick(["kernel", "user"]))\"") }
        if chance(0.2) { members.append("\"offload\": \(offloadText())") }
        if chance(0.2) {
            let start = pick(["1", "4294967290", "4294967296", "1000000000000"])
            members.append("\"start_sequence\": \(start)")
        }
        return object(members)
    }

    private mutating func offloadText() -> String {
        let knobs = ["sendmmsg", "recvmmsg", "gso", "gro"].filter { _ in chance(0.6) }
        return object(knobs.map { "\"\($0)\": \"\(pick(["auto", "on", "off"]))\"" })
    }

    private mutating func strikeText() -> String {
        let name = "strikes\(senders.count + 1)"
        senders.append(name)
        let length = number(100...400)
        lengthsMs.append(length)
        let burst = number(1...8)
        return """
            { "name": "\(name)", "kind": "hit-and-run", "rate": "\(number(10...200))pps", \
            "payload": "64B", "burst": \(burst), "duration": "\(length)ms" }
            """
    }

    // MARK: - The timeline

    /// What the timeline may do to an instance, by what it is doing.
    private static let actions = [
        "running": ["kill", "stop", "pause"], "killed": ["start"], "stopped": ["start", "kill"],
        "paused": ["resume", "kill"],
    ]
    private static let after = [
        "kill": "killed", "stop": "stopped", "pause": "paused", "start": "running",
        "resume": "running",
    ]

    private mutating func timelineText() -> [String] {
        var events: [String] = []
        let lastMs = (lengthsMs.max() ?? 0) - 1
        var atMs = number(0...150)
        var standing = "running"
        while atMs < lastMs, events.count < 6 {
            if network == .emulated, chance(0.25) {
                events.append(#"{ "at": "\#(atMs)ms", "network": "\#(pick(["other", "net"]))" }"#)
            } else {
                let action = pick(Self.actions[standing] ?? ["kill"])
                standing = Self.after[action] ?? standing
                events.append(#"{ "at": "\#(atMs)ms", "\#(action)": "far" }"#)
            }
            atMs += number(1...200)
        }
        return events
    }
}
