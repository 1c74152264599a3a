import Datagrams
import Glibc
import Load
import Plans

/// Checks of a plan against this host, before the first datagram is sent. `run` refuses the whole
/// plan because of them, and `check` reports them.
package struct StartChecks: Sendable {
    /// The reasons why the plan cannot be started here: a sentence each.
    package let obstacles: [String]
    /// The networks whose runs are skipped, because the plan allows that.
    package let unavailable: UnavailableNetworks
    let targets: PathTargets
    let plan: Plan

    /// Checks a plan.
    /// - Parameter resolvesNames: Whether the name service is asked; `run` always does.
    package init(
        of plan: Plan, clockResolutionNs: Int64 = LinuxClock.resolutionNs,
        resolvesNames: Bool = true,
        support: () -> NamespaceSupport = NamespaceSupport.probe
    ) {
        self.plan = plan
        unavailable = UnavailableNetworks(of: plan, support: support)
        targets = PathTargets(of: plan, resolvesNames: resolvesNames)
        obstacles =
            [HostRefusal.ofSupervision().map { "\($0)" }, Self.descriptorLimit(plan)]
            .compactMap(\.self)
            + Self.clockLimits(plan, resolutionNs: clockResolutionNs) + Self.sessionLimits(plan)
            + unavailable.refusals + targets.refusals + HostConsent.missing(in: plan)
            + Self.namespaceLimits(plan, without: unavailable)
    }

    /// Checks the obstacles.
    /// - Throws: If the plan cannot be started here: with all reasons.
    package func passed() throws(StartError) {
        guard obstacles.isEmpty else { throw StartError(obstacles.joined(separator: "\n")) }
    }

    /// Checks the number of descriptors, before any other check opens one.
    /// - Throws: If one process would need more descriptors than permitted.
    package static func checkDescriptors(_ plan: Plan) throws(StartError) {
        if let limit = descriptorLimit(plan) { throw StartError(limit) }
    }

    // MARK: - The plan as a whole

    private static func descriptorLimit(_ plan: Plan) -> String? {
        let needed = PlanBudget.of(plan).descriptorsNeeded
        var limit = rlimit()
        // An unknown limit is noticed when it is reached.
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return nil
        }
        // Workers inherit the soft limit, which every process may raise to the hard limit.
        if limit.rlim_cur < UInt(needed), limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(UInt(needed), limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        guard limit.rlim_cur < UInt(needed) else { return nil }
        return
            "the plan needs \(needed) file descriptors in one process and the limit is "
            + "\(limit.rlim_cur): raise it (ulimit -n \(needed)), or use fewer flows"
    }

    /// Returns sentences on bounds below the clock's resolution, whose steps would decide them.
    private static func clockLimits(_ plan: Plan, resolutionNs: Int64) -> [String] {
        plan.scenarios.flatMap { scenario in
            scenario.thresholds.compactMap { threshold in
                let isTime = [.time, .signedTime].contains(threshold.figure.dimension)
                let bound = abs(threshold.value)
                guard isTime, bound > 0, bound < Double(resolutionNs) else { return nil }
                return
                    "the threshold \"\(threshold.text)\" of scenario \"\(scenario.name)\" is "
                    + "finer than this host's clock, which moves in steps of "
                    + "\(resolutionNs) ns: use a coarser one, or another clock source (see "
                    + "/sys/devices/system/clocksource)"
            }
        }
    }

    private static func sessionLimits(_ plan: Plan) -> [String] {
        plan.scenarios.compactMap { scenario in
            let sessions = scenario.senders.reduce(0) {
                $0 + $1.flows * (scenario.warmUpNs > 0 ? 2 : 1)
            }
            guard sessions >= 1 << 16 else { return nil }
            return
                "scenario \"\(scenario.name)\" has more flows than there are session numbers: "
                + "\(sessions) of 65,535 (a warm-up counts its flows again); use fewer"
        }
    }

    // MARK: - Networks

    private static func namespaceLimits(
        _ plan: Plan, without unavailable: UnavailableNetworks
    ) -> [String] {
        var found: [String] = []
        for scenario in plan.scenarios {
            for network in scenario.networks where unavailable.reasons[network.name] == nil {
                guard case .namespace(let made) = network.kind,
                    let address = scenario.responder?.address
                else { continue }
                let name = "scenario \"\(scenario.name)\" on network \"\(network.name)\""
                let isIPv6 = address.text.hasPrefix("[")
                if isIPv6, !NetworkNamespace.canHaveIPv6(mtuBytes: made.mtuBytes) {
                    found.append("\(name): \(RunNetwork.noIPv6(address))")
                }
            }
        }
        return found
    }
}

