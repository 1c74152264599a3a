import Datagrams
import Glibc
import Plans

/// What this host can do of networks of kind `namespace`, found by trying it: a kernel's version,
/// its modules and the sysctls of a distribution promise less than an attempt in a child process.
package struct NamespaceSupport: Codable, Sendable, Equatable {
    /// How a process of this user comes to a network namespace.
    package enum Way: String, Codable, Sendable {
        case root
        case userNamespace = "user_namespace"
        case none
    }

    package var way: Way
    /// Why there is none, in the words of the kernel.
    package var refusal: String?
    /// Programs that are missing, by name.
    package var missingPrograms: [String] = []
    /// Whether tc(8) can put these queues on an interface; nil where it could not be tried.
    package var hasTbf: Bool?
    package var hasNetem: Bool?
    /// Whether nft(8) can drop at random.
    package var hasRandomDrop: Bool?
    /// How tc(8) and nft(8) failed where the reason is another than the kernel's lack: by what was
    /// tried, `tbf`, `netem` or `nft`.
    package var failures: [String: String] = [:]

    package init(way: Way, refusal: String? = nil) {
        self.way = way
        self.refusal = refusal
    }

    /// Tries all of it, in some hundredths of a second, and leaves nothing.
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

    /// CAP_SYS_ADMIN over this host: without it the attempt went through a user namespace.
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

    /// Why a network cannot be made here and what to do about it; nil when it can.
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

/// Networks of a plan that this host cannot make.
package struct UnavailableNetworks: Sendable {
    /// Of those that the plan lets be left out, by name.
    package let reasons: [String: String]
    /// Whether the kernel has netem; false where no network asks for namespaces.
    package let hasNetem: Bool

    /// By name.
    package var sorted: [(network: String, reason: String)] {
        reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Why the others that cannot be made keep the plan from being started: a sentence each.
    package let refusals: [String]

    /// Looks at the host only when the plan has networks that it may lack.
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
