import JSON
import Load

/// The rules for senders of requests beyond the shapes of their keys. Those on other parts of the
/// plan are checked once everything else is valid.
enum RequestRules {
    /// The greatest window of a flow whose requests are told by 16 bits: of two requests whose
    /// numbers look the same, the later is meant.
    static let windowOf16Bits = 1 << 15

    /// Returns the request of a sender from its keys; nil with a problem if they do not agree.
    static func request(
        _ drafts: [RequestDraft], answer: AnswerMatch?, valid: [AnswerCheck]?,
        in object: ObjectValues
    ) -> RequestDefinition? {
        guard let first = drafts.first else { return nil }
        if answer == nil, drafts.contains(where: { $0.answer != first.answer }) {
            object.report(
                "requests in turn have one rule for their answers: those of \(first.name.quoted) "
                    + "differ from the others'; say it in \"answer\"", at: "request")
            return nil
        }
        let rule = answer ?? first.answer ?? .echo
        var checks = valid ?? first.valid
        if rule == .none {
            guard valid == nil else {
                object.report(
                    "\"valid\" goes with an answer, and this sender awaits none", at: "valid")
                return nil
            }
            checks = []
        }
        if rule == .any, object.has("window") {
            object.report(
                "\"answer\": \"any\" has one request of a flow at a time: leave \"window\" out, "
                    + "and use more \"flows\"", at: "window")
            return nil
        }
        if rule == .none, object.has("think") {
            object.report(
                "\"think\" is the time after an answer, and this sender awaits none: use a "
                    + "\"rate\"", at: "think")
            return nil
        }
        if rule == .echo, let complaint = echoComplaint(drafts) {
            object.report(complaint, at: object.has("answer") ? "answer" : "request")
            return nil
        }
        return RequestDefinition(
            name: first.name, templates: drafts.map(\.template), answer: rule, valid: checks)
    }

    private static func echoComplaint(_ drafts: [RequestDraft]) -> String? {
        for draft in drafts {
            let numbers = draft.template.pieces.count { $0.numberBits != nil }
            if numbers == 0 {
                return "echoes without a number cannot be told from each other: put {seq} into "
                    + "the request, or say in \"answer\" how its answer is told (\"any\", "
                    + "\"none\", a rule)"
            }
            if draft.template.hasOpenNumber {
                return "{seq} directly before another digit has no end in an echo: put a "
                    + "character between them"
            }
        }
        return nil
    }

    static func check(
        _ scenarios: [ScenarioDefinition], at root: JSONNode, _ problems: JSONProblems
    ) {
        guard case .array(let nodes)? = root["scenarios"]?.content else { return }
        for (scenario, node) in zip(scenarios, nodes) {
            guard case .array(let senders)? = node["senders"]?.content else { continue }
            for (sender, senderNode) in zip(scenario.senders, senders) {
                guard let request = sender.request else { continue }
                check(request, sender, at: senderNode, problems, timeoutNs: scenario.timeoutNs)
                checkPlace(
                    scenario, request, at: node, senderNode["request"] ?? senderNode, problems)
            }
        }
    }

    private static func check(
        _ request: RequestDefinition, _ sender: SenderDefinition, at node: JSONNode,
        _ problems: JSONProblems, timeoutNs: Int
    ) {
        guard request.numberBits == 16, let pps = sender.peakPps else { return }
        let outstanding = pps * Double(timeoutNs) / 1e9
        guard outstanding > Double(windowOf16Bits) else { return }
        problems.add(
            "a flow sends \(Int(outstanding)) requests within the timeout, and 16 bits tell "
                + "\(windowOf16Bits) of them: use more \"flows\", or {seq:be32}",
            at: node["rate"] ?? node)
    }

    /// Adds a problem where the run would not know what became of requests.
    private static func checkPlace(
        _ scenario: ScenarioDefinition, _ definition: RequestDefinition, at node: JSONNode,
        _ request: JSONNode, _ problems: JSONProblems
    ) {
        let usesResponder = scenario.networks.contains { $0.usesResponder }
        let responder = usesResponder ? scenario.responder : nil
        let own = responder?.own
        if let responder, let complaint = own.flatMap({ self.complaint($0, definition, scenario) })
        {
            problems.add(
                "\(complaint), and \(responder.name.quoted) is one: requests go to a "
                    + "\"command\", or to a service at the end of a \"path\"",
                at: request)
        }
        for network in scenario.networks {
            let name = network.name.quoted
            switch network.kind {
            case .loopback where own == nil, .between where own == nil, .path: continue
            case .namespace where scenario.senders.count > 1:
                problems.add(
                    "the kernel's rules cannot tell the requests in network \(name) from the "
                        + "datagrams of another sender: give them a scenario of their own",
                    at: request)
            case .emulated, .namespace, .loopback, .between: break
            }
            if scenario.warmUpNs > 0 {
                problems.add(
                    "requests are counted by their client on the way through \(name), and those "
                        + "of a \"warm_up\" cannot be told from the others: leave it out, or use "
                        + "a scenario before this one",
                    at: node["warm_up"] ?? node)
            }
        }
    }

    /// Returns the beginning of a sentence on a responder of udplab's own that does not take the
    /// requests; nil if it counts them.
    private static func complaint(
        _ own: OwnResponder, _ request: RequestDefinition, _ scenario: ScenarioDefinition
    ) -> String? {
        guard own.behaviour == .sink else {
            return "udplab's own responder answers probes only"
        }
        guard request.isOneWay else {
            return "a sink counts requests and answers none (\"answer\": \"none\")"
        }
        guard !scenario.isGroup, scenario.senders.allSatisfy({ $0.fleet == nil }) else {
            return "udplab's own responder counts the requests of one sender at one address"
        }
        return nil
    }
}
