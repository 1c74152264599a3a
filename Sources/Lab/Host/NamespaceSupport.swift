import Datagrams
import Glibc
import Plans

/// The support of this host for networks of kind `namespace`, found by trying: a kernel's version,
/// its modules and the sysctls of a distribution are less reliable than an attempt in a child
/// process.
package struct NamespaceSupport: Codable, Sendable, Equatable {
    /// The way in which a process of this user can enter a network namespace.
    package enum Way: String, Codable, Sendable {
        case root
        case userNamespace = "user_namespace"
        case none
    }

    package var way: Way
    /// The reason why there is none, in the words of the kernel.
    package var refusal: String?
    /// The missing programs, by name.
    package var missingPrograms: [String] = []
    /// Whether tc(8) can put these queues on an interface; nil if it could not be tried.
    package var hasTbf: Bool?
    package var hasNetem: Bool?
    /// Whether nft(8) can drop at random.
    package var hasRandomDrop: Bool?
    /// The failures of tc(8) and nft(8) for another reason than missing kernel support: by the
    /// attempt, `tbf`, `netem` or `nft`.
    package var failures: [String: String] = [:]

    package init(way: Way, refusal: String? = nil) {
        self.way = way
        self.refusal = refusal
    }

    /// Tries everything, in some hundredths of a second, and leaves nothing behind.
    package static func probe() -> NamespaceSupport {
        var support: NamespaceSupport
        do {
            _ = try NetworkNamespace.attempt()
            support = NamespaceSupport(way: isAdministrator ? .root : .userNamespace)
        } catch {
            return NamespaceSupport(way: .none, refusal: error.errno.description)
        }
        support.missingPrograms = ["ip", "tc", "nft"].filter { SystemProgram.path($0) == nil }
        support.hasTbf = support.succeeds(
            "tbf", "tc", queue + ["tbf", "rate", "1mbit", "burst", "4kb", "limit", "4kb"])
        support.hasNetem = support.succeeds("netem", "tc", queue + ["netem", "delay", "1ms"])
        support.hasRandomDrop = support.succeeds("nft", "nft", [randomDrop])
        return support
    }

    private static let queue = ["qdisc", "add", "dev", "lo", "root"]
    private static let randomDrop = """
        table inet udplab {
        chain input {
        type filter hook input priority 0
        meta l4proto udp @th,176,16 1-2 numgen random mod 1000000000 < 1 counter drop
        }
        }
        """

    /// Whether this process has CAP_SYS_ADMIN over this host: without it the attempt used a user
    /// namespace.
    private static var isAdministrator: Bool {
        HostFacts.readingFiles().canAdministerSystem == true
    }

    private mutating func succeeds(
        _ what: String, _ program: String, _ words: [String]
    ) -> Bool? {
        guard let path = SystemProgram.path(program) else { return nil }
        do {
            let attempt = try NetworkNamespace.attempt([path] + words)
            if attempt.hasSucceeded || attempt.namesUnknown { return attempt.hasSucceeded }
            failures[what] = "\(program): \(attempt.failure)"
        } catch {
            failures[what] = "\(program): \(error)"
        }
        return nil
    }

    /// Returns the reason why a network cannot be made here, with advice; nil if it can.
    package func obstacle(to network: NamespaceNetwork) -> String? {
        if way == .none {
            return
                "this user may make no network namespaces here (\(refusal ?? "unknown")): run as "
                + "root, or switch user namespaces on (sysctl user.max_user_namespaces, "
                + "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"
        }
        let directions = network.directions
        let hasRate = directions.contains { $0.bottleneck != nil }
        let needsRules =
            directions.contains { !$0.ofKernel.isTransparent }
            || network.usesNetem(ifThere: hasNetem == true)
        var needed = ["ip"]
        if hasRate || network.usesNetem(ifThere: hasNetem == true) { needed.append("tc") }
        if needsRules { needed.append("nft") }
        let missing = needed.filter(missingPrograms.contains)
        if !missing.isEmpty {
            return
                "\(missing.joined(separator: " and ")) is not installed: install iproute2 for ip "
                + "and tc, nftables for nft"
        }
        if hasRate, let failure = failures["tbf"] {
            return
                "whether this kernel has tbf, which \"rate\" needs, could not be tried: \(failure)"
        }
        if needsRules, let failure = failures["nft"] {
            return "whether nft can drop at random here could not be tried: \(failure)"
        }
        if hasRate, hasTbf != true {
            return
                "this kernel has no tbf, which \"rate\" needs: load sch_tbf, or use a network of "
                + "kind \"emulated\""
        }
        if needsRules, hasRandomDrop != true {
            return
                "nft cannot count and drop at random here: load nf_tables and nft_numgen, or use "
                + "a network of kind \"emulated\""
        }
        return nil
    }
}

/// The networks of a plan that this host cannot make.
package struct UnavailableNetworks: Sendable {
    /// The reasons for networks that the plan allows to be skipped, by name.
    package let reasons: [String: String]
    /// Whether the kernel has netem; false if no network needs namespaces.
    package let hasNetem: Bool

    /// The reasons, sorted by name.
    package var sorted: [(network: String, reason: String)] {
        reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The reasons why the other networks that cannot be made keep the plan from being started: a
    /// sentence each.
    package let refusals: [String]

    /// Examines the host, but only if the plan has networks that the host may not support.
    package init(of plan: Plan, support: () -> NamespaceSupport = NamespaceSupport.probe) {
        var reasons: [String: String] = [:]
        var refusals: [String] = []
        var seen: Set<String> = []
        var found: NamespaceSupport?
        for network in plan.scenarios.flatMap(\.networks) {
            guard case .namespace(let definition) = network.kind,
                seen.insert(network.name).inserted
            else { continue }
            let host = found ?? support()
            found = host
            guard let reason = host.obstacle(to: definition) else { continue }
            guard definition.isSkippedWhereUnavailable else {
                refusals.append(
                    "network \"\(network.name)\": \(reason); or say \"when_unavailable\": "
                        + "\"skip\" there")
                continue
            }
            reasons[network.name] = reason
        }
        self.reasons = reasons
        self.refusals = refusals
        hasNetem = found?.hasNetem == true
    }
}
