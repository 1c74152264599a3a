import Loops

/// The input for the system's programs that make a network, computed from an assignment.
///
/// ```
///   near                    middle                      far
///   senders ── udplab0 ═══ udplab1 ── udplab2 ═══ udplab3 ── responder
///              192.0.2.2   192.0.2.1  198.51.100.1  198.51.100.2
/// ```
///
/// The middle is the network and the two ends are hosts. A full queue at the sender's own interface
/// fails the send call (ENOBUFS with IP_RECVERR, ip(7)), and the sender would report a limit of its
/// own host; a queue in the middle drops silently, as a bottleneck of a real path does. The loss
/// rules are on input of the receiving end: on output the send call would fail with EPERM.
struct NetworkRecipe: Sendable {
    enum Side: String, Sendable, CaseIterable { case near, middle, far }

    /// An end of a cable.
    struct Interface: Sendable {
        let name: String
        let side: Side
        let peer: String
        /// The interface's addresses, reserved for documentation (RFC 5737, RFC 3849), so that a
        /// leak reaches no real host.
        let ipv4: String
        let ipv6: String
        let mac: String
    }

    static let interfaces = [
        Interface(
            name: "udplab0", side: .near, peer: "udplab1", ipv4: "192.0.2.2",
            ipv6: "2001:db8:1::2", mac: "02:00:00:00:00:00"),
        Interface(
            name: "udplab1", side: .middle, peer: "udplab0", ipv4: "192.0.2.1",
            ipv6: "2001:db8:1::1", mac: "02:00:00:00:00:01"),
        Interface(
            name: "udplab2", side: .middle, peer: "udplab3", ipv4: "198.51.100.1",
            ipv6: "2001:db8:2::1", mac: "02:00:00:00:00:02"),
        Interface(
            name: "udplab3", side: .far, peer: "udplab2", ipv4: "198.51.100.2",
            ipv6: "2001:db8:2::2", mac: "02:00:00:00:00:03"),
    ]
    static let farIPv4 = "198.51.100.2"
    static let farIPv6 = "2001:db8:2::2"

    /// The interface of a direction's queues, where it leaves the middle.
    static let forwardQueue = "udplab2"
    static let backwardQueue = "udplab1"

    /// The duration of a bottleneck's burst, which is sent at once.
    private static let burstSeconds = 0.001

    let assignment: NetworkAssignment
    let hasIPv6: Bool

    // MARK: - Interfaces (ip-link(8), ip-address(8), ip-neighbour(8))

    /// Returns the commands for the cables, to be run in the middle. `path` returns the path of a
    /// side's namespace.
    func cables(_ path: (Side) -> String) -> [String] {
        func end(_ interface: Interface) -> String {
            // Super-packets are segmented before they reach the cable, so that one datagram is one
            // packet for every counter, queue and rule.
            "\(interface.name) mtu \(assignment.mtuBytes) address \(interface.mac) gso_max_segs 1"
        }
        return Self.interfaces.filter { $0.side == .middle }.compactMap { own in
            guard let other = Self.interface(own.peer) else { return nil }
            return "link add \(end(own)) type veth peer name \(end(other)) netns "
                + path(other.side)
        }
    }

    /// Returns the addresses, neighbours and routes of one side, in a possible order.
    func addresses(of side: Side) -> [String] {
        Self.interfaces.filter { $0.side == side }.flatMap { own -> [String] in
            guard let peer = Self.interface(own.peer) else { return [] }
            // Known neighbours: a first burst would overflow the queue of packets that wait for
            // ARP.
            var lines = [
                "address add \(own.ipv4)/30 dev \(own.name)",
                "link set \(own.name) up",
                "neighbour replace \(peer.ipv4) lladdr \(peer.mac) nud permanent dev \(own.name)",
            ]
            if side != .middle { lines.append("route add default via \(peer.ipv4)") }
            // For a relay beside the senders, the loopback interface refuses datagrams that are too
            // long for the network behind the relay.
            if side == .near { lines.append("link set lo mtu \(assignment.mtuBytes)") }
            guard hasIPv6 else { return lines }
            lines += [
                "address add \(own.ipv6)/64 dev \(own.name) nodad",
                "neighbour replace \(peer.ipv6) lladdr \(peer.mac) nud permanent dev \(own.name)",
            ]
            if side != .middle { lines.append("route add default via \(peer.ipv6)") }
            return lines
        }
    }

    private static func interface(_ name: String) -> Interface? {
        interfaces.first { $0.name == name }
    }

    // MARK: - Switches of the kernel, under /proc/sys/net

    /// Returns the paths and values of the settings of one side.
    func switches(of side: Side) -> [(path: String, value: Int)] {
        switch side {
        case .near: return []
        case .middle:
            return [("ipv4/ip_forward", 1)]
                + (hasIPv6 ? [("ipv6/conf/all/forwarding", 1)] : [])
        case .far:
            guard let limit = assignment.icmpRatelimitMs else { return [] }
            return [("ipv4/icmp_ratelimit", limit)]
                + (hasIPv6 ? [("ipv6/icmp/ratelimit", limit)] : [])
        }
    }

