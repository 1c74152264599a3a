import Impairment
import Plans

/// Findings on clocks, sockets, the network's rules and the privileges of this process.
extension Doctor {
    // MARK: - Time

    static func time(_ facts: HostFacts) -> [Finding] {
        [clock(facts), resolution(facts), slack(facts)].compactMap { $0 }
    }

    /// The clock sources that are read without a system call (vdso(7)): x86, Arm, KVM, Hyper-V.
    static let quickClocks: Set<String> = [
        "tsc", "arch_sys_counter", "kvm-clock", "hyperv_clocksource_tsc_page", "riscv_clocksource",
    ]

    private static func clock(_ facts: HostFacts) -> Finding {
        let name = "clock"
        guard let source = facts.clockSource else {
            return Finding(.note, name, unknown, "Whether reading the time is cheap is not known.")
        }
        guard quickClocks.contains(source) else {
            return Finding(
                .limit, name, source,
                "Reading the time is a system call of a microsecond or so here: two for every "
                    + "datagram, which lowers the highest rates and blurs latencies below 10 us.",
                facts.quickClock)
        }
        return Finding(.ok, name, source, "Reading the time costs some 20 ns.")
    }

    private static func resolution(_ facts: HostFacts) -> Finding? {
        guard let resolution = facts.clockResolutionNs, resolution > 1000 else { return nil }
        return Finding(
            .limit, "clock resolution", "\(resolution) ns",
            "No latency below it can be told from zero.", .newerKernel)
    }

    private static func slack(_ facts: HostFacts) -> Finding? {
        guard let slack = facts.timerSlackNs else { return nil }
        let value = "\(slack / 1000) us"
        return Finding(
            .ok, "timer slack", value,
            "A sleeping thread may wake up so much later; the pacing threads set their own to 1 ns."
        )
    }

    // MARK: - Sockets

    /// The space of a datagram of up to a few hundred bytes in a receive buffer: the kernel counts
    /// the whole `skb`, not the payload (seen on 5.10 to 6.18).
    private static let smallDatagramBytes = 768
    /// The size of a buffer for 100 kpps over 50 ms.
    private static let comfortableBufferBytes = 2 << 20

    static func sockets(_ facts: HostFacts) -> [Finding] {
        [
            receiveBuffer(facts),
            option(
                "drop counter", facts.receiveDrops,
                "What full receive buffers refuse is counted (SO_MEMINFO): it is never taken for "
                    + "loss of the network.",
                .limit,
                "What full receive buffers refuse is not counted (SO_MEMINFO, Linux 4.12): where "
                    + "anything is missing a run is inconclusive."),
            option(
                "sendmmsg", facts.sendmmsg, "Up to 64 datagrams leave with one call.",
                .note, "Refused: each datagram is a call of its own, by sendmsg.",
                facts.refusedCall),
            option(
                "recvmmsg", facts.recvmmsg, "Up to 64 datagrams arrive with one call.",
                .note, "Refused: each datagram is a call of its own, by recvmsg.",
                facts.refusedCall),
            waiting(facts),
            option(
                "error queue", facts.errorQueue,
                "Every reset is attributed to its datagram, and a full local queue is told apart "
                    + "from network loss.",
                .limit,
                "A full queue on this host looks like loss in the network, and resets are counted "
                    + "but not attributed."),
            option(
                "receive timestamps", facts.receiveTimestamps,
                "Arrival can be the moment when the kernel got the datagram; at a rate it is.",
                .note,
                "Arrival is the moment when the program gets the datagram: latency includes the "
                    + "wait for a processor."),
            option(
                "UDP_SEGMENT", facts.udpSegment,
                "Up to 64 datagrams leave with one call: the highest rates are in reach.",
                .note, "Every datagram costs the kernel a pass of its own: the top rate is lower."),
            option(
                "UDP_GRO", facts.udpGro,
                "A burst arrives with one call.",
                .note, "Every datagram is received for itself: the top rate is lower."),
            openFiles(facts), processes(facts),
        ].compactMap { $0 }
    }

