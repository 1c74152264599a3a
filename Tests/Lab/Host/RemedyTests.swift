import Testing

@testable import Lab

/// What `Doctor` says to mend each finding.
@Suite struct RemedyTests {
    /// A machine with one fault, and what is said to mend it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let mend: String?
        let persistent: String?
        let place: Remedy.Place?
        let needsRoot: Bool
        let spoil: @Sendable (inout HostFacts) -> Void

        init(
            _ name: String, _ mend: String?, keep persistent: String? = nil,
            _ place: Remedy.Place? = .here, root needsRoot: Bool = true,
            _ spoil: @escaping @Sendable (inout HostFacts) -> Void
        ) {
            self.name = name
            self.mend = mend
            self.persistent = persistent
            self.place = mend == nil ? nil : place
            self.needsRoot = mend != nil && needsRoot
            self.spoil = spoil
        }

        var testDescription: String { "\(name): \(mend ?? "nothing")" }
    }

    private static let sysctls = "/etc/sysctl.d/90-udplab.conf"
    private static let limits = "/etc/security/limits.d/90-udplab.conf"
    private static let modules = "/etc/modules-load.d/udplab.conf"
    private static let governors = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"

    private static let machine = [
        Fault("kernel", nil) { $0.kernel = "4.19.0" },
        Fault("processors", nil) { ($0.cpus, $0.cpusAllowed) = (2, 2) },
        Fault("processors", "taskset -cp 0-7 $$", root: false) { $0.cpusAllowed = 1 },
        Fault("processors", "docker run --cpuset-cpus 0-7 IMAGE", .container, root: false) {
            ($0.container, $0.cpusAllowed) = ("docker", 1)
        },
        Fault("processor quota", "systemd-run --scope /opt/udplab run PLAN") { $0.cpuQuota = 0.5 },
        Fault("processor quota", "podman run --cpus 8 IMAGE", .container, root: false) {
            ($0.container, $0.cpuQuota) = ("podman", 0.5)
        },
        Fault(
            "frequency", "echo performance | tee \(governors)",
            keep: "echo 'w \(governors) - - - - performance' >> /etc/tmpfiles.d/udplab.conf"
        ) { $0.cpuGovernor = "powersave" },
        Fault("virtual machine", nil) { $0.isVirtualMachine = true },
        Fault("container", nil) { $0.container = "docker" },
        Fault("load", nil) { $0.loadAverage = 7 },
        Fault("clock", nil) { ($0.clockSource, $0.clockSources) = ("hpet", ["hpet"]) },
        Fault(
            "clock",
            "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"
        ) { ($0.clockSource, $0.clockSources) = ("hpet", ["tsc", "hpet"]) },
        Fault("clock resolution", nil) { $0.clockResolutionNs = 4_000_000 },
    ]

    private static let sockets = [
        Fault(
            "receive buffer", "sysctl -w net.core.rmem_max=8388608",
            keep: "printf '%s\\n' net.core.rmem_max=8388608 >> \(sysctls)"
        ) { $0.rmemMax = 212_992 },
        Fault(
            "receive buffer", "sysctl -w net.core.rmem_max=8388608",
            keep: "printf '%s\\n' net.core.rmem_max=8388608 >> \(sysctls)", .host
        ) { ($0.container, $0.areSysctlsReadOnly, $0.rmemMax) = ("docker", true, 212_992) },
        Fault("receive buffer", "sysctl -w net.core.rmem_max=8388608") {
            ($0.container, $0.areSysctlsReadOnly, $0.rmemMax) = ("docker", false, 212_992)
        },
        Fault("drop counter", nil) { $0.receiveDrops = false },
        Fault("error queue", nil) { $0.errorQueue = false },
        Fault("receive timestamps", nil) { $0.receiveTimestamps = false },
        Fault("udp_segment", nil) { $0.udpSegment = false },
        Fault("udp_gro", nil) { $0.udpGro = false },
        Fault("sendmmsg", nil) { $0.sendmmsg = false },
        Fault(
            "sendmmsg", "docker run --security-opt seccomp=unconfined IMAGE", .container,
            root: false
        ) { ($0.container, $0.sendmmsg) = ("docker", false) },
        Fault(
            "recvmmsg", "docker run --security-opt seccomp=unconfined IMAGE", .container,
            root: false
        ) { ($0.container, $0.recvmmsg) = ("docker", false) },
        Fault("waits", nil) { $0.waitCall = "epoll_pwait" },
        Fault(
            "waits", "docker run --security-opt seccomp=unconfined IMAGE", .container, root: false
        ) { ($0.container, $0.waitCall) = ("docker", "ppoll") },
        Fault(
            "open files", "ulimit -n 4096", keep: "echo '* - nofile 4096' >> \(limits)",
            root: false
        ) { ($0.openFilesMax, $0.openFilesHardMax) = (256, 65_536) },
        Fault(
            "open files", "prlimit --pid $$ --nofile=4096:4096",
            keep: "echo '* - nofile 4096' >> \(limits)"
        ) { ($0.openFilesMax, $0.openFilesHardMax) = (256, 256) },
        Fault(
            "open files", "docker run --ulimit nofile=4096:4096 IMAGE", .container, root: false
        ) { ($0.container, $0.openFilesMax, $0.openFilesHardMax) = ("docker", 256, 256) },
        Fault(
            "processes", "ulimit -u 1024", keep: "echo '* - nproc 1024' >> \(limits)", root: false
        ) { ($0.processesMax, $0.processesHardMax) = (100, 4096) },
    ]

    private static let network = [
        Fault(
            "resets", "sysctl -w net.ipv4.icmp_ratelimit=0",
            keep: "printf '%s\\n' net.ipv4.icmp_ratelimit=0 >> \(sysctls)"
        ) { $0.icmpRatelimit = 1000 },
        Fault(
            "resets", "docker run --sysctl net.ipv4.icmp_ratelimit=0 IMAGE", .container,
            root: false
        ) { ($0.container, $0.areSysctlsReadOnly, $0.icmpRatelimit) = ("docker", true, 1000) },
        Fault(
            "ipv6 loopback", "sysctl -w net.ipv6.conf.lo.disable_ipv6=0",
            keep: "printf '%s\\n' net.ipv6.conf.lo.disable_ipv6=0 >> \(sysctls)"
        ) { ($0.ipv6Loopback, $0.ipv6Disabled) = (false, 1) },
        Fault("ipv6 loopback", "ip address add ::1/128 dev lo") {
            ($0.ipv6Loopback, $0.ipv6Disabled) = (false, 0)
        },
        Fault("ipv6 loopback", "modprobe ipv6", keep: "echo 'ipv6' >> \(modules)") {
            $0.ipv6Loopback = false
        },
        Fault("ports", "setcap cap_net_bind_service+ep /opt/udplab") {
            $0.unprivilegedPortStart = 1024
        },
        Fault("ports", "setcap cap_net_bind_service+ep '/home/a b/it'\\''s'") {
            ($0.unprivilegedPortStart, $0.programPath) = (1024, "/home/a b/it's")
        },
        Fault(
            "ports", "docker run --cap-add NET_BIND_SERVICE IMAGE", .container, root: false
        ) { ($0.container, $0.unprivilegedPortStart) = ("docker", 1024) },
        Fault("ports", nil) { ($0.container, $0.unprivilegedPortStart) = ("kubernetes", 1024) },
    ]

    private static let namespaces = [
        Fault(
            "network namespaces",
            "sysctl -w user.max_user_namespaces=15000 kernel.unprivileged_userns_clone=1",
            keep: "printf '%s\\n' user.max_user_namespaces=15000 "
                + "kernel.unprivileged_userns_clone=1 >> \(sysctls)"
        ) {
            $0.readFiles {
                [
                    "/proc/sys/user/max_user_namespaces": "0",
                    "/proc/sys/kernel/unprivileged_userns_clone": "0",
                ][$0]
            }
            let read = $0
            $0 = .unobstructed
            ($0.userNamespaces, $0.userNamespaceSettings) = (
                read.userNamespaces, read.userNamespaceSettings
            )
        },
        Fault("network namespaces", "sudo /opt/udplab run PLAN") {
            $0.namespaces = NamespaceSupport(way: .none, refusal: "EPERM")
        },
        Fault(
            "network namespaces", "docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN IMAGE",
            .container, root: false
        ) {
            $0.container = "docker"
            $0.namespaces = NamespaceSupport(way: .none, refusal: "EPERM")
        },
        Fault("network namespaces", "apt-get install -y nftables iproute2") {
            $0.namespaces = Self.root { $0.missingPrograms = ["ip", "tc", "nft"] }
        },
        Fault("network namespaces", "dnf install -y iproute") {
            $0.installer = "dnf"
            $0.namespaces = Self.root { $0.missingPrograms = ["tc"] }
        },
        Fault("network namespaces", "modprobe sch_tbf", keep: "echo 'sch_tbf' >> \(modules)") {
            $0.namespaces = Self.root { $0.hasTbf = false }
        },
        Fault(
            "network namespaces", "modprobe sch_netem", keep: "echo 'sch_netem' >> \(modules)",
            .host
        ) {
            $0.container = "docker"
            $0.namespaces = Self.root { $0.hasNetem = false }
        },
        Fault(
            "network namespaces", "modprobe nft_numgen", keep: "echo 'nft_numgen' >> \(modules)"
        ) { $0.namespaces = Self.root { $0.hasRandomDrop = false } },
        Fault("network namespaces", nil) {
            $0.namespaces = Self.root { $0.failures = ["nft": "nft: it failed"] }
        },
    ]

    private static func root(_ spoil: (inout NamespaceSupport) -> Void) -> NamespaceSupport {
        var support = NamespaceSupport(way: .root)
        (support.hasTbf, support.hasNetem, support.hasRandomDrop) = (true, true, true)
        spoil(&support)
        return support
    }

    @Test(
        "each fault has the command that mends it, or the reason why none does",
        arguments: machine + sockets + network + namespaces)
    func remedy(_ fault: Fault) throws {
        var facts = HostFacts.unobstructed
        facts.programPath = "/opt/udplab"
        fault.spoil(&facts)
        let id = fault.name.replacing(" ", with: "_")
        let finding = try #require(Doctor.report(facts).first { $0.id == id })
        #expect(finding.level != .ok)
        #expect(finding.mend == fault.mend)
        #expect(finding.mendPersistent == fault.persistent)
        #expect(finding.mendPlace == fault.place)
        #expect(finding.needsRoot == fault.needsRoot)
        #expect((finding.unmendable == nil) == (finding.mend != nil))
        let lines = Doctor.text([finding]).split(separator: "\n").map { $0.drop { $0 == " " } }
        if let mend = fault.mend {
            #expect(lines.contains(mend[...]), "a command stays on one line")
        } else {
            #expect(lines.contains { $0.hasPrefix("No command mends it: ") })
        }
        if let persistent = fault.persistent { #expect(lines.contains(persistent[...])) }
        let marked = lines.contains { $0.hasPrefix("To mend it") && $0.contains("needs root") }
        #expect(marked == fault.needsRoot)
    }

    @Test func everyFindingWithAConsequenceIsInTheTable() {
        let faults = Self.machine + Self.sockets + Self.network + Self.namespaces
        let tried = Set(faults.map { $0.name.replacing(" ", with: "_") })
        var facts = HostFacts.unobstructed
        (facts.cpuQuota, facts.processesMax, facts.icmpRatelimit) = (1, 100, 1000)
        (facts.container, facts.isVirtualMachine, facts.clockResolutionNs) = ("lxc", true, 9_999)
        let known = Set(Doctor.report(facts).map(\.id))
        #expect(known.subtracting(tried) == ["timer_slack"])
    }

    @Test func whatIsNotKnownOrGoodHasNoCommand() {
        #expect(Doctor.report(HostFacts()).allSatisfy { $0.mend == nil && $0.unmendable != nil })
        #expect(
            Doctor.report(.unobstructed).allSatisfy { $0.mend == nil && $0.unmendable == nil })
    }
}
