/// A legal plan of one scenario, drawn from all shapes of plans: what is sent takes less than half
/// a second.
///
/// The same seed is the same plan on every machine that has the same `Facilities`.
package struct RandomPlan {
    package enum Network: String, CaseIterable {
        case loopback, emulated, namespace, path
    }

    package enum Responder: String, CaseIterable {
        case echo, sink, chat, battery, command, stamp
    }

    /// What of a machine a plan can use; without one of them other plans are drawn.
    package struct Facilities {
        package var namespaces = false
        /// A battery takes longer than all other plans.
        package var batteries = false
        /// The program under test, as a command.
        package var program: String?
        /// The interpreter of `echo.py`, which is in the plan's directory.
        package var python: String?

        package init() {}
    }

    /// A server that anybody would write, for a command.
    package static let echoScript = """
        import socket, sys
        family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
        server = socket.socket(family, socket.SOCK_DGRAM)
        server.bind((sys.argv[1].strip("[]"), int(sys.argv[2])))
        while True:
            data, peer = server.recvfrom(65535)
            server.sendto(data, peer)

        """
    /// Stands in the text of a plan with a path for the address of a server that is up.
    package static let targetMark = "{target}"

    package let seed: UInt64
    package private(set) var network = Network.loopback
    package private(set) var responder = Responder.echo
    package private(set) var isBattery = false
    package private(set) var text = ""
    /// Of the senders, in the plan's order.
    package internal(set) var senders: [String] = []
    /// Whether a port is closed on the way at times, so that probes meet nobody there.
    package private(set) var hasRefusals = false
    /// Whether nothing takes the responder away and no sender goes as fast as it can.
    package internal(set) var isQuiet = true

    private let facilities: Facilities
    private var random: SeededGenerator
    /// Of what was added later, so that the first generator draws what it drew before.
    private var further: SeededGenerator
    /// Of titles and variables, for the same reason.
    var latest: SeededGenerator
    /// Of how datagrams are sent, for the same reason.
    var header: SeededGenerator
    /// Of what a service and its users take their time for, for the same reason.
    var service: SeededGenerator
    /// The options of `run` and `check` that the plan needs.
    package private(set) var options: [String] = []
    /// The facts that senders ask a STAMP reflector for.
    private(set) var extensions: [String] = []
    private static let extensionNames = [
        "timestamp-information", "class-of-service", "direct-measurement",
    ]
    var lengthsMs: [Int] = []
    var instances = 1

    package init(seed: UInt64, _ facilities: Facilities = Facilities()) {
        self.seed = seed
        self.facilities = facilities
        random = SeededGenerator(seed: seed)
        further = SeededGenerator(seed: ~seed)
        latest = SeededGenerator(seed: seed ^ 0x7469_746C_6573)
        header = SeededGenerator(seed: seed ^ 0x6865_6164_6572)
        service = SeededGenerator(seed: seed ^ 0x7365_7276_6963)
        var networks: [Network] = [.loopback, .loopback, .emulated, .emulated, .emulated]
        if facilities.namespaces { networks.append(.namespace) }
        network = pick(networks)
        var responders: [Responder] = [.echo, .echo, .echo, .echo, .sink]
        if network == .loopback { responders.append(.chat) }
        responder = pick(responders)
        isBattery = chance(0.03) && facilities.batteries && network == .loopback
        if isBattery { responder = .battery }
        drawForeign()
        // Of a third generator, so that the other seeds draw what they drew before.
        var stamps = SeededGenerator(seed: seed ^ 0x7374_616D_7073)
        if network == .loopback, responder == .echo, stamps.chance(0.3) { responder = .stamp }
        extensions = Self.extensionNames.filter { _ in stamps.chance(0.3) }
        text = plan()
    }

    /// Somebody else's server instead of udplab's echo.
    private mutating func drawForeign() {
        let (isCommand, isPath) = (further(0.25), further(0.3))
        guard facilities.program != nil, responder == .echo || responder == .battery else { return }
        if network == .loopback, isPath {
            network = .path
        } else if isCommand {
            responder = .command
        }
    }

    // MARK: - Drawing

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

    mutating func chance(_ probability: Double) -> Bool { random.chance(probability) }

    /// The same as `chance` and `number`, of what was added later.
    mutating func further(_ probability: Double) -> Bool { further.chance(probability) }

    mutating func further(_ range: ClosedRange<Int>) -> Int {
        .random(in: range, using: &further)
    }

    /// Titles as people write them, in the text of JSON.
    private static let titles = [
        "Voice over Wi-Fi", "Über das Netz: 20 %", "语音通话", "مكالمة", "भाषा", "🛰️ satellite",
        #"\"quoted\" <b>&amp;</b>"#, #"tab\tand \u001b[31mred"#, "a | b | c", "$${NOT_A_VARIABLE}",
        "x", String(repeating: "long ", count: 20),
    ]

    /// Returns the members of an object with a title, or without one.
    func titled(_ members: [String], _ title: String?) -> [String] {
        members + (title.map { ["\"title\": \"\($0)\""] } ?? [])
    }

    mutating func title() -> String? {
        guard latest.chance(0.3) else { return nil }
        return Self.titles[Int.random(in: Self.titles.indices, using: &latest)]
    }

    /// Returns a text, or a variable that stands for it: with a default, with a value of the command
    /// line, or with both, whose default does not count.
    private mutating func variable(_ name: String, _ text: String) -> String {
        switch Int.random(in: 0...5, using: &latest) {
        case 0: return "${\(name):-\(text)}"
        case 1:
            options += ["--var", "\(name)=\(text)"]
            return "${\(name)}"
        case 2:
            options += ["--var", "\(name)=\(text)"]
            return "${\(name):-nonsense}"
        default: return text
        }
    }

    private mutating func percent(_ range: ClosedRange<Int>) -> String { "\"\(number(range))%\"" }

    private mutating func ms(_ range: ClosedRange<Int>) -> String { "\"\(number(range))ms\"" }

    func object(_ members: [String]) -> String { "{ \(members.joined(separator: ", ")) }" }

    // MARK: - The plan

    private mutating func plan() -> String {
        let planTitle = titled([], title()).map { $0 + "," }.joined()
        var networks = ["\"net\": \(networkText())"]
        if network == .emulated { networks.append("\"other\": \(networkText())") }
        let responder = responderText()
        let scenario = scenarioText()
        let isThere = network != .path
        let responders = isThere ? "\"responders\": { \"far\": \(responder) }," : ""
        return """
            { "plan": 1, "name": "random", "seed": \(number(0...1_000_000)),
              \(planTitle)
              "networks": { \(networks.joined(separator: ",\n    ")) },
              \(responders)
              "scenarios": [ \(scenario) ] }

            """
    }

    private mutating func networkText() -> String {
        switch network {
        case .loopback: return #"{ "kind": "loopback" }"#
        case .path: return #"{ "kind": "path", "address": "\#(Self.targetMark)" }"#
        case .emulated:
            var members = titled([#""kind": "emulated""#], title())
            for direction in ["forward", "backward"] where chance(0.7) {
                members.append(
                    "\"\(direction)\": \(directionText(isForward: direction == "forward"))")
            }
            return object(members)
        case .namespace:
            var members = titled([#""kind": "namespace""#], title())
            if further(0.3) {
                // What the kernel does not do by itself a relay does between the two.
                for direction in ["forward", "backward"] where further(0.7) {
                    members.append(
                        "\"\(direction)\": \(directionText(isForward: direction == "forward"))")
                }
                return object(members)
            }
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
        var members: [String] = []
        switch responder {
        case .battery: members.append(#""behaviour": "echo""#)
        case .chat: members.append(#""behaviour": "chat""#)
        case .sink:
            let threads = chance(0.3) ? 2 : 1
            members += [#""behaviour": "sink""#, "\"threads\": \(threads)"]
        case .command: members += commandMembers()
        case .echo, .stamp:
            members.append("\"behaviour\": \"\(responder.rawValue)\"")
            if responder == .stamp, !extensions.isEmpty {
                let names = extensions.map { "\"\($0)\"" }.joined(separator: ", ")
                members.append("\"extensions\": [\(names)]")
            }
            if chance(0.3) { members.append("\"threads\": \(number(1...2))") }
            if chance(0.25) {
                instances = number(2...3)
                members.append("\"instances\": \(instances)")
            }
            if chance(0.3) { members.append("\"on_reset\": \(policyText())") }
            if chance(0.15) { members.append("\"receive_buffer\": \"\(pick(["4KiB", "64KiB"]))\"") }
            if responder == .echo { members += serviceMembers() }
        }
        if network != .namespace, further(0.25) {
            members.append("\"address\": \"\(further(0.7) ? "[::1]" : "127.0.0.9"):0\"")
        }
        return object(members)
    }

    /// Answers of another size, and such that take their time.
    private mutating func serviceMembers() -> [String] {
        var members: [String] = []
        if service.chance(0.2) {
            let bytes = [16, 64, 900][Int.random(in: 0..<3, using: &service)]
            members.append("\"reply_payload\": \"\(bytes)B\"")
        }
        if service.chance(0.2) {
            let most = Int.random(in: 1...30, using: &service)
            let models = [
                "\"\(most)ms\"",
                #"{ "model": "uniform", "low": "0ms", "high": "\#(most)ms" }"#,
            ]
            members.append("\"reply_delay\": \(models[Int.random(in: 0..<2, using: &service)])")
        }
        return members
    }

    private mutating func commandMembers() -> [String] {
        let isScript = further(0.5)
        if !isBattery, further(0.25) { instances = further(2...3) }
        var words = [facilities.program ?? "", "echo", "--bind", "{host}", "--port", "{port}"]
        if network == .namespace { words += ["--allow", "0.0.0.0/0"] }
        if isScript, let python = facilities.python {
            words = [python, "echo.py", "{host}", "{port}"]
        }
        let command = words.map { "\"\($0)\"" }.joined(separator: ", ")
        var members = ["\"command\": [\(command)]", #""ready_timeout": "60s""#]
        if instances > 1 { members.append("\"instances\": \(instances)") }
        return members
    }

    mutating func policyText() -> String {
        let policy = pick(["none", "once", "always", "backoff"])
        guard policy == "backoff", chance(0.5) else { return "\"\(policy)\"" }
        return #"{ "policy": "backoff", "first": "5ms", "limit": "40ms" }"#
    }

    private mutating func scenarioText() -> String {
        var members = titled(["\"name\": \"\(variable("SCENARIO", "drawn"))\""], title())
        let isRepeated = further(0.1)
        let isOnBoth = network == .emulated && further(0.2)
        members.append("\"networks\": [\(isOnBoth ? #""net", "other""# : #""net""#)]")
        if network != .path { members.append(#""responder": "far""#) }
        if isBattery { return object(members + [#""battery": "resilience""#]) }
        if isRepeated { members.append(#""repeat": 2"#) }
        let timeout = "\(number(50...400))ms"
        members.append("\"timeout\": \"\(variable("TIMEOUT", timeout))\"")
        if chance(0.5) { members.append("\"tolerance\": \(percent(0...100))") }
        let needsWarmUp = responder == .chat
        if needsWarmUp || chance(0.25) {
            members.append("\"warm_up\": \"\(needsWarmUp ? 200 : number(1...100))ms\"")
        }
        members.append("\"senders\": [ \(sendersText()) ]")
        if responder != .chat, network != .path, network != .namespace || chance(0.5), chance(0.5) {
            let events = timelineText()
            if !events.isEmpty { isQuiet = false }
            members.append("\"timeline\": [ \(events.joined(separator: ", ")) ]")
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
            let areAwaited = [.echo, .stamp, .command].contains(responder)
            // Nobody else says what came, and what it answered.
            let isForeign = responder == .command || network == .path
            let legal = all.filter { text in
                (areAwaited || !ofAnswers.contains { text.hasPrefix($0) })
                    && !(isForeign && text.contains("ward_lost"))
            }
            let chosen = legal.filter { _ in chance(0.25) }.map { "\"\($0)\"" }
            members.append("\"thresholds\": [ \(chosen.joined(separator: ", ")) ]")
        }
        return object(members)
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
                // The port of a command is its own.
                let actions = Self.actions[standing] ?? ["kill"]
                let action = pick(actions.filter { responder != .command || $0 != "stop" })
                standing = Self.after[action] ?? standing
                events.append(#"{ "at": "\#(atMs)ms", "\#(action)": "far" }"#)
            }
            atMs += number(1...200)
        }
        return events
    }
}