    private static func option(
        _ name: String, _ has: Bool?, _ whenThere: String, _ level: Finding.Level,
        _ whenMissing: String, _ remedy: Remedy = .newerKernel
    ) -> Finding {
        switch has {
        case true?: Finding(.ok, name, "yes", whenThere)
        case false?: Finding(level, name, "no", whenMissing, remedy)
        case nil: Finding(.note, name, unknown, "It could not be tried: no socket could be made.")
        }
    }

    private static func waiting(_ facts: HostFacts) -> Finding? {
        guard let call = facts.waitCall else { return nil }
        let name = "waits"
        return switch call {
        case "epoll_pwait2":
            Finding(.ok, name, call, "They end within microseconds of their time.")
        case "ppoll":
            Finding(
                .note, name, call,
                "epoll_pwait2 is missing (Linux before 5.11) or refused: each wait is two calls.",
                facts.refusedCall)
        default:
            Finding(
                .limit, name, call,
                "epoll_pwait2 and ppoll are missing or refused: waits last whole milliseconds, and "
                    + "paced senders may miss slots.", facts.refusedCall)
        }
    }

    private static func receiveBuffer(_ facts: HostFacts) -> Finding {
        let name = "receive buffer"
        if facts.receiveBufferForce == true {
            return Finding(
                .ok, name, "as large as a plan needs",
                "SO_RCVBUFFORCE goes past net.core.rmem_max here.")
        }
        guard let bytes = facts.rmemMax else {
            return Finding(
                .note, name, unknown, "What a socket is granted stands in the report of each run.")
        }
        // socket(7): the kernel doubles the requested size, for its own bookkeeping.
        let datagrams = bytes * 2 / smallDatagramBytes
        let pauseMs = Double(datagrams) / 100
        let holds =
            "It holds some \(datagrams) small datagrams: at 100 kpps a reader that pauses for "
            + "\(tenths(pauseMs)) ms loses the next ones (they are counted as overflow, not as loss)."
        guard bytes < comfortableBufferBytes else {
            return Finding(.ok, name, "at most \(bytes / 1024) KiB", holds)
        }
        return Finding(
            .limit, name, "at most \(bytes / 1024) KiB",
            holds,
            facts.setting("net.core.rmem_max=\(comfortableBufferBytes * 4)", hasOwn: false))
    }

    /// The open files besides one socket per flow: streams, pipes, logs, epoll.
    private static let otherFiles = 64

    /// The open files for a few thousand flows.
    private static let comfortableFiles = 4_096

    private static func openFiles(_ facts: HostFacts) -> Finding? {
        guard let limit = facts.openFilesMax else { return nil }
        let flows = max(0, limit - otherFiles)
        guard flows < 1000 else {
            return Finding(
                .ok, "open files", "\(limit)", "One worker can have some \(flows) flows.")
        }
        return Finding(
            .limit, "open files", "\(limit)",
            "Every flow is a socket: one worker can have some \(flows).",
            facts.limit(
                "n", "nofile", to: comfortableFiles, hardMax: facts.openFilesHardMax))
    }

    /// The processes and threads of a user besides those of a plan with many senders.
    private static let comfortableProcesses = 1_024

    private static func processes(_ facts: HostFacts) -> Finding? {
        guard let limit = facts.processesMax else { return nil }
        // getrlimit(2), RLIMIT_NPROC: it does not hold for root.
        guard facts.isRoot != true, limit < comfortableProcesses else {
            return Finding(
                .ok, "processes", limit < 1 << 31 ? "\(limit)" : "unlimited",
                "Workers and their threads can be started.")
        }
        return Finding(
            .limit, "processes", "\(limit)",
            "All processes and threads of this user count: workers may fail to start.",
            facts.limit(
                "u", "nproc", to: comfortableProcesses, hardMax: facts.processesHardMax))
    }

    // MARK: - The network

    static func network(_ facts: HostFacts) -> [Finding] {
        [resets(facts), ipv6(facts)].compactMap { $0 }
    }