extension NamespaceNetwork {
    /// Returns the size of the IP and UDP headers (RFC 791, RFC 8200, RFC 768).
    package static func headerBytes(isIPv6: Bool) -> Int { isIPv6 ? 40 + 8 : 20 + 8 }

    /// Returns the reason why datagrams of a payload cannot cross the network; nil if they can.
    /// Nothing is fragmented there, so that one datagram is one packet for every counter, queue and
    /// rule.
    fileprivate func obstacle(toBytes bytes: Int, isIPv6: Bool, _ advice: String) -> String? {
        let limit = mtuBytes - Self.headerBytes(isIPv6: isIPv6)
        guard bytes > limit else { return nil }
        return
            "a payload of \(bytes) B does not fit the \"mtu\" of \(mtuBytes) "
            + "(EMSGSIZE): the limit is \(limit) B; \(advice), or the network a larger \"mtu\""
    }
}

// MARK: - What a single run finds out

extension StartChecks {
    /// Returns the failures of runs if they began now: a responder's port that another program has,
    /// a command that is missing. `run` finds them when the run begins, because they may change
    /// until then.
    package static func foreseen(_ plan: Plan) -> [String] {
        ofResponders(plan) + ofPayloads(plan)
    }

    /// Returns sentences on payloads too large for a namespace network: the other streams of the
    /// plan run.
    private static func ofPayloads(_ plan: Plan) -> [String] {
        plan.scenarios.flatMap { scenario in
            scenario.networks.flatMap { network -> [String] in
                guard case .namespace(let made) = network.kind else { return [] }
                let isIPv6 = scenario.responder?.address.text.hasPrefix("[") ?? false
                let name = "scenario \"\(scenario.name)\" on network \"\(network.name)\""
                let ofSenders = scenario.senders.map { sender in
                    made.obstacle(
                        toBytes: sender.payloadBytes, isIPv6: isIPv6,
                        "give sender \"\(sender.name)\" a smaller \"payload\"")
                }
                let ofAnswers = scenario.responder.flatMap { responder in
                    made.obstacle(
                        toBytes: responder.own?.replyBytes ?? 0, isIPv6: isIPv6,
                        "give responder \"\(responder.name)\" a smaller \"reply_payload\"")
                }
                return (ofSenders + [ofAnswers]).compactMap(\.self).map { "\(name): \($0)" }
            }
        }
    }

    /// Sentences on payloads that leave this host in several packets each, by the MTU of the
    /// interface towards the network's address.
    package var fragmented: [String] {
        plan.scenarios.flatMap { scenario in
            scenario.networks.flatMap { network -> [String] in
                guard let target = targets.addresses[network.name],
                    let mtuBytes = DatagramSocket.pathMTUBytes(to: target)
                else { return [] }
                let limit = mtuBytes - NamespaceNetwork.headerBytes(isIPv6: target.family == .ipv6)
                return scenario.senders.filter { $0.payloadBytes > limit }.map { sender in
                    "sender \"\(sender.name)\" on network \"\(network.name)\": a payload of "
                        + "\(sender.payloadBytes) B leaves in fragments, of which each may be lost "
                        + "and the datagram with it: the MTU of \(mtuBytes) takes \(limit) B"
                }
            }
        }
    }

    private static func ofResponders(_ plan: Plan) -> [String] {
        var seen: Set<String> = []
        return plan.scenarios.flatMap { scenario -> [String] in
            guard let responder = scenario.responder,
                scenario.networks.contains(where: \.usesResponder),
                seen.insert(responder.name).inserted
            else { return [] }
            var found: [String] = []
            if case .command(let command) = responder.kind,
                let program = command.words(host: responder.address.hostText, port: 0).first,
                let errno = ProcessControl.obstacle(toStarting: program)
            {
                found.append("responder \"\(responder.name)\": cannot start \(program): \(errno)")
            }
            let isOfHost = scenario.networks.contains {
                $0.usesResponder && !$0.isNamespace && $0.hostPath == nil
            }
            do throws(StartError) {
                if isOfHost { try RunTarget.tryBinding(responder.address) }
            } catch {
                found.append("responder \"\(responder.name)\": \(error)")
            }
            return found
        }
    }
}