    // MARK: - Queues (tc-tbf(8), tc-netem(8)), in the middle

    var queues: [String] {
        Self.queue(assignment.forward, on: Self.forwardQueue, mtuBytes: assignment.mtuBytes)
            + Self.queue(assignment.backward, on: Self.backwardQueue, mtuBytes: assignment.mtuBytes)
    }

    private static func queue(
        _ way: NetworkAssignment.Way, on name: String, mtuBytes: Int
    ) -> [String] {
        var lines: [String] = []
        var place = "root handle 1:"
        if way.usesNetem {
            var words = ["qdisc add dev \(name) \(place) netem limit \(netemPackets)"]
            if way.delayNs > 0 || way.jitterNs > 0 {
                words.append("delay \(microseconds(way.delayNs))")
            }
            if way.jitterNs > 0 { words.append(microseconds(way.jitterNs)) }
            if way.duplicatePerBillion > 0 {
                words.append("duplicate \(percent(way.duplicatePerBillion))")
            }
            lines.append(words.joined(separator: " "))
            place = "parent 1:1 handle 10:"
        }
        guard let rate = way.rateBitsPerSecond, let queueBytes = way.queueBytes else {
            return lines
        }
        // tbf never sends a packet that is larger than its burst.
        let packetBytes = mtuBytes + linkHeaderBytes
        let burst = max(2 * packetBytes, Int(Double(rate) / 8 * burstSeconds))
        lines.append(
            "qdisc add dev \(name) \(place) tbf rate \(rate)bit burst \(burst)b "
                // A packet is in the queue while it is sent: a shorter queue would drop all
                // packets.
                + "limit \(max(queueBytes, packetBytes))b"
        )
        return lines
    }

    /// The limit of netem's queue, which holds every delayed packet: enough for 100 kpps over ten
    /// seconds.
    private static let netemPackets = 1_000_000
    private static let linkHeaderBytes = 14

    private static func microseconds(_ ns: Int) -> String {
        "\(ns / 1_000).\(padded(ns % 1_000, 3))us"
    }

    private static func percent(_ perBillion: Int) -> String {
        "\(perBillion / 10_000_000).\(padded(perBillion % 10_000_000, 7))%"
    }

    private static func padded(_ value: Int, _ digits: Int) -> String {
        let text = "\(value)"
        return String(repeating: "0", count: digits - text.count) + text
    }

    // MARK: - Rules (nft(8))

    /// Whether the kernel drops on purpose, so that it has to count by stream.
    var counts: Bool {
        [assignment.forward, assignment.backward].contains {
            $0.rateBitsPerSecond != nil || $0.lossPerBillion > 0 || $0.usesNetem
        }
    }

    /// Returns the rules of one side; `nil` if there are none.
    func rules(of side: Side) -> String? {
        guard counts else { return nil }
        switch side {
        case .middle:
            return table(
                counter("forward_entered") + counter("backward_entered")
                    + [
                        "chain forward {", "type filter hook forward priority 0",
                        "iifname \"udplab1\" meta l4proto udp jump forward_entered",
                        "iifname \"udplab2\" meta l4proto udp jump backward_entered", "}",
                    ])
        case .near: return arrival("backward", assignment.backward, from: "udplab0")
        case .far: return arrival("forward", assignment.forward, from: "udplab3")
        }
    }

    private func arrival(
        _ direction: String, _ way: NetworkAssignment.Way, from interface: String
    ) -> String {
        let isCertain = way.lossPerBillion >= Self.billion
        let chance =
            isCertain ? "" : "numgen random mod \(Self.billion) < \(way.lossPerBillion) "
        let loss = way.lossPerBillion > 0 ? ["\(chance)jump \(direction)_lost"] : []
        return table(
            counter("\(direction)_arrived") + counter("\(direction)_lost", verdict: " drop")
                + [
                    "chain input {", "type filter hook input priority 0",
                    "iifname != \"\(interface)\" accept", "meta l4proto != udp accept",
                    "jump \(direction)_arrived",
                ] + loss + ["}"])
    }

    private static let billion = 1_000_000_000

    private func table(_ lines: [String]) -> String {
        (["table inet \(Self.table) {"] + lines + ["}", ""]).joined(separator: "\n")
    }

    /// Returns a chain that counts by stream: a probe's session is at byte 14 of its payload (RFC
    /// 8972), which begins 8 bytes behind the start of the UDP header; in bits, 176 and 16 long.
    private func counter(_ name: String, verdict: String = " return") -> [String] {
        let streams = assignment.streams.enumerated()
        return streams.map { "counter \(name)_\($0.offset) {}" } + ["counter \(name)_other {}"]
            + ["chain \(name) {"]
            + streams.map { index, sessions in
                (sessions == .all ? "" : "@th,176,16 \(sessions.first)-\(sessions.last) ")
                    + "counter name \(name)_\(index)" + verdict
            } + ["counter name \(name)_other\(verdict)", "}"]
    }

    static let table = "udplab"
}