    private static func resets(_ facts: HostFacts) -> Finding? {
        guard let interval = facts.icmpRatelimit else { return nil }
        let messages = facts.icmpMsgsPerSec.map { ", \($0)/s in all" } ?? ""
        guard interval > 0 else {
            return Finding(
                .ok, "resets", "unlimited\(messages)",
                "This host answers every datagram to a closed port.")
        }
        return Finding(
            .note, "resets", "one in \(interval) ms\(messages)",
            "Off loopback this host answers six datagrams to a closed port and then one in "
                + "\(interval) ms: a dead service looks like silence, and times say more than "
                + "counts.",
            facts.setting("net.ipv4.icmp_ratelimit=0", hasOwn: true))
    }

    private static func ipv6(_ facts: HostFacts) -> Finding? {
        option(
            "IPv6 loopback", facts.ipv6Loopback, "Plans may use [::1].",
            .limit, "Plans that use [::1] cannot run.", facts.switchOfIPv6)
    }

    // MARK: - Privileges

    static func privileges(_ facts: HostFacts) -> [Finding] {
        [namespaces(facts), ports(facts)].compactMap { $0 }
    }

    private static func namespaces(_ facts: HostFacts) -> Finding {
        let name = "network namespaces"
        if let support = facts.namespaces { return namespaces(support, facts) }
        if facts.canAdministerSystem == true {
            return Finding(.ok, name, "yes", "Networks of the kind `namespace` can be made.")
        }
        return switch facts.userNamespaces {
        case true?:
            Finding(
                .ok, name, "yes, inside a user namespace",
                "Networks of the kind `namespace` can be made without root.")
        case false?:
            Finding(
                .limit, name, "no",
                "Networks of the kind `namespace` need root here, or user namespaces switched on.",
                facts.permissionOfNamespaces)
        case nil:
            Finding(.note, name, unknown, "Networks of the kind `namespace` may need root.")
        }
    }

    /// Returns the result of trying namespaces, and not only what the sysctls promise.
    private static func namespaces(_ support: NamespaceSupport, _ facts: HostFacts) -> Finding {
        let name = "network namespaces"
        var everything = NamespaceNetwork()
        everything.forward.bottleneck = Bottleneck(bitsPerSecond: 1_000_000, queueBytes: 1 << 16)
        everything.forward.loss = .bernoulli(probability: Probability(0.01))
        if let obstacle = support.obstacle(to: everything) {
            return Finding(
                .limit, name, support.way == .none ? "no" : "not all of it",
                "Networks of the kind `namespace`: \(obstacle).",
                remedy(support, facts))
        }
        let value = support.way == .root ? "yes" : "yes, inside a user namespace"
        guard support.hasNetem == true else {
            return Finding(
                .note, name, value,
                "Networks of the kind `namespace` can be made. This kernel has no netem: delay, "
                    + "jitter, reordering and duplication are the relay's in them.",
                facts.module("sch_netem"))
        }
        return Finding(
            .ok, name, value,
            "Networks of the kind `namespace` can be made, with all that they may have.")
    }

    /// The remedy of the first obstacle that `NamespaceSupport.obstacle` names.
    private static func remedy(_ support: NamespaceSupport, _ facts: HostFacts) -> Remedy {
        if support.way == .none { return facts.permissionOfNamespaces }
        let missing = support.missingPrograms
        if !missing.isEmpty {
            let packages = [
                missing.contains("nft") ? "nftables" : nil,
                missing == ["nft"] ? nil : "iproute2",
            ]
            return facts.package(packages.compactMap { $0 })
        }
        if !support.failures.isEmpty { return .none("the attempt itself failed") }
        return support.hasTbf == true ? facts.module("nft_numgen") : facts.module("sch_tbf")
    }

    private static func ports(_ facts: HostFacts) -> Finding? {
        guard let first = facts.unprivilegedPortStart, let may = facts.canBindPrivilegedPorts
        else { return nil }
        guard !may && first > 0 else {
            return Finding(.ok, "ports", "all", "A responder may have any port.")
        }
        return Finding(
            .note, "ports", "from \(first)",
            "A responder below port \(first) needs root or CAP_NET_BIND_SERVICE.",
            facts.permissionOfPorts)
    }
}
