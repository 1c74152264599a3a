import Datagrams

/// The facts from /proc and /sys. They are read through a function, so that a test can substitute
/// other machines.
extension HostFacts {
    /// Reads the files.
    /// - Parameter read: returns the text of the file at a path, `nil` if there is none.
    mutating func readFiles(_ read: (String) -> String?) {
        readProcessor(read)
        readNetwork(read)
        readPrivileges(read)
        memoryBytes = read("/proc/meminfo").flatMap {
            KernelFile.kibibytes(of: "MemTotal", in: $0).map { $0 * 1024 }
        }
        loadAverage = Self.words(read("/proc/loadavg")).first.flatMap { Double($0) }
        let clocks = "/sys/devices/system/clocksource/clocksource0"
        clockSource = Self.words(read("\(clocks)/current_clocksource")).first
        clockSources = read("\(clocks)/available_clocksource").map { Self.words($0) }
        timerSlackNs = Self.integer(read("/proc/self/timerslack_ns"))
        container = Self.container(read)
    }

    private mutating func readProcessor(_ read: (String) -> String?) {
        if let information = read("/proc/cpuinfo") {
            cpuModel = Self.value(of: "model name", in: information)
            // Only x86 lists its flags under this name; elsewhere the fact is unknown.
            isVirtualMachine = Self.value(of: "flags", in: information).map {
                Self.words($0).contains("hypervisor")
            }
        }
        cpuGovernor =
            Self.words(
                read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
            ).first
        let group = ControlGroup(reading: read)
        cpuQuota = group.processors
        cpuThrottledPeriods = group.throttling?.periods
    }

    private mutating func readNetwork(_ read: (String) -> String?) {
        // The files under `core` are missing in a network namespace on older kernels.
        rmemMax = Self.integer(read("/proc/sys/net/core/rmem_max"))
        rmemDefault = Self.integer(read("/proc/sys/net/core/rmem_default"))
        wmemMax = Self.integer(read("/proc/sys/net/core/wmem_max"))
        icmpRatelimit = Self.integer(read("/proc/sys/net/ipv4/icmp_ratelimit"))
        icmpMsgsPerSec = Self.integer(read("/proc/sys/net/ipv4/icmp_msgs_per_sec"))
        ipv6Disabled = Self.integer(read("/proc/sys/net/ipv6/conf/lo/disable_ipv6"))
        unprivilegedPortStart = Self.integer(read("/proc/sys/net/ipv4/ip_unprivileged_port_start"))
    }

    private mutating func readPrivileges(_ read: (String) -> String?) {
        if let status = read("/proc/self/status"),
            let text = Self.value(of: "CapEff", in: status), let set = UInt64(text, radix: 16)
        {
            // The numbers of linux/capability.h.
            let (netBindService, netAdmin, sysAdmin) = (10, 12, 21)
            canBindPrivilegedPorts = set >> netBindService & 1 == 1
            canAdministerNetwork = set >> netAdmin & 1 == 1
            canAdministerSystem = set >> sysAdmin & 1 == 1
        }
        // Without the first file the kernel has no user namespaces; the other two are switches of
        // Debian and Ubuntu and absent elsewhere.
        guard let namespacesMax = Self.integer(read("/proc/sys/user/max_user_namespaces")) else {
            return
        }
        let allowed = Self.integer(read("/proc/sys/kernel/unprivileged_userns_clone")) ?? 1
        let restricted =
            Self.integer(read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")) ?? 0
        // The maximum is the kernel's own on a machine with some gigabytes (sysctl user).
        userNamespaceSettings = [
            namespacesMax > 0 ? nil : "user.max_user_namespaces=15000",
            allowed != 0 ? nil : "kernel.unprivileged_userns_clone=1",
            restricted == 0 ? nil : "kernel.apparmor_restrict_unprivileged_userns=0",
        ].compactMap { $0 }
        userNamespaces = userNamespaceSettings?.isEmpty
    }

    private static func container(_ read: (String) -> String?) -> String? {
        if read("/var/run/secrets/kubernetes.io/serviceaccount/namespace") != nil {
            return "kubernetes"
        }
        if read("/run/.containerenv") != nil { return "podman" }
        if read("/.dockerenv") != nil { return "docker" }
        // Only root may read it: systemd and lxc name the container in the first process's
        // environment.
        let variables = read("/proc/1/environ")?.split(separator: "\0") ?? []
        return variables.first { $0.hasPrefix("container=") }
            .map { String($0.dropFirst("container=".count)) }
    }

    private static func words(_ text: String?) -> [String] {
        text?.split(whereSeparator: \.isWhitespace).map(String.init) ?? []
    }

    private static func integer(_ text: String?) -> Int? {
        words(text).first.flatMap { Int($0) }
    }

    /// Returns the text behind the colon of the first line `name : value`.
    private static func value(of name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2, words(String(halves[0])).joined(separator: " ") == name {
                return words(String(halves[1])).joined(separator: " ")
            }
        }
        return nil
    }
}
