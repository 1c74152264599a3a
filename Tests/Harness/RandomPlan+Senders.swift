/// What a random plan sends.
extension RandomPlan {
    mutating func sendersText() -> String {
        if responder == .chat {
            senders = ["members"]
            lengthsMs = [400]
            let threads = further(0.2) ? #", "threads": 1"# : ""
            return """
                { "name": "members", "flows": \(number(1...12)), "rate": "10pps", \
                "payload": "\(number(16...200))B", "duration": "400ms", "max_burst": 12\(threads) }
                """
        }
        let count = number(1...3)
        return (0..<count).map { index in
            let isStrike = index > 0 ? chance(0.3) : instances == 1 && further(0.1)
            return isStrike && responder != .stamp ? strikeText() : probesText(isFirst: index == 0)
        }.joined(separator: ",\n      ")
    }

    private mutating func probesText(isFirst: Bool) -> String {
        let name = "probes\(senders.count + 1)"
        senders.append(name)
        let flows = isFirst ? max(instances, number(1...6)) : number(1...4)
        let isMax = chance(0.15)
        var members = titled(
            [
                "\"name\": \"\(name)\"", "\"flows\": \(flows)",
                "\"payload\": \"\(payload(pick([16, 20, 23, 24, 31, 32, 44, 64, 160, 1_200])))B\"",
            ], title())
        let request = requestText()
        if let request {
            members.removeAll { $0.hasPrefix("\"payload\"") }
            members += request
        }
        if further(0.2), request == nil { members.append(#""verify": true"#) }
        if isMax {
            isQuiet = false
            members.append(#""rate": "max""#)
            if chance(0.5), responder == .echo || responder == .stamp {
                members.append("\"window\": \(number(1...64))")
            }
            if responder != .sink { members += thinkMembers() }
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
        if chance(0.3) {
            members.append("\"on_reset\": \(policyText())")
            isQuiet = false
        }
        if chance(0.2) { members.append("\"timestamps\": \"\(pick(["kernel", "user"]))\"") }
        if chance(0.2) {
            let offload = offloadText()
            if request == nil { members.append("\"offload\": \(offload)") }
        }
        if chance(0.2) {
            let start = pick(["1", "4294967290", "4294967296", "1000000000000"])
            if responder != .stamp { members.append("\"start_sequence\": \(start)") }
        }
        return object(members + headerTexts())
    }

    /// Users who think between an answer and their next request.
    private mutating func thinkMembers() -> [String] {
        guard service.chance(0.4) else { return [] }
        let mean = "\"\(Int.random(in: 1...20, using: &service))ms\""
        return service.chance(0.5)
            ? ["\"think\": \(mean)"]
            : [#""think": { "mean": \#(mean), "kind": "exponential" }"#]
    }

    /// How the datagrams are sent: a third of the senders say it.
    private mutating func headerTexts() -> [String] {
        var members: [String] = []
        if header.chance(0.3) {
            let names = ["0", "46", "\"EF\"", "\"AF41\"", "\"LE\"", "63"]
            members.append("\"dscp\": \(names[Int.random(in: 0..<6, using: &header)])")
        }
        if header.chance(0.2) {
            let marks = ["not-ect", "ect0", "ect1"]
            members.append("\"ecn\": \"\(marks[Int.random(in: 0..<3, using: &header)])\"")
        }
        if header.chance(0.1) {
            members.append("\"ttl\": \(Int.random(in: 2...255, using: &header))")
        }
        if header.chance(0.1) { members.append(#""send_buffer": "64KiB""#) }
        if header.chance(0.1) {
            members.append("\"start_after\": \"\(Int.random(in: 0...200, using: &header))ms\"")
        }
        return members
    }

    /// Requests in place of probes, where somebody else's echo answers them.
    private mutating func requestText() -> [String]? {
        guard network == .path || network == .loopback && responder == .command,
            latest.chance(0.4)
        else { return nil }
        let requests = [
            #"{ "text": "q{seq} {random:9} {time:ms}" }"#,
            #"{ "hex": "71 {seq:be16} 00 {random:3}" }"#,
            #"[ { "text": "q{seq:be32}" }, { "text": "q{seq:be32} and more" } ]"#,
        ]
        let rules: [[String]] = [
            [], [#""answer": "echo""#],
            [#""valid": [ { "at": 0, "mask": "0xdf", "equals": "Q" } ]"#],
        ]
        return ["\"request\": \(requests[Int.random(in: 0..<3, using: &latest)])"]
            + rules[Int.random(in: 0..<3, using: &latest)]
    }

    private mutating func offloadText() -> String {
        let knobs = ["sendmmsg", "recvmmsg", "gso", "gro"].filter { _ in chance(0.6) }
        return object(
            knobs.map { knob in
                let setting = pick(["auto", "on", "off"])
                let isRefused = responder == .stamp && ["gso", "gro"].contains(knob)
                return "\"\(knob)\": \"\(isRefused && setting == "on" ? "off" : setting)\""
            })
    }

    /// Returns a size that a STAMP packet can have, where the responder is a reflector.
    private func payload(_ bytes: Int) -> Int {
        guard responder == .stamp else { return bytes }
        let least = extensions.reduce(44) { $0 + ($1 == "direct-measurement" ? 16 : 8) }
        return bytes >= least + 4 ? bytes : least
    }

    private mutating func strikeText() -> String {
        let name = "strikes\(senders.count + 1)"
        senders.append(name)
        isQuiet = false
        let length = number(100...400)
        let burst = number(1...8)
        let pps = number(10...200)
        var members = [
            "\"name\": \"\(name)\"", #""kind": "hit-and-run""#, "\"rate\": \"\(pps)pps\"",
            "\"burst\": \(burst)",
            "\"payload\": \"\([16, 20, 64, 64, 64, 1_200][further(0...5)])B\"",
        ]
        if further(0.3) {
            let count = further(1...max(1, pps / 4))
            members.append("\"count\": \(count)")
            lengthsMs.append(count * 1_000 / pps)
        } else {
            members.append("\"duration\": \"\(length)ms\"")
            lengthsMs.append(length)
        }
        if instances == 1, further(0.3) { members.append("\"flows\": \(further(2...3))") }
        if further(0.2) { members.append(#""start_sequence": 4294967290"#) }
        if further(0.2) { members.append(#""verify": true"#) }
        return object(members)
    }
}
